/** Messages that wait for a connection: first in, first out, limited in number and in bytes. */
import { Expiry } from './expiry.js'
import { payloadSize } from './payload.js'
import { Queue } from './queue.js'
import type { Sendable } from './payload.js'

/** A message to send. */
export interface Message {
  readonly data: Sendable
  /** When it expires, by the monotonic clock; Infinity for never. */
  readonly expires: number
  /** Whether it must be sent immediately or not at all: it is never queued again. */
  readonly volatile?: boolean | undefined
}

export interface OutboxLimits {
  readonly maxMessages: number
  readonly maxBytes: number
}

/** A place in the queue and in the heap of expiring messages. It is empty once the message has left. */
export interface Place {
  message: Message | undefined
  readonly expires: number
  readonly size: number
  readonly order: number
}

/** Besides twice the number of messages, this many empty places may remain before they are removed. */
const SPARE = 32

export class Outbox {
  readonly #limits: OutboxLimits
  // both created for the first queued message
  #places: Queue<Place> | undefined
  #expiry: Expiry<Place> | undefined
  #size = 0
  #bytes = 0
  #first = 0
  #last = 0

  constructor(limits: OutboxLimits) {
    this.#limits = limits
  }

  /** Number of queued messages. */
  get size(): number {
    return this.#size
  }

  /** Size of the queued messages in bytes. */
  get bytes(): number {
    return this.#bytes
  }

  /** When the next message expires; Infinity for never. */
  get expires(): number {
    for (let next = this.#expiry?.peek(); next; next = this.#expiry!.peek()) {
      if (next.message) return next.expires
      this.#expiry!.shift()
    }
    return Infinity
  }

  /**
   * Adds a message at the end. Returns false, and changes nothing, if it does not fit.
   *
   * @param held Other bytes that count against the limit.
   */
  add(message: Message, held = 0): boolean {
    const size = payloadSize(message.data)
    if (!this.#fits(size + held)) return false
    this.#queue().push(this.#enter(message, size, ++this.#last))
    return true
  }

  /** Makes room for `data` by removing the oldest messages. Removes nothing if `data` could never fit. */
  makeRoom({ data }: Message, held = 0): Message[] {
    const size = payloadSize(data)
    const { maxMessages, maxBytes } = this.#limits
    const taken: Message[] = []
    if (maxMessages > 0 && size <= maxBytes)
      while (this.#size > 0 && !this.#fits(size + held)) taken.push(this.shift()!)
    return taken
  }

  /**
   * Puts messages that were taken and not transmitted back to the front. They had been accepted, so no limit applies.
   */
  restore(messages: readonly Message[]): void {
    let order = (this.#first -= messages.length)
    this.#queue().unshift(messages.map((message) => this.#enter(message, payloadSize(message.data), order++)))
  }

  /** The place of the next message; `undefined` if there is none. */
  next(): Place | undefined {
    const places = this.#places
    for (let next = places?.peek(); next; next = places!.peek()) {
      if (next.message) return next
      places!.shift()
    }
    return undefined
  }

  /** Removes the next message. */
  shift(): Message | undefined {
    const next = this.next()
    return next && this.leave(next)
  }

  /** Removes the message of a place, unless it has left. */
  leave(place: Place): Message | undefined {
    const { message } = place
    if (!message) return undefined
    place.message = undefined
    this.#size--
    this.#bytes -= place.size
    const most = 2 * this.#size + SPARE
    for (const places of [this.#places, this.#expiry]) if (places && places.size > most) places.keep(isFull)
    return message
  }

  /** Removes expired messages, oldest first. */
  expire(now: number): Message[] {
    const old: Place[] = []
    while (this.expires <= now) old.push(this.#expiry!.shift()!)
    return old.sort((a, b) => a.order - b.order).map((place) => this.leave(place)!)
  }

  /** The queued messages, oldest first. */
  list(): Sendable[] {
    return [...(this.#places ?? [])].flatMap(({ message }) => message?.data ?? [])
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

  #fits(size: number): boolean {
    return this.#size < this.#limits.maxMessages && this.#bytes + size <= this.#limits.maxBytes
  }
}

function isFull({ message }: Place): boolean {
  return message !== undefined
}
