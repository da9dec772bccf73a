/** Excludes a position from type inference, as NoInfer does in newer compilers. */
export type Taken<T> = [T][T extends unknown ? 0 : never]
