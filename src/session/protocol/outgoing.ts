/**
 * The sending half of a stream, the same on both sides: numbers and bytes only. The messages themselves are held by the
 * shell, which is told what to transmit and what to forget. A step costs the same however many are held.
 *
 *     acked ≤ sent ≤ kept
 *
 * A position is the sum of the bytes of all messages up to a number; only differences of positions mean anything.
 */

export interface Outgoing {
  /** Last number that the peer has taken over. Everything up to it is forgotten. */
  readonly acked: number
  /** Position of `acked`. */
  readonly ackedAt: number
  /** Last number transmitted on this connection. */
  readonly sent: number
  /** Position of `sent`. */
  readonly sentAt: number
  /** Last number that this side's own store holds for good: nothing beyond it may be transmitted. */
  readonly kept: number
}

/** The position of a message that is held, or of `acked`. */
export type Positions = (number: number) => number

/** Transmit the held messages `from` to `to`, in order. */
export interface Transmit {
  readonly type: 'transmit'
  readonly from: number
  readonly to: number
}

/** @param acked Last number that the peer is known to have taken over; `kept` the last that the store holds. */
export function outgoing(acked = 0, ackedAt = 0, kept = acked): Outgoing {
  return { acked, ackedAt, sent: acked, sentAt: ackedAt, kept }
}

/** The store holds everything up to `number`. */
export function keep(stream: Outgoing, number: number): Outgoing {
  if (number <= stream.kept) return stream
  const { acked, ackedAt, sent, sentAt } = stream
  return { acked, ackedAt, sent, sentAt, kept: number }
}

/**
 * As much of what is kept and not sent as the window lets through: a side that has `window` bytes unacknowledged sends
 * no more. One message may reach beyond it, or one larger than the window could never be sent.
 */
export function fill(stream: Outgoing, window: number, at: Positions): Outgoing {
  const { acked, ackedAt, kept } = stream
  let { sent, sentAt } = stream
  while (sent < kept && sentAt - ackedAt < window) sentAt = at(++sent)
  return sent === stream.sent ? stream : { acked, ackedAt, sent, sentAt, kept }
}

/** Whether the peer may acknowledge `number` now: something new, and nothing that it was not sent. */
export function mayAcknowledge(stream: Outgoing, number: number): boolean {
  return number > stream.acked && number <= stream.sent
}

/** The peer has taken over everything up to `number`. */
export function acknowledged(stream: Outgoing, number: number, at: Positions): Outgoing {
  return { ...stream, acked: number, ackedAt: at(number) }
}

/** Whether a new connection may go on after `received`, the peer's word. */
export function mayResume(stream: Outgoing, received: number): boolean {
  return received >= stream.acked && received <= stream.kept
}

/** A new connection: what comes after `received` is sent again. */
export function resume(stream: Outgoing, received: number, at: Positions): Outgoing {
  return outgoing(received, at(received), stream.kept)
}

/** What has been transmitted between the two states. */
export function transmitted(before: Outgoing, after: Outgoing): Transmit | undefined {
  return after.sent > before.sent ? { type: 'transmit', from: before.sent + 1, to: after.sent } : undefined
}
