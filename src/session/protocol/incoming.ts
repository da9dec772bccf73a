/**
 * The receiving half of a stream, on both sides: counts, and determines what is new, what is a repetition, and what to
 * acknowledge.
 *
 *     taken ≤ given, seen ≤ given, told ≤ taken, told ≤ seen
 *
 * Messages between `taken` and `given` are still in the application or the store. After a resumption the peer sends
 * them again; they are counted, but not delivered again.
 */
import { MOST_IN_TRANSIT } from './outgoing.js'

export interface Incoming {
  /** Number of the last message on this connection, or of the last one before it. */
  readonly seen: number
  /** Number of the last message given to the application. */
  readonly given: number
  /** Position of `given`: the size in bytes of all messages up to it. */
  readonly givenAt: number
  /** Number of the last processed message: the application has handled it, and the store has recorded that. */
  readonly taken: number
  readonly takenAt: number
  /** Number of the last message acknowledged to the peer. */
  readonly told: number
  readonly toldAt: number
}

/** @param taken Number of the last message that the store has recorded as processed. */
export function incoming(taken = 0): Incoming {
  return { seen: taken, given: taken, givenAt: 0, taken, takenAt: 0, told: taken, toldAt: 0 }
}

/** A new connection, which starts by telling the peer `taken`. */
export function rejoin(stream: Incoming): Incoming {
  const { taken, takenAt } = stream
  return { ...stream, seen: taken, told: taken, toldAt: takenAt }
}

/** Whether the peer may send a message now: not with `window` or more unacknowledged bytes. */
export function mayArrive({ seen, given, givenAt, toldAt }: Incoming, window: number): boolean {
  return seen < given || givenAt - toldAt < window
}

/**
 * A message of `size` bytes arrived. It is new if `given` has increased.
 *
 * @param count More than one only if all are new and allowed by `mayArrive`; `size` is their total.
 */
export function arrive(stream: Incoming, size: number, count = 1): Incoming {
  const { seen, given, givenAt, taken, takenAt, told, toldAt } = stream
  return seen < given
    ? { seen: seen + 1, given, givenAt, taken, takenAt, told, toldAt }
    : { seen: seen + count, given: given + count, givenAt: givenAt + size, taken, takenAt, told, toldAt }
}

/** Everything up to `number` is processed; `at` is the `givenAt` of the state that delivered it. */
export function take(stream: Incoming, number: number, at: number): Incoming {
  if (number <= stream.taken) return stream
  const { seen, given, givenAt, told, toldAt } = stream
  return { seen, given, givenAt, taken: number, takenAt: at, told, toldAt }
}

/** Whether there is something new to acknowledge. Messages must have arrived on this connection first. */
export function isUntold({ seen, taken, told }: Incoming): boolean {
  return Math.min(seen, taken) > told
}

/** Whether so many messages of so many bytes together are enough to acknowledge them at once. */
export function isMuch(count: number, size: number, window: number): boolean {
  return size >= window / 4 || count >= MOST_IN_TRANSIT / 4
}

/** Records that everything processed has been acknowledged, up to the new `told`. */
export function tell(stream: Incoming): Incoming {
  return { ...stream, told: Math.min(stream.seen, stream.taken), toldAt: stream.takenAt }
}
