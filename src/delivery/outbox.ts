/** Messages waiting for a connection: first in, first out, bounded in number and in bytes. */
import { Expiry } from './expiry.js'
import { payloadSize } from './payload.js'
import { Queue } from './queue.js'
import type { Sendable } from './payload.js'

/** One message on its way. */
export interface Message {
  readonly data: Sendable
  /** When it is too old to be sent, by the monotonic clock; Infinity for never. */
  readonly expires: number
  /** Whether it is to be sent at once or not at all: then it never waits again. */
  readonly volatile?: boolean | undefined
}

export interface OutboxLimits {
  readonly maxMessages: number
  readonly maxBytes: number
}

/** A place, among the others and among those that get too old. It is empty once the message has left. */
interface Place {
  message: Message | undefined
  readonly expires: number
  readonly size: number
  readonly order: number
}

/** How many empty places may be kept, beside twice the number of messages, until they are swept out. */
const SPARE = 32

export class Outbox {
  readonly #limits: OutboxLimits
  // both made for the first message that waits
  #places: Queue<Place> | undefined
  #expiry: Expiry<Place> | undefined
  #size = 0
  #bytes = 0
  #first = 0
  #last = 0

  constructor(limits: OutboxLimits) {
    this.#limits = limits
  }

  /** Messages waiting. */
  get size(): number {
    return this.#size
  }

  /** Bytes of payload waiting. */
  get bytes(): number {
    return this.#bytes
  }

  /** When the next of them is too old; Infinity for never. */
  get expires(): number {
    for (let next = this.#expiry?.peek(); next; next = this.#expiry!.peek()) {
      if (next.message) return next.expires
      this.#expiry!.shift()
    }
    return Infinity
  }

  /**
   * Adds at the end. False where it does not fit: nothing has changed then.
   *
   * @param held Bytes elsewhere that count with those that wait.
   */
  add(message: Message, held = 0): boolean {
    const size = payloadSize(message.data)
    if (!this.#fits(size + held)) return false
    this.#queue().push(this.#enter(message, size, ++this.#last))
    return true
  }

  /** Makes room for `data` by taking the oldest away, all at most. Nothing is taken for what could never fit. */
  makeRoom({ data }: Message, held = 0): Message[] {
    const size = payloadSize(data)
    const { maxMessages, maxBytes } = this.#limits
    const taken: Message[] = []
    if (maxMessages > 0 && size <= maxBytes)
      while (this.#size > 0 && !this.#fits(size + held)) taken.push(this.shift()!)
    return taken
  }

  /** Puts back, at the front, what was taken and not transmitted. They had been accepted: no bound applies. */
  restore(messages: readonly Message[]): void {
    let order = (this.#first -= messages.length)
    this.#queue().unshift(messages.map((message) => this.#enter(message, payloadSize(message.data), order++)))
  }

  /** The message that is next, `undefined` when none waits. */
  peek(): Message | undefined {
    return this.#next()?.message
  }

  /** Takes the next message away. */
  shift(): Message | undefined {
    const next = this.#next()
    if (!next) return undefined
    this.#places!.shift()
    return this.#leave(next)
  }

  /** Takes away what is too old, oldest first. */
  expire(now: number): Message[] {
    const old: Place[] = []
    while (this.expires <= now) old.push(this.#expiry!.shift()!)
    return old.sort((a, b) => a.order - b.order).map((place) => this.#leave(place))
  }

  /** What waits, oldest first. */
  list(): Sendable[] {
    return [...(this.#places ?? [])].flatMap(({ message }) => message?.data ?? [])
  }

  /** The first place that is not empty. */
  #next(): Place | undefined {
    const places = this.#places
    for (let next = places?.peek(); next; next = places!.peek()) {
      if (next.message) return next
      places!.shift()
    }
    return undefined
  }

  #queue(): Queue<Place> {
    return (this.#places ??= new Queue())
  }

  #enter(message: Message, size: number, order: number): Place {
    const place: Place = { message, expires: message.expires, size, order }
    if (place.expires !== Infinity) (this.#expiry ??= new Expiry()).add(place)
    this.#size++
    this.#bytes += size
    return place
  }

  #leave(place: Place): Message {
    const message = place.message!
    place.message = undefined
    this.#size--
    this.#bytes -= place.size
    const most = 2 * this.#size + SPARE
    for (const places of [this.#places, this.#expiry]) if (places && places.size > most) places.keep(isFull)
    return message
  }

  #fits(size: number): boolean {
    return this.#size < this.#limits.maxMessages && this.#bytes + size <= this.#limits.maxBytes
  }
}

function isFull({ message }: Place): boolean {
  return message !== undefined
}
