/**
 * Routes each accepted message to exactly one of: the connection, the outbox, a `drop` event. The order of the calls is
 * the order on the wire.
 */
import { NotOpenError, OutboxFullError } from '../diagnostics/errors.js'
import { type Message, Outbox } from './outbox.js'
import { copyOf, isReadable, payloadSize } from './payload.js'
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
  /** Fires when the next message expires; not set outside a run. */
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
    const current = (): Outbox => {
      this.#expire()
      return outbox
    }
    return {
      get size() {
        return current().size
      },
      get bytes() {
        return current().bytes
      },
      list: () => current().list().map(copyOf),
      drain: () => {
        const all = current().list()
        while (outbox.shift());
        this.#owner.taken()
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
    let overflown: Message[] = []
    // emitted last, so that a listener that sends finds this message in its place
    try {
      // an open connection accepts what no longer fits, unless it is too much for it too: better than refusing it
      if (connection && this.#bears(connection, data, outbox.bytes) && this.flush(connection, true))
        if (this.#bears(connection, data) && connection.send(message)) return 'sent'
      const oldest = settings.overflow === 'drop-oldest'
      if (oldest) overflown = outbox.makeRoom(message, this.#beside(connection))
      // then the latest message always waits: data in the platform's buffer cannot be dropped in its favour
      if (this.#add(message, oldest ? undefined : connection)) return 'queued'
      if (settings.overflow === 'throw') throw new OutboxFullError()
      overflown.push(message)
      return 'dropped'
    } finally {
      for (const old of expired) this.#drop('expired', old)
      for (const old of overflown) this.#drop('overflow', old)
    }
  }

  /**
   * Whether the platform may also buffer `data` and `more` bytes: always if its buffer is empty, otherwise within the
   * limit.
   */
  #bears(connection: Carrier, data: Sendable, more = 0): boolean {
    if (!this.#settings) return true
    // the message adds at most this, with its header; otherwise the buffer only shrinks
    this.#spare -= 14 + (typeof data === 'string' ? data.length * 3 : payloadSize(data))
    if (this.#spare >= more) return true
    const { held } = connection
    this.#spare = this.#settings.maxBuffered - held - payloadSize(data)
    return held === 0 || this.#spare >= more
  }

  /** The part of the platform's buffer that counts against the limit. */
  #beside(connection: Carrier | undefined): number {
    if (!connection || !this.#settings) return 0
    const { maxBuffered, maxBytes } = this.#settings
    // both may be Infinity
    return Math.max(0, connection.held - (maxBuffered - maxBytes || 0))
  }

  /** Sends now or not at all. An unanswered ping does not matter, because such a message may be lost. */
  #sendVolatile(data: Sendable, connection: Carrier | undefined): Sent {
    const message = { data, expires: Infinity, volatile: true }
    const free = connection !== undefined && this.#outbox.size === 0 && !connection.congested
    if (free && connection.send(message)) return 'sent'
    // reported with its present content: within another event the report comes later
    return this.#drop('volatile', { ...message, data: copyOf(data) })
  }

  /** A message that a connection accepted and cannot send. */
  lose(data: Sendable): void {
    this.#owner.dropped({ data, reason: 'unreadable' })
  }

  /**
   * Sends queued messages until the platform has buffered enough or a ping is unanswered; the connection's `flow`
   * continues later. With `force`, as much as the platform may buffer. Returns whether the queue is empty.
   */
  flush(connection: Carrier, force = false): boolean {
    // no events during a send(): a message sent by a listener would overtake this one
    if (!force) this.#expire()
    const outbox = this.#outbox
    for (let next = outbox.next(); next; next = outbox.next()) {
      const message = next.message!
      if (force ? !this.#bears(connection, message.data) : connection.doubtful || connection.congested)
        return false
      if (!connection.send(message)) return false
      // a class may report its end in its send(): by now, what it had not sent is in front
      outbox.leave(next)
      this.#spare = 0
    }
    return true
  }

  /** Puts messages that a connection accepted and did not transmit back, or reports them if they cannot be queued. */
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
    void this.#check(messages[0]!.data)
  }

  /** An engine ends the connection for a Blob that it cannot read, and would do so each time it is sent again. */
  async #check(data: Sendable): Promise<void> {
    if ((await isReadable(data)) || this.#outbox.next()?.message?.data !== data) return
    this.#outbox.shift()
    this.lose(data)
  }

  /** A run starts: from now on, messages are reported as soon as they expire. */
  start(): void {
    this.#watch = 'on'
    this.#arm()
  }

  /** The run is over: there are no timers, and expired messages are reported when the queue is next used. */
  stop(): void {
    this.#watch = 'off'
    this.#disarm()
  }

  /** @param beside The connection whose buffer counts against the limit, too. */
  #add(message: Message, beside: Carrier | undefined): boolean {
    const added = this.#outbox.add(message, this.#beside(beside))
    if (added && message.expires !== Infinity) this.#arm()
    return added
  }

  /** One timer, for the message that expires next. */
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
        // the timer may be slightly early, or another message may be next by now
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
