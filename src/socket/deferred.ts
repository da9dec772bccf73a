/**
 * A promise with its resolve and reject functions. Created only on request, so that a rejection never goes unhandled.
 */
export interface Deferred<T> {
  readonly promise: Promise<T>
  resolve(value: T): void
  reject(error: unknown): void
}

export function defer<T>(): Deferred<T> {
  let handles!: Pick<Deferred<T>, 'resolve' | 'reject'>
  const promise = new Promise<T>((resolve, reject) => {
    handles = { resolve, reject }
  })
  return { promise, ...handles }
}
