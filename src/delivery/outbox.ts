/** Messages waiting for a connection: first in, first out, bounded in number and in bytes. */
import { payloadSize } from './payload.js'
import type { Sendable } from './payload.js'

/** One message on its way. */
export interface Message {
  readonly data: Sendable
  /** When it is too old to be sent, by the monotonic clock; Infinity for never. */
  readonly expires: number
}

export interface OutboxLimits {
  readonly maxMessages: number
  readonly maxBytes: number
}

interface Entry extends Message {
  readonly size: number
}

export class Outbox {
  readonly #limits: OutboxLimits
  // taken from `#first` on: shift() on a long array moves all the rest
  #entries: Entry[] = []
  #first = 0
  #bytes = 0

  constructor(limits: OutboxLimits) {
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

  /** Adds at the end. False where it does not fit: nothing has changed then. */
  add(message: Message): boolean {
    const size = payloadSize(message.data)
    if (!this.#fits(size)) return false
    this.#entries.push({ ...message, size })
    this.#bytes += size
    return true
  }

  /** Makes room for `data` by taking the oldest away. Nothing is taken for what could never fit. */
  makeRoom({ data }: Message): Message[] {
    const size = payloadSize(data)
    const { maxMessages, maxBytes } = this.#limits
    const taken: Message[] = []
    if (maxMessages > 0 && size <= maxBytes) while (!this.#fits(size)) taken.push(this.shift()!)
    return taken
  }

  /** Puts back, at the front, what was taken and not transmitted. They had been accepted: no bound applies. */
  restore(messages: readonly Message[]): void {
    const entries = messages.map(({ data, expires }) => ({ data, expires, size: payloadSize(data) }))
    this.#entries = [...entries, ...this.#waiting()]
    this.#first = 0
    for (const { size } of entries) this.#bytes += size
  }

  /** The message that is next, `undefined` when none waits. */
  peek(): Message | undefined {
    return this.#entries[this.#first]
  }

  /** Takes the next message away. */
  shift(): Message | undefined {
    const entry = this.#entries[this.#first]
    if (!entry) return undefined
    this.#first++
    this.#bytes -= entry.size
    if (this.#first * 2 >= this.#entries.length) {
      this.#entries = this.#waiting()
      this.#first = 0
    }
    return entry
  }

  /** Takes away what is too old. */
  expire(now: number): Message[] {
    const old = this.#waiting().filter(({ expires }) => expires <= now)
    if (old.length > 0) {
      this.#entries = this.#waiting().filter(({ expires }) => expires > now)
      this.#first = 0
      for (const { size } of old) this.#bytes -= size
    }
    return old
  }

  /** What waits, oldest first. */
  list(): Sendable[] {
    return this.#waiting().map(({ data }) => data)
  }

  #waiting(): Entry[] {
    return this.#entries.slice(this.#first)
  }

  #fits(size: number): boolean {
    return this.size < this.#limits.maxMessages && this.#bytes + size <= this.#limits.maxBytes
  }
}
