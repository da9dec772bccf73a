/** Which messages a platform socket still holds, as far as its `bufferedAmount` shows. */
import type { Message } from '../delivery/outbox.js'
import { copyOf, payloadSize, type Sendable } from '../delivery/payload.js'

/** Remembers the messages that were handed over. Amounts are values of `bufferedAmount`. */
export interface Buffered {
  /** What to hand over for `data`: a copy, if the class reads it later or would refuse it. */
  take(data: Sendable): Sendable
  /** A message was handed over; the amounts just before and just after. */
  add(message: Message, before: number, after: number): void
  /** The messages that are known not to have been sent, oldest first. */
  unsent(amount: number): readonly Message[]
  /** The amount is 0: nothing has to be remembered. */
  forget(): void
}

/** The smallest value of `#many`. */
const MANY = 1_024

interface Handed {
  readonly message: Message
  /** How much it adds to the amount while the platform holds it; never an underestimate. */
  readonly cost: number
}

/** For the engines' own classes: they hold the latest messages. WHATWG WebSockets, "bufferedAmount". */
export class Latest implements Buffered {
  #handed: Handed[] = []
  /** Number of remembered messages at which those already sent are removed. */
  #many = MANY

  take(data: Sendable): Sendable {
    const { buffer = data } = data as { readonly buffer?: unknown }
    // engines refuse memory that is shared or resizable; older ones do not say what is neither
    return (buffer as { readonly resizable?: boolean }).resizable === false ? data : copyOf(data)
  }

  add(message: Message, before: number, after: number): void {
    if (before === 0 && this.#handed.length > 0) this.#handed = []
    // sent at once: keep nothing in memory
    if (after === 0) return
    const added = after - before
    // some engines also count frame headers, contrary to the standard
    const cost = added > 0 || payloadSize(message.data) === 0 ? added : Infinity
    const data = copyOf(message.data)
    this.#handed.push({ message: data === message.data ? message : { ...message, data }, cost })
    if (this.#handed.length > this.#many) this.#thin(after)
  }

  unsent(amount: number): readonly Message[] {
    const handed = this.#handed
    let held = amount
    let first = handed.length
    while (first > 0) {
      const { cost } = handed[first - 1]!
      // an empty message does not change the amount: it counts only if it precedes one that is held
      if (!(held > 0 && cost <= held)) break
      held -= cost
      first--
    }
    return handed.slice(first).map(({ message }) => message)
  }

  forget(): void {
    this.#handed = []
  }

  /** Forgets messages that have been sent, for platforms that are never idle. */
  #thin(amount: number): void {
    let held = 0
    let first = this.#handed.length - 1
    while (first > 0 && held < amount) held += this.#handed[first--]!.cost
    this.#handed = this.#handed.slice(first)
    // doubled, so that a burst costs the same per message
    this.#many = Math.max(MANY, 2 * this.#handed.length)
  }
}

/**
 * For classes over a Node stream, such as `ws` and Node's own: the amount includes a pending write until all of it is
 * done, and the next write takes everything that waited. So only messages added since the amount last shrank are known
 * not to have been sent.
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
    // if nothing was waiting, it is being written already
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
