/** Messages that have come and that the machine has yet to count: those with which nothing is to be done but to give them. */
import type { ServerState } from '../session/protocol/server.js'

export class Arrivals {
  #count = 0
  #size = 0
  /** Bytes that may come until the machine has to look. */
  #room = 0
  #given = 0
  #givenAt = 0

  /** One of `size` bytes has come. False where it has to go to the machine, and has not been counted. */
  add(size: number): boolean {
    if (this.#room <= 0) return false
    this.#room -= size
    this.#size += size
    this.#count++
    return true
  }

  /** The number of the last one. */
  get number(): number {
    return this.#given + this.#count
  }

  /** Its position: the bytes of all messages so far. */
  get at(): number {
    return this.#givenAt + this.#size
  }

  /** What has come since the last time, for the machine. */
  take(): { readonly type: 'payload'; readonly size: number; readonly count: number } | undefined {
    if (this.#count === 0) return undefined
    const taken = { type: 'payload', size: this.#size, count: this.#count } as const
    this.#size = this.#count = 0
    return taken
  }

  /** The machine has counted all. What it has seen before is for it to judge, and what goes beyond the window. */
  follow({ phase, window, incoming: { seen, given, givenAt, toldAt } }: ServerState): void {
    this.#given = given
    this.#givenAt = givenAt
    this.#room = phase !== 'attached' || seen < given ? 0 : window - (givenAt - toldAt)
  }
}
