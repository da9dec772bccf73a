/**
 * Routes each accepted message to exactly one of: the connection, the outbox, a `drop` event. The order of the calls is
 * the order on the wire.
 */
import { NotOpenError, OutboxFullError } from '../diagnostics/errors.js'
import { type Message, Outbox } from './outbox.js'
import { copyOf, payloadSize } from './payload.js'
import type { DropReason } from '../diagnostics/log.js'
import type { Sendable } from './payload.js'
import { type Clock, MAX_DELAY, type Timer } from '../time/clock.js'
import type { OutboxLimits } from './outbox.js'

/** Options of `send()`. */
export interface SendOptions {
  /** How long this message may stay queued, in ms, before it is dropped. Default: `outbox.maxAge`. */
  readonly maxAge?: number | undefined
  /** Drops the message if it cannot be sent immediately. Default false. */
  readonly volatile?: boolean | undefined
}

/** The detail of `drop`: a message that will not be sent. */
export interface DropDetail {
  /** The dropped message. */
  readonly data: Sendable
  /** The reason. */
  readonly reason: DropReason
}

/** The queued messages. */
export interface OutboxView {
  /** Number of messages. */
  readonly size: number
  /** Their size in bytes. */
  readonly bytes: number
  /** Returns a copy of the messages, oldest first. */
  list(): Sendable[]
  /** Removes and returns all messages, oldest first. */
  drain(): Sendable[]
}

/** The settings of the `outbox` option. */
export interface OutboxSettings extends OutboxLimits {
  readonly overflow: 'throw' | 'drop-oldest' | 'drop-newest'
  readonly maxAge: number
  readonly highWaterMark: number
  /** Limit for queued bytes and the platform's buffer together. */
  readonly maxBuffered: number
}

/** The part of a connection that sending needs. */
export interface Carrier {
  /** Whether a ping is unanswered: the peer may be dead. */
  readonly doubtful: boolean
  /** Whether the platform's buffer is full. */
  readonly congested: boolean
  /** Bytes in the platform's buffer. `flush` is called when there may be fewer. */
  readonly held: number
  /** Passes a message to the platform. Returns false if it would not be transmitted; the caller then keeps it. */
  send(message: Message): boolean
}

/** The owner of the messages. */
export interface SenderOwner {
  /** A message that will not be sent. */
  dropped(detail: DropDetail): void
  /** The user has emptied the outbox. */
  taken(): void
}

export type Sent = 'sent' | 'queued' | 'dropped'

export class Sender {
  readonly #settings: OutboxSettings | undefined
  readonly #clock: Clock
  readonly #owner: SenderOwner
  readonly #outbox: Outbox
  /** Fires when the next message expires; not set while the socket is at rest. */
  #timer: Timer
  /** When the timer is due; Infinity for no timer. */
  #due = Infinity
  #watch: 'on' | 'off' = 'off'
  /** Bytes that may be sent before the platform's buffer is measured again. */
  #spare = 0

  constructor(settings: OutboxSettings | undefined, clock: Clock, owner: SenderOwner) {
    this.#settings = settings
    this.#clock = clock
    this.#owner = owner
    this.#outbox = new Outbox(settings ?? { maxMessages: 0, maxBytes: 0 })
  }

  /** Number of queued messages. */
  get size(): number {
    return this.#outbox.size
  }

  /** Number of queued bytes. */
  get bytes(): number {
    return this.#outbox.bytes
  }

  get view(): OutboxView {
    const outbox = this.#outbox
    const expire = (): void => this.#expire()
    const taken = (): void => this.#owner.taken()
    return {
      get size() {
        expire()
        return outbox.size
      },
      get bytes() {
        expire()
        return outbox.bytes
      },
      list() {
        expire()
        return outbox.list()
      },
      drain() {
        expire()
        const all = outbox.list()
        while (outbox.shift());
        taken()
        return all
      },
    }
  }

  /** Sends on `connection` if one is open; otherwise queues the message. */
  send(data: Sendable, { maxAge, volatile }: SendOptions, connection: Carrier | undefined): Sent {
    if (volatile) return this.#sendVolatile(data, connection)
    const settings = this.#settings
    const age = maxAge ?? settings?.maxAge ?? Infinity
    const expires = age === Infinity ? age : this.#clock.now() + age
    const outbox = this.#outbox
    // queued messages go first, also while they are being flushed
    const free = connection !== undefined && outbox.size === 0 && !(settings && connection.doubtful)
    if (free && this.#bears(connection, data) && connection.send({ data, expires })) return 'sent'
    if (!settings) throw new NotOpenError()
    const message = { data: copyOf(data), expires }
    if (this.#add(message, connection)) return 'queued'
    const expired = outbox.expire(this.#clock.now())
    const overflown: Message[] = []
    // emitted last, so that a listener that sends finds this message in its place
    try {
      // a connection that is there takes what no longer fits, unless it is too much for it too: better than refusing
      if (connection && this.#bears(connection, data, outbox.bytes) && this.flush(connection, true))
        if (this.#bears(connection, data) && connection.send(message)) return 'sent'
      const oldest = settings.overflow === 'drop-oldest'
      if (oldest) overflown.push(...outbox.makeRoom(message, this.#beside(connection)))
      // the latest always waits then: what the platform holds cannot be dropped for it
      if (this.#add(message, oldest ? undefined : connection)) return 'queued'
      if (settings.overflow === 'throw') throw new OutboxFullError()
      overflown.push(message)
      return 'dropped'
    } finally {
      for (const old of expired) this.#drop('expired', old)
      for (const old of overflown) this.#drop('overflow', old)
    }
  }

  /** Whether the platform may hold `data` too, and `more` bytes: all beside nothing, else as much as may wait. */
  #bears(connection: Carrier, data: Sendable, more = 0): boolean {
    if (!this.#settings) return true
    // it has no more bytes than this with its header, and what the platform holds only shrinks by itself
    this.#spare -= 14 + (typeof data === 'string' ? data.length * 3 : payloadSize(data))
    if (this.#spare >= more) return true
    const { held } = connection
    this.#spare = this.#settings.maxBuffered - held - payloadSize(data)
    return held === 0 || this.#spare >= more
  }

  /** Bytes that count as waiting, of what the platform holds. */
  #beside(connection: Carrier | undefined): number {
    if (!connection || !this.#settings) return 0
    const { maxBuffered, maxBytes } = this.#settings
    return Math.max(0, connection.held - (maxBuffered - maxBytes))
  }

  /** Now, or not at all. That a ping is on its way is no reason to think the peer dead, and nothing is lost if it is. */
  #sendVolatile(data: Sendable, connection: Carrier | undefined): Sent {
    const message = { data, expires: Infinity, volatile: true }
    const free = connection !== undefined && this.#outbox.size === 0 && !connection.congested
    if (free && connection.send(message)) return 'sent'
    // as it was: in the middle of another event it is told of only later
    return this.#drop('volatile', { ...message, data: copyOf(data) })
  }

  /** A message that a connection accepted and cannot send. */
  lose(data: Sendable): void {
    this.#owner.dropped({ data, reason: 'unreadable' })
  }

  /**
   * Writes what waits, until the platform holds enough of it or a ping is unanswered; `flow` of the connection goes on
   * from there. With `force`, writes as much as the platform may hold. Returns whether nothing waits any more.
   */
  flush(connection: Carrier, force = false): boolean {
    // in the middle of a send() nobody is told of anything: what a listener sends in answer would go first
    if (!force) this.#expire()
    const outbox = this.#outbox
    for (let next = outbox.peek(); next; next = outbox.peek()) {
      if (force ? !this.#bears(connection, next.data) : connection.doubtful || connection.congested)
        return false
      if (!connection.send(next)) return false
      outbox.shift()
      this.#spare = 0
    }
    return true
  }

  /** Puts back what a connection took and did not transmit, or tells where it may not wait. */
  restore(messages: readonly Message[]): void {
    this.#spare = 0
    if (messages.length === 0) return
    const waits = this.#settings !== undefined
    this.#outbox.restore(messages.filter(({ volatile }) => waits && !volatile))
    if (this.#watch === 'on') this.#expire()
    this.#arm()
    for (const message of messages)
      if (message.volatile) this.#drop('volatile', message)
      else if (!waits) this.#drop('unsent', message)
  }

  /** A run begins: from now on, what gets too old is told when it does. */
  start(): void {
    this.#watch = 'on'
    this.#arm()
  }

  /** The run is over: nothing is timed any more, and what gets too old is told when somebody looks. */
  stop(): void {
    this.#watch = 'off'
    this.#disarm()
  }

  /** @param beside Whose bytes count with those that wait. */
  #add(message: Message, beside: Carrier | undefined): boolean {
    const added = this.#outbox.add(message, this.#beside(beside))
    if (added && message.expires !== Infinity) this.#arm()
    return added
  }

  /** One timer, for the message that is too old next. */
  #arm(): void {
    const { expires } = this.#outbox
    if (this.#watch === 'off' || expires >= this.#due) return
    this.#disarm()
    this.#due = expires
    const delay = Math.max(0, Math.ceil(expires - this.#clock.now()))
    this.#timer = this.#clock.setTimeout(
      () => {
        this.#disarm()
        this.#expire()
        // it may have been a little early, or the message have left and another one be next
        this.#arm()
      },
      Math.min(MAX_DELAY, delay),
    )
  }

  #disarm(): void {
    this.#clock.clearTimeout(this.#timer)
    this.#timer = undefined
    this.#due = Infinity
  }

  #expire(): void {
    for (const message of this.#outbox.expire(this.#clock.now())) this.#drop('expired', message)
  }

  #drop(reason: DropReason, { data }: Message): 'dropped' {
    this.#owner.dropped({ data, reason })
    return 'dropped'
  }
}
