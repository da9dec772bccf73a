/** Messages that have arrived and that the machine has not counted yet: those that only need to be delivered. */
import type { ServerState } from '../session/protocol/server.js'

export class Arrivals {
  #count = 0
  #size = 0
  /** Bytes that may arrive until the machine must check. */
  #room = 0
  #given = 0
  #givenAt = 0

  /** Counts a message of `size` bytes. Returns false if the machine must handle it; then it is not counted. */
  add(size: number): boolean {
    if (this.#room <= 0) return false
    this.#room -= size
    this.#size += size
    this.#count++
    return true
  }

  /** The number of the last message. */
  get number(): number {
    return this.#given + this.#count
  }

  /** Its position: the size in bytes of all messages up to it. */
  get at(): number {
    return this.#givenAt + this.#size
  }

  /** The messages since the last call, as an input of the machine. */
  take(): { readonly type: 'payload'; readonly size: number; readonly count: number } | undefined {
    if (this.#count === 0) return undefined
    const taken = { type: 'payload', size: this.#size, count: this.#count } as const
    this.#size = this.#count = 0
    return taken
  }

  /** The machine has counted everything. Repeated messages, and those beyond the window, are its decision. */
  follow({ phase, window, incoming: { seen, given, givenAt, toldAt } }: ServerState): void {
    this.#given = given
    this.#givenAt = givenAt
    this.#room = phase !== 'attached' || seen < given ? 0 : window - (givenAt - toldAt)
  }
}
