/** Messages waiting for a connection: first in, first out, bounded in number and in bytes. */
import type { Sendable } from './options.js'
import type { OutboxSettings } from './settings.js'

interface Entry {
  readonly data: Sendable
  readonly size: number
}

/** What became of a message: it waits; it waits and these older ones were dropped for it; it does not fit. */
export type Added = { readonly dropped: readonly Sendable[] } | 'full'

export class Outbox {
  readonly #limits: OutboxSettings
  // taken from `#first` on: shift() on a long array moves all the rest
  #entries: Entry[] = []
  #first = 0
  #bytes = 0

  constructor(limits: OutboxSettings) {
    this.#limits = limits
  }

  /** Messages waiting. */
  get size(): number {
    return this.#entries.length - this.#first
  }

  /** Bytes of payload waiting. */
  get bytes(): number {
    return this.#bytes
  }

  /** Adds at the end, dropping the oldest where `overflow` says so. Nothing is dropped for what cannot fit at all. */
  add(data: Sendable, size: number): Added {
    const { maxMessages, maxBytes, overflow } = this.#limits
    const dropped: Sendable[] = []
    if (size > maxBytes || maxMessages === 0) return 'full'
    while (this.size >= maxMessages || this.#bytes + size > maxBytes) {
      if (overflow !== 'drop-oldest') return 'full'
      dropped.push(this.peek() as Sendable)
      this.shift()
    }
    this.#entries.push({ data, size })
    this.#bytes += size
    return { dropped }
  }

  /** The message that is next, `undefined` when none waits. */
  peek(): Sendable | undefined {
    return this.#entries[this.#first]?.data
  }

  /** Takes the next message away. */
  shift(): void {
    const entry = this.#entries[this.#first++]
    if (entry) this.#bytes -= entry.size
    if (this.#first * 2 >= this.#entries.length) {
      this.#entries = this.#entries.slice(this.#first)
      this.#first = 0
    }
  }
}
