/** A type that is taken, and not guessed, where the compiler infers type arguments. */
export type Taken<T> = [T][T extends unknown ? 0 : never]
