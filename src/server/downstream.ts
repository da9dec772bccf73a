/** The messages to the client that this server has at hand: the store has all, this a piece that the window lets through. */
import { Held } from '../session/held.js'
import { sizeOf } from './payload.js'
import type { Payload, StoredMessage } from './store.js'

/** So many are at hand at most, and as many more as one batch has. */
const MOST = 1_024
/** So many are read at once. */
export const PAGE = 256

export class Downstream {
  readonly #window: number
  readonly #held: Held<Payload>
  /** The last number that the store has, as far as is known. */
  #last: number

  /** @param acked What the client has received; `last` what the store has. */
  constructor(window: number, acked: number, last: number) {
    this.#window = window
    this.#held = new Held(acked)
    this.#last = last
  }

  /** The last number at hand: all up to it may be transmitted. */
  get loaded(): number {
    return this.#held.last
  }

  /** Messages that the client has not acknowledged. */
  get size(): number {
    return this.#last - this.#held.first + 1
  }

  readonly at = (number: number): number => this.#held.at(number)

  get(number: number): Payload {
    return this.#held.get(number)
  }

  /** Whether there are more in the store, and room for them here. */
  get hungry(): boolean {
    return this.#held.last < this.#last && this.#roomy
  }

  /** The store has all up to `last`. Says whether that is news. */
  learn(last: number): boolean {
    if (last <= this.#last) return false
    this.#last = last
    return true
  }

  /** Takes what comes next and leaves the rest; the store has it. */
  add(messages: readonly StoredMessage[]): void {
    for (const { number, data } of messages)
      if (number === this.#held.last + 1) this.#held.add(data, sizeOf(data))
  }

  /** The same for messages that have just been written, the last of them as `last`. */
  written(messages: readonly Payload[], last: number): void {
    if (this.#held.last !== last - messages.length || !this.#roomy) return
    for (const data of messages) this.#held.add(data, sizeOf(data))
  }

  forget(number: number): void {
    this.#held.forget(number)
  }

  get #roomy(): boolean {
    return this.#held.size < MOST && this.#held.bytes < this.#window
  }
}
