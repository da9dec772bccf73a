/** When a server asks clients to come back. Not trusted: the caller limits it. */

/** `Retry-After` in ms (RFC 9110 section 10.2.3): seconds, or a date. `undefined` for anything else. */
export function retryAfter(value: string | undefined, now: number): number | undefined {
  if (value === undefined) return undefined
  if (/^\d+$/.test(value)) return Number(value) * 1_000
  // some parsers take a number that is no valid count of seconds for a date
  const date = /[a-z]/i.test(value) ? Date.parse(value) : NaN
  return Number.isNaN(date) ? undefined : Math.max(0, date - now)
}

/** A close reason that holds JSON `{"retryAfterMs": n}`. `undefined` for anything else. */
export function askedByReason(reason: string): number | undefined {
  try {
    const { retryAfterMs } = JSON.parse(reason) as { retryAfterMs?: unknown }
    return typeof retryAfterMs === 'number' && retryAfterMs >= 0 ? retryAfterMs : undefined
  } catch {
    return undefined
  }
}
