/** When to acknowledge, the same on both sides: at once where it is much, a little later where it is not. */
import { type Incoming, isMuch, isUntold, tell } from './incoming.js'
import type { Acknowledge } from './wire.js'

/** Longest time for which something new is not acknowledged, in ms. */
export const ACKNOWLEDGE_WITHIN = 200

/** Feed `acknowledge` within `ACKNOWLEDGE_WITHIN` ms. One timer does: where one runs, there is nothing to do. */
export interface AcknowledgeLater {
  readonly type: 'acknowledge-later'
}

const later: AcknowledgeLater = { type: 'acknowledge-later' }

/** After `before` has become `now`. */
export function acknowledge(
  before: Incoming,
  now: Incoming,
  window: number,
): Acknowledge | AcknowledgeLater | undefined {
  if (!isUntold(now)) return undefined
  if (isMuch(now, window)) return acknowledgeNow(now)
  return isUntold(before) ? undefined : later
}

/** What there is, now: the time is over, or a pause follows. */
export function acknowledgeNow(now: Incoming): Acknowledge | undefined {
  return isUntold(now) ? { type: 'acknowledge', number: tell(now).told } : undefined
}
