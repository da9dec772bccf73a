/** Values that a component keeps between renders. */
import { useState } from 'react'

/**
 * Like `useMemo` with the dependencies `of`, but never discarded: hot reload discards the values of `useMemo`, which would
 * cut the connection on each change of a file. `make` is passed the value that it replaces.
 */
export function useKept<T>(make: (before?: T) => T, ...of: readonly unknown[]): T {
  const [kept, keep] = useState(() => ({ value: make(), of }))
  if (of.every((one, index) => one === kept.of[index])) return kept.value
  const next = { value: make(kept.value), of }
  // the component renders again immediately, and a discarded render has no effects
  keep(next)
  return next.value
}
