/** What something costs, without a clock: how many elements the methods of arrays had to touch for it. */

const methods = [
  ...(['slice', 'splice', 'shift', 'unshift', 'filter', 'map', 'flatMap', 'reduce', 'concat'] as const),
  ...(['find', 'findIndex', 'indexOf', 'some', 'every', 'forEach'] as const),
] as const

type Method = (this: unknown[], ...args: unknown[]) => unknown

/** Counts while `run` does. */
export function touched(run: () => void): number {
  let count = 0
  const prototype = Array.prototype as unknown as Record<string, Method>
  const real = methods.map((name) => prototype[name]!)
  for (const [i, name] of methods.entries())
    prototype[name] = function (...args) {
      count += 1 + this.length
      return Reflect.apply(real[i]!, this, args)
    }
  try {
    run()
  } finally {
    for (const [i, name] of methods.entries()) prototype[name] = real[i]!
  }
  return count
}

/** How much more twice as many cost; 2 where each costs the same. */
export function growth(run: (n: number) => () => void, n = 4_000): number {
  return (touched(run(2 * n)) + n) / (touched(run(n)) + n)
}
