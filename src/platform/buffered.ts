/** Which messages a platform socket still holds, as far as its `bufferedAmount` tells. */
import type { Message } from '../delivery/outbox.js'
import { copyOf, payloadSize, type Sendable } from '../delivery/payload.js'

/** Remembers what was handed over. The amounts are those of `bufferedAmount`. */
export interface Buffered {
  /** What to hand over for `data`: a copy where the class reads it later than at once. */
  take(data: Sendable): Sendable
  /** A message was handed over: the amount just before, and just after. */
  add(message: Message, before: number, after: number): void
  /** What is known not to have been sent, oldest first. */
  unsent(amount: number): readonly Message[]
  /** The amount is 0: nothing needs to be remembered. */
  forget(): void
}

/** The least of `#many`. */
const MANY = 1_024

interface Handed {
  readonly message: Message
  /** What it adds to the amount while the platform holds it; rather more than less. */
  readonly cost: number
}

/** Of the engines' own classes: they hold the latest of what was handed over. WHATWG WebSockets, "bufferedAmount". */
export class Latest implements Buffered {
  #handed: Handed[] = []
  /** How many may be remembered before it is looked which of them need to be. */
  #many = MANY

  take(data: Sendable): Sendable {
    return data
  }

  add(message: Message, before: number, after: number): void {
    if (before === 0 && this.#handed.length > 0) this.#handed = []
    // gone at once: nothing stays in memory
    if (after === 0) return
    const added = after - before
    // some engines count the headers of frames, though the standard has none
    const cost = added > 0 || payloadSize(message.data) === 0 ? added : Infinity
    this.#handed.push({ message: { ...message, data: copyOf(message.data) }, cost })
    if (this.#handed.length > this.#many) this.#thin(after)
  }

  unsent(amount: number): readonly Message[] {
    const handed = this.#handed
    let held = amount
    let first = handed.length
    while (first > 0) {
      const { cost } = handed[first - 1]!
      // an empty message leaves no trace, and counts only in front of one that is held
      if (!(held > 0 && cost <= held)) break
      held -= cost
      first--
    }
    return handed.slice(first).map(({ message }) => message)
  }

  forget(): void {
    this.#handed = []
  }

  /** Drops what has been transmitted, where the platform is never idle. */
  #thin(amount: number): void {
    let held = 0
    let first = this.#handed.length - 1
    while (first > 0 && held < amount) held += this.#handed[first--]!.cost
    this.#handed = this.#handed.slice(first)
    // looked at again when as many have come: a burst costs the same for each message
    this.#many = Math.max(MANY, 2 * this.#handed.length)
  }
}

/**
 * Of classes over a stream of Node's, `ws` and Node's own among them: they count a write that is under way until all of
 * it is through, and the next write takes all that has waited. So only what came since the amount was last seen to
 * shrink is certainly here.
 */
export class WholeWrites implements Buffered {
  #handed: Message[] = []
  #amount = 0

  take(data: Sendable): Sendable {
    return copyOf(data)
  }

  add(message: Message, before: number, after: number): void {
    if (before !== this.#amount || before === 0) this.#handed = []
    this.#amount = after
    // where nothing waited, it is being written
    if (before > 0) this.#handed.push(message)
  }

  unsent(amount: number): readonly Message[] {
    return amount === this.#amount ? this.#handed : []
  }

  forget(): void {
    this.#handed = []
    this.#amount = 0
  }
}
