/**
 * The sending half of a stream, on both sides: numbers and bytes only. The shell holds the messages, and is told what
 * to transmit and what to remove. A step takes the same time however many messages are held.
 *
 *     acked ≤ sent ≤ kept
 *
 * A position is the size in bytes of all messages up to a number; only differences of positions have a meaning.
 */

export interface Outgoing {
  /** Last number that the peer has acknowledged. Everything up to it is removed. */
  readonly acked: number
  /** Position of `acked`. */
  readonly ackedAt: number
  /** Last number transmitted on this connection. */
  readonly sent: number
  /** Position of `sent`. */
  readonly sentAt: number
  /** Last number that this side has stored: nothing after it may be transmitted. */
  readonly kept: number
}

/**
 * Largest number of unacknowledged messages. Bytes alone would allow as many small ones as they like, which cost the
 * peer far more than their bytes.
 */
export const MOST_IN_TRANSIT = 4_096

/** Returns the position of a held message, or of `acked`. */
export type Positions = (number: number) => number

/** Transmit the held messages `from` to `to`, in order. */
export interface Transmit {
  readonly type: 'transmit'
  readonly from: number
  readonly to: number
}

/** @param acked Last number that the peer has acknowledged; `kept` is the last stored one. */
export function outgoing(acked = 0, ackedAt = 0, kept = acked): Outgoing {
  return { acked, ackedAt, sent: acked, sentAt: ackedAt, kept }
}

/** The store has everything up to `number`. */
export function keep(stream: Outgoing, number: number): Outgoing {
  if (number <= stream.kept) return stream
  const { acked, ackedAt, sent, sentAt } = stream
  return { acked, ackedAt, sent, sentAt, kept: number }
}

/**
 * Transmits stored messages as far as the window allows: not with `window` or more unacknowledged bytes, or
 * `MOST_IN_TRANSIT` messages. The last message may exceed the window; otherwise a message larger than the window could
 * never be sent.
 */
export function fill(stream: Outgoing, window: number, at: Positions): Outgoing {
  const { acked, ackedAt, kept } = stream
  let { sent, sentAt } = stream
  while (sent < kept && sent - acked < MOST_IN_TRANSIT && sentAt - ackedAt < window) sentAt = at(++sent)
  return sent === stream.sent ? stream : { acked, ackedAt, sent, sentAt, kept }
}

/** Whether the peer may acknowledge `number` now: it must be new, and have been sent. */
export function mayAcknowledge(stream: Outgoing, number: number): boolean {
  return number > stream.acked && number <= stream.sent
}

/** The peer has acknowledged everything up to `number`. */
export function acknowledged(stream: Outgoing, number: number, at: Positions): Outgoing {
  return { ...stream, acked: number, ackedAt: at(number) }
}

/** Whether a new connection can continue after `received`, the number that the peer gave. */
export function mayResume(stream: Outgoing, received: number): boolean {
  return received >= stream.acked && received <= stream.kept
}

/** A new connection: everything after `received` is sent again. */
export function resume(stream: Outgoing, received: number, at: Positions): Outgoing {
  return outgoing(received, at(received), stream.kept)
}

/** What was transmitted between the two states. */
export function transmitted(before: Outgoing, after: Outgoing): Transmit | undefined {
  return after.sent > before.sent ? { type: 'transmit', from: before.sent + 1, to: after.sent } : undefined
}
