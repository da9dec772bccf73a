/**
 * A way out that counts bytes: for each message that the stream still queues it knows the byte at which it begins. What
 * the stream had not given to the system when it ended, counted the same way, was not transmitted; what begins before
 * may have been.
 */
import type { Message } from '../../delivery/outbox.js'
import { copyOf, isBlob, payloadSize, type Sendable } from '../../delivery/payload.js'
import { Queue } from '../../delivery/queue.js'
import { hand, type Opened, type Outgoing, type OutgoingListener } from './outgoing.js'
import { bytesGiven, type CountedStream, payloadOf, sizeOf } from './stream.js'

/** How much of one turn is gathered before it is written: more would not make it faster. */
const BATCH = 65_536

const settled = Promise.resolve()

type Done = (error?: Error) => void
/** The second may be the last: the callback. */
type Write = (chunk: string | Uint8Array, encoding?: unknown, done?: unknown) => boolean

/** Handed over and not forgotten. */
interface Kept extends Message {
  /** Bytes of payload that were handed over before it. */
  readonly before: number
}

/** In the queue of the stream. */
interface Queued extends Kept {
  /** The byte of the stream at which it begins, or a later one of the same write. */
  readonly start: number
}

/** Still with `ws`, which compresses it or reads it first, or something before it. */
interface Held extends Kept {
  /** What `ws` was given to call back: it goes into the stream with the last bytes of the message. */
  readonly done: Done
}

export class Counted implements Outgoing {
  readonly #socket: Opened['socket']
  readonly #stream: CountedStream
  readonly #listener: OutgoingListener
  readonly #compresses: boolean
  /** Bytes that were ever written into the stream. */
  #end: number
  /** Bytes of payload that were ever handed over. */
  #payload = 0
  /** The last message that the system was given at once, in part at least: its last byte, and what was before it. */
  #prompted = { end: 0, before: 0 }
  readonly #queued: Queued[] = []
  readonly #held = new Queue<Held>()
  /** The one that could not be read. */
  #unreadable: Held | undefined
  /** What this turn of the event loop has sent: nothing, one message, or more, which are gathered into one write. */
  #turn: 'quiet' | 'one' | 'gathering' = 'quiet'
  /** Whether the system took the last message whole and at once. What it takes of the next, `drain` would tell of. */
  #prompt = true
  /** Where what is being gathered begins. */
  #gathered = 0
  /** Where the first write begins that the system refused. */
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
    // where what was gathered was too much for the system at once, nobody else tells of its end
    stream.on('drain', this.#onWritten)
  }

  get bufferedAmount(): number {
    return this.#socket.bufferedAmount
  }

  get payloads(): number {
    const { writableLength } = this.#stream
    if (writableLength === 0 && this.#held.size === 0) return 0
    const through = this.#end - writableLength
    const { end, before } = this.#prompted
    const first = end > through ? { before } : (this.#from(through) ?? this.#held.peek())
    return first ? this.#payload - first.before : 0
  }

  /** The first in the queue that begins at that byte of the stream or behind it. Asked after each message, by some. */
  #from(byte: number): Queued | undefined {
    let [low, high] = [0, this.#queued.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if (this.#queued[middle]!.start < byte) low = middle + 1
      else high = middle
    }
    return this.#queued[low]
  }

  send(message: Message): boolean {
    const { data, expires, volatile } = message
    if (this.#compresses || this.#held.size > 0 || (typeof data !== 'string' && isBlob(data)))
      return this.#hold(message)
    const stream = this.#stream
    const idle = stream.writableLength === 0
    const start = this.#end
    const before = this.#payload
    this.#begin(data, idle)
    if (!stream.writable) return false
    this.#payload += payloadOf(this.#end - start)
    // the system was given it at once, in part at least
    if (idle && this.#turn !== 'gathering') {
      this.#prompt = stream.writableLength === 0
      if (!this.#prompt) this.#prompted = { end: this.#end, before }
      return true
    }
    this.#queued.push({ data: copyOf(data), expires, volatile, start, before })
    if (stream.writableLength >= BATCH && this.#turn === 'gathering') {
      this.#write()
      this.#gather()
    }
    return true
  }

  /** The first message of a turn goes out at once; those behind it together, as soon as the turn is over. */
  #begin(data: Sendable, idle: boolean): void {
    if (this.#turn === 'gathering') return hand(this.#socket, data)
    if (this.#turn === 'quiet') {
      this.#turn = 'one'
      // of the ways to call back when the turn is over, the cheapest
      void settled.then(this.#onTurn)
    } else this.#gatherTurn()
    // of what is taken whole at once nothing is left to tell, and a callback would cost more than the rest
    hand(this.#socket, data, idle && this.#prompt && this.#turn === 'one' ? undefined : this.#onWritten)
  }

  #hold({ data, expires, volatile }: Message): boolean {
    const held: Held = {
      // it is read later
      data: copyOf(data),
      expires,
      volatile,
      before: this.#payload,
      done: (error) => {
        if (error && this.#held.peek() === held && isBlob(held.data) && !this.#stream.destroyed)
          this.#lose(held)
        else this.#settle()
      },
    }
    this.#payload += payloadSize(held.data)
    this.#held.push(held)
    hand(this.#socket, held.data, held.done)
    return true
  }

  /** A Blob that cannot be read ends the connection; all behind it is called back with the same error. */
  #lose(held: Held): void {
    this.#unreadable = held
    this.#listener.onLost(held.data)
  }

  /** Counts what is written into the stream, and notices the messages that `ws` had held. */
  #watch(stream: CountedStream): void {
    const write = stream.write.bind(stream) as Write
    const counted: Write = (chunk, encoding, done) => {
      const held = this.#held.peek()
      if (held && encoding === held.done) {
        this.#held.shift()
        // together with what follows: when the turn is over, it is seen whether the system refuses it
        if (this.#turn !== 'gathering') this.#gatherTurn()
        this.#queued.push({ ...held, start: this.#end })
      }
      this.#end += sizeOf(chunk)
      return write(chunk, encoding, done)
    }
    stream.write = counted as CountedStream['write']
  }

  #gatherTurn(): void {
    this.#turn = 'gathering'
    this.#gather()
    process.nextTick(() => {
      this.#turn = 'quiet'
      if (this.#write()) this.#settle()
    })
  }

  #gather(): void {
    this.#gathered = this.#end
    this.#stream.cork()
  }

  /** Writes what has been gathered. False where the system refused it. Tells nobody: it may be in the middle of a send. */
  #write(): boolean {
    const stream = this.#stream
    stream.uncork()
    // end() has written it already, and what came of that cannot be told apart
    if (!stream.errored || stream.writableEnded) return true
    this.#refused = Math.min(this.#refused, this.#gathered)
    return false
  }

  /** Where all is with the system, nothing has to be remembered. */
  #settle(): void {
    const stream = this.#stream
    if (!stream.writable || stream.writableLength > 0) return
    this.#queued.length = 0
    this.#listener.onRoom()
  }

  beat(data: Sendable): void {
    hand(this.#socket, copyOf(data))
  }

  close(code?: number, reason?: string): void {
    this.#socket.close(code, reason)
  }

  unsent(): readonly Message[] {
    const given = Math.min(bytesGiven(this.#stream), this.#refused)
    return [
      ...this.#queued.filter(({ start }) => start >= given),
      ...[...this.#held].filter((held) => held !== this.#unreadable),
    ].map(({ data, expires, volatile }) => ({ data, expires, volatile }))
  }
}
