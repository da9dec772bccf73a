/** When to acknowledge, on both sides: at once if there is much to acknowledge, otherwise after a delay. */
import { type Incoming, isMuch, isUntold, tell } from './incoming.js'
import type { Acknowledge } from './wire.js'

/** Longest delay before something new is acknowledged, in ms. */
export const ACKNOWLEDGE_WITHIN = 200

/** Feed `acknowledge` within `ACKNOWLEDGE_WITHIN` ms. One timer is enough: ignored while one is running. */
export interface AcknowledgeLater {
  readonly type: 'acknowledge-later'
}

const later: AcknowledgeLater = { type: 'acknowledge-later' }

/** What to do after `before` has become `now`. */
export function acknowledge(
  before: Incoming,
  now: Incoming,
  window: number,
): Acknowledge | AcknowledgeLater | undefined {
  if (isMuch(now.taken - now.told, now.takenAt - now.toldAt, window)) return acknowledgeNow(now)
  return isUntold(now) && !isUntold(before) ? later : undefined
}

/** Acknowledges everything now: the delay is over, or a pause follows. */
export function acknowledgeNow(now: Incoming): Acknowledge | undefined {
  return isUntold(now) ? { type: 'acknowledge', number: tell(now).told } : undefined
}
