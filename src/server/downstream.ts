/** Messages for the client that are in this server's memory: the part of the stored ones that the window allows. */
import { Held } from '../session/held.js'
import { MOST_IN_TRANSIT } from '../session/protocol/outgoing.js'
import { sizeOf } from './payload.js'
import type { Payload, StoredMessage } from './store.js'

/** Number of messages read at once. */
export const PAGE = 256

export class Downstream {
  readonly #window: number
  readonly #held: Held<Payload>
  /** The last number known to be in the store. */
  last: number

  /** @param acked What the client has acknowledged; `last` is the last number in the store. */
  constructor(window: number, acked: number, last: number) {
    this.#window = window
    this.#held = new Held(acked)
    this.last = last
  }

  /** The last number in memory: all messages up to it can be transmitted. */
  get loaded(): number {
    return this.#held.last
  }

  /** Number of messages that the client has not acknowledged. */
  get size(): number {
    return this.last - this.#held.first + 1
  }

  readonly at = (number: number): number => this.#held.at(number)

  get(number: number): Payload {
    return this.#held.get(number)
  }

  /** Whether the store has more messages, and there is room for them here. */
  get hungry(): boolean {
    return this.#held.last < this.last && this.#roomy
  }

  /** The store has all messages up to `last`. Returns whether that is new. */
  learn(last: number): boolean {
    if (last <= this.last) return false
    this.last = last
    return true
  }

  /** Adds the messages that come next, and ignores the others; the store has them. */
  add(messages: readonly StoredMessage[]): void {
    for (const { number, data } of messages)
      if (number === this.#held.last + 1) this.#held.add(data, sizeOf(data))
  }

  /** The same for messages that were just written, the last of which has number `last`. */
  written(messages: readonly Payload[], last: number): void {
    if (this.#held.last !== last - messages.length || !this.#roomy) return
    for (const data of messages) this.#held.add(data, sizeOf(data))
  }

  forget(number: number): void {
    this.#held.forget(number)
  }

  /** What exceeds it is the rest of a batch. */
  get #roomy(): boolean {
    return this.#held.size < MOST_IN_TRANSIT && this.#held.bytes < this.#window
  }
}
