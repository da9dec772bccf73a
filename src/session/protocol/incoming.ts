/**
 * The receiving half of a stream, the same on both sides: it counts, and says what is new, what came before, and what
 * to acknowledge.
 *
 *     taken ≤ given, seen ≤ given, told ≤ taken, told ≤ seen
 *
 * Messages between `taken` and `given` are in the application's hands, or in the store's. After a resumption the peer
 * sends them again; they are counted, and given to nobody.
 */

export interface Incoming {
  /** Number of the last message that came on this connection, or that this connection began after. */
  readonly seen: number
  /** Last number given to the application. */
  readonly given: number
  /** Position of `given`: the bytes of all messages so far. */
  readonly givenAt: number
  /** Last number taken over for good: the application has handled it, and the store has noted that. */
  readonly taken: number
  readonly takenAt: number
  /** Last number acknowledged to the peer. */
  readonly told: number
  readonly toldAt: number
}

/** @param taken Last number that the store has noted as taken over. */
export function incoming(taken = 0): Incoming {
  return { seen: taken, given: taken, givenAt: 0, taken, takenAt: 0, told: taken, toldAt: 0 }
}

/** A new connection, on which the peer is told `taken` at once. */
export function rejoin(stream: Incoming): Incoming {
  const { taken, takenAt } = stream
  return { ...stream, seen: taken, told: taken, toldAt: takenAt }
}

/** Whether the peer may send a message now: one that has `window` bytes unacknowledged may not. */
export function mayArrive({ seen, given, givenAt, toldAt }: Incoming, window: number): boolean {
  return seen < given || givenAt - toldAt < window
}

/**
 * A message of `size` bytes came. It is new where `given` has grown.
 * @param count More than one only where all are new, and each of them might arrive: `size` is that of all.
 */
export function arrive(stream: Incoming, size: number, count = 1): Incoming {
  const { seen, given, givenAt, taken, takenAt, told, toldAt } = stream
  return seen < given
    ? { seen: seen + 1, given, givenAt, taken, takenAt, told, toldAt }
    : { seen: seen + count, given: given + count, givenAt: givenAt + size, taken, takenAt, told, toldAt }
}

/** Everything up to `number` is taken over for good; `at` is the `givenAt` of the state that gave it. */
export function take(stream: Incoming, number: number, at: number): Incoming {
  if (number <= stream.taken) return stream
  const { seen, given, givenAt, told, toldAt } = stream
  return { seen, given, givenAt, taken: number, takenAt: at, told, toldAt }
}

/** Whether there is something new to acknowledge. Nothing is, before it has come on this connection. */
export function isUntold({ seen, taken, told }: Incoming): boolean {
  return Math.min(seen, taken) > told
}

/** Whether it is so much that it should be acknowledged at once. */
export function isMuch({ takenAt, toldAt }: Incoming, window: number): boolean {
  return takenAt - toldAt >= window / 4
}

/** What is untold has been acknowledged: its number is `told` from now on. */
export function tell(stream: Incoming): Incoming {
  return { ...stream, told: Math.min(stream.seen, stream.taken), toldAt: stream.takenAt }
}
