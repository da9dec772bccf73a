/** What a component keeps from one render to the next. */
import { useState } from 'react'

/**
 * As `useMemo` with the dependencies `of`, and kept for certain: hot reload makes everything anew that `useMemo` has
 * made, and would cut the connection with each change of a file.
 */
export function useKept<T>(make: () => T, ...of: readonly unknown[]): T {
  const [kept, keep] = useState(() => ({ value: make(), of }))
  if (of.every((one, index) => one === kept.of[index])) return kept.value
  const next = { value: make(), of }
  // the component is rendered again at once, and with what a discarded render has made nothing happens
  keep(next)
  return next.value
}
