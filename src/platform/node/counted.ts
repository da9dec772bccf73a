/**
 * Sends over a stream and counts bytes: for each message in the stream's queue it knows the byte at which the message
 * begins. Bytes that the stream had not passed to the system when it ended were not sent; messages that begin before
 * may have been.
 */
import type { Message } from '../../delivery/outbox.js'
import { copyOf, isBlob, payloadSize, type Sendable } from '../../delivery/payload.js'
import { Queue } from '../../delivery/queue.js'
import { keep, unshared } from './copies.js'
import { hand, type Opened, type Outgoing, type OutgoingListener } from './outgoing.js'
import { Places } from './places.js'
import { bytesGiven, type CountedStream, payloadOf, sizeOf } from './stream.js'

/** Bytes gathered in one turn before they are written; more would not be faster. */
const BATCH = 65_536
/** One of this many messages is checked for others in the same turn: checking costs more than the fast path. */
const LOOK = 8

const settled = Promise.resolve()

type Done = (error?: Error) => void
/** The second argument may be the callback. */
type Write = (chunk: string | Uint8Array, encoding?: unknown, done?: unknown) => boolean

/** A message that was handed over and is still remembered. */
interface Kept extends Message {
  /** Bytes of payload handed over before it. */
  readonly before: number
}

/** A message in the stream's queue. */
interface Queued extends Kept {
  /** The byte of the stream at which it begins, or a later byte of the same write. */
  readonly start: number
}

/** A message still in `ws`, which has to compress or read it or one before it. */
interface Held extends Kept {
  readonly kind: 'message' | 'beat'
  /** The callback given to `ws`: it is passed to the stream with the last bytes of the message. */
  readonly done: Done
}

export class Counted implements Outgoing {
  readonly #socket: Opened['socket']
  readonly #stream: CountedStream
  readonly #listener: OutgoingListener
  readonly #compresses: boolean
  /** Bytes written to the stream so far. */
  #end: number
  /** Bytes of payload handed over so far. */
  #payload = 0
  /**
   * The last message that was passed to the system at once, at least in part: its last byte, and the payload before it.
   */
  #prompted = { end: 0, before: 0 }
  readonly #queued = new Places<Queued>()
  readonly #held = new Queue<Held>()
  /** The Blob that could not be read. */
  #unreadable: Held | undefined
  /** What this turn of the event loop has sent, as far as known: nothing, one message, or gathered messages. */
  #turn: 'quiet' | 'one' | 'gathering' = 'quiet'
  /** How many messages the last turn with any had; the next is expected to be alike. */
  #last: 'one' | 'several' = 'one'
  /** Number of messages until the next check. */
  #unseen = 0
  /** Whether somebody reads `payloads` within a turn; then each message is checked. */
  #asked: 'never' | 'within a turn' = 'never'
  /** Bytes of payload passed to the system before this turn. */
  #through = 0
  /** Whether the system accepted the last message completely at once. If so, `drain` covers the next. */
  #prompt = true
  /** The byte at which the gathered data begins. */
  #gathered = 0
  /** The byte at which the first write begins that the system refused. */
  #refused = Infinity
  readonly #onWritten = (): void => this.#settle()
  readonly #onTurn = (): void => {
    if (this.#turn === 'one') this.#turn = 'quiet'
  }

  constructor({ socket, stream }: Opened & { readonly stream: CountedStream }, listener: OutgoingListener) {
    this.#socket = socket
    this.#stream = stream
    this.#listener = listener
    this.#compresses = socket.extensions !== ''
    this.#end = stream.bytesWritten
    this.#watch(stream)
    // for gathered data that the system did not accept at once, nothing else reports the end
    stream.on('drain', this.#onWritten)
  }

  get bufferedAmount(): number {
    return this.#socket.bufferedAmount
  }

  /** Messages of the current turn count until it is over, as in a browser. */
  get payloads(): number {
    if (this.#turn === 'quiet') return this.#payloads()
    this.#asked = 'within a turn'
    return this.#payload - this.#through
  }

  #payloads(): number {
    const { writableLength } = this.#stream
    if (writableLength === 0 && this.#held.size === 0) return 0
    const through = this.#end - writableLength
    const { end, before } = this.#prompted
    const first = end > through ? { before } : (this.#queued.first(through) ?? this.#held.peek())
    return first ? this.#payload - first.before : 0
  }

  send(message: Message): boolean {
    const { data, expires, volatile } = message
    if (this.#compresses || this.#held.size > 0 || (typeof data !== 'string' && isBlob(data)))
      return this.#hold(message, 'message', payloadSize(data))
    const stream = this.#stream
    const idle = stream.writableLength === 0
    // if it is accepted completely at once, a callback has nothing to report, and would cost more than all the rest
    let done = idle && this.#prompt ? undefined : this.#onWritten
    if (this.#turn === 'gathering') {
      this.#last = 'several'
      done = undefined
    } else if (this.#turn === 'quiet' && this.#last === 'one' && idle) return this.#sendAtOnce(data, done)
    else {
      this.#last = this.#turn === 'one' ? 'several' : 'one'
      this.#gatherTurn()
    }
    const start = this.#end
    const before = this.#payload
    if (!this.#hand(data, done)) return false
    this.#remember({ data: keep(data), expires, volatile, start, before })
    if (stream.writableLength >= BATCH) {
      this.#write()
      this.#gather()
    }
    return true
  }

  /**
   * The first message of a turn is sent at once; the others are sent together at the end of the turn. If the last turn
   * had several, all are.
   */
  #sendAtOnce(data: Sendable, done: Done | undefined): boolean {
    const before = this.#payload
    if (--this.#unseen <= 0 || this.#asked === 'within a turn') this.#look()
    if (!this.#hand(data, done)) return false
    // the system was given at least part of it
    this.#prompt = this.#stream.writableLength === 0
    if (!this.#prompt) this.#prompted = { end: this.#end, before }
    return true
  }

  /** Returns false if the system refused it. */
  #hand(data: Sendable, done: Done | undefined): boolean {
    const start = this.#end
    hand(this.#socket, data, done)
    if (!this.#stream.writable) return false
    this.#payload += payloadOf(this.#end - start)
    return true
  }

  /** Notes, until the turn is over, that it has sent something. */
  #look(): void {
    this.#turn = 'one'
    this.#unseen = LOOK
    this.#through = this.#payload
    // the cheapest way to be called at the end of a turn
    void settled.then(this.#onTurn)
  }

  /** @param size Its payload; 0 for a message that does not count. */
  #hold({ data, expires, volatile }: Message, kind: Held['kind'], size: number): boolean {
    const held: Held = {
      kind,
      // copied because it is read later
      data: copyOf(data),
      expires,
      volatile,
      before: this.#payload,
      done: (error) => {
        const first = this.#held.peek() === held
        // a derived class has given ws a callback of its own: the write was not recognized
        if (first && !error) this.#held.shift()
        if (first && error && isBlob(held.data) && kind === 'message' && !this.#stream.destroyed)
          this.#lose(held)
        else this.#settle()
      },
    }
    this.#payload += size
    this.#held.push(held)
    try {
      hand(this.#socket, held.data, held.done)
    } catch (error) {
      this.#payload -= size
      this.#held.keep((other) => other !== held)
      if (!isBlob(data) || kind === 'beat') throw error
      // ws reads Blobs like Node's only. Later, because a send is in progress
      queueMicrotask(() => this.#listener.onLost(data))
    }
    return true
  }

  /** An unreadable Blob ends the connection; the callbacks of all later messages get the same error. */
  #lose(held: Held): void {
    this.#unreadable = held
    this.#listener.onLost(held.data)
  }

  /** Counts what is written to the stream, and recognizes messages that `ws` had held. */
  #watch(stream: CountedStream): void {
    const write = stream.write.bind(stream) as Write
    const counted: Write = (chunk, encoding, done) => {
      const held = this.#held.peek()
      if (held && encoding === held.done) {
        // gathered with what follows: the end of the turn shows whether the system refuses it
        if (this.#turn !== 'gathering') this.#gatherTurn()
        this.#held.shift()
        if (held.kind === 'message') this.#remember({ ...held, start: this.#end })
      }
      this.#end += sizeOf(chunk)
      return write(chunk, encoding, done)
    }
    stream.write = counted as CountedStream['write']
  }

  #remember(message: Queued): void {
    const { writable, writableLength } = this.#stream
    // at its end, a stream empties its queue, which has not been passed on
    if (this.#queued.add(message) && writable) this.#queued.forget(this.#end - writableLength)
  }

  #gatherTurn(): void {
    if (this.#turn === 'quiet') this.#through = this.#payload - this.#payloads()
    this.#turn = 'gathering'
    this.#unseen = 0
    this.#gather()
    process.nextTick(endTurn, this)
  }

  /** Called at the end of the turn. */
  endTurn(): void {
    this.#turn = 'quiet'
    this.#write()
    this.#prompt = this.#stream.writableLength === 0
    this.#settle()
  }

  #gather(): void {
    this.#gathered = this.#end
    this.#stream.cork()
  }

  /** Writes the gathered data. Reports nothing, because a send may be in progress. */
  #write(): void {
    const stream = this.#stream
    stream.uncork()
    // end() has written it already, and its result cannot be distinguished
    if (stream.errored && !stream.writableEnded) this.#refused = Math.min(this.#refused, this.#gathered)
  }

  /** Forgets all messages once everything is with the system. */
  #settle(): void {
    const stream = this.#stream
    if (!stream.writable || stream.writableLength > 0) return
    this.#queued.clear()
    this.#listener.onRoom()
  }

  beat(data: Sendable): void {
    // ws reads it before it sends anything else: what follows is held, too
    if (isBlob(data)) this.#hold({ data, expires: Infinity }, 'beat', 0)
    else hand(this.#socket, copyOf(data))
  }

  close(code?: number, reason?: string): void {
    this.#socket.close(code, reason)
  }

  unsent(): readonly Message[] {
    const given = Math.min(bytesGiven(this.#stream), this.#refused)
    return [
      ...this.#queued.since(given),
      ...[...this.#held].filter((held) => held.kind === 'message' && held !== this.#unreadable),
    ].map(({ data, expires, volatile }) => ({ data: unshared(data), expires, volatile }))
  }
}

// avoids a closure per turn
function endTurn(counted: Counted): void {
  counted.endTurn()
}
