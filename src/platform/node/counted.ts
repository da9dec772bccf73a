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
/** Of so many messages it is looked at one whether others follow in its turn: to look costs more than to send quickly. */
const LOOK = 8
/** Up to how many bytes a copy is in memory that many of them share. */
const SMALL = 1_024

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
  /** What this turn of the event loop has sent, as far as is known: nothing, one message, or what is gathered. */
  #turn: 'quiet' | 'one' | 'gathering' = 'quiet'
  /** How many the last turn had that had any: the next is taken to be like it. */
  #last: 'one' | 'several' = 'one'
  /** How many messages are sent until it is looked again. */
  #unseen = 0
  /** Whether somebody wants to know within a turn what is buffered: then it is looked at each. */
  #asked: 'never' | 'within a turn' = 'never'
  /** Bytes of payload that were with the system when the turn began. */
  #through = 0
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

  /** What a turn has sent counts until the turn is over, as in a page. */
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
    // of what is taken whole at once nothing is left to tell, and a callback would cost more than the rest
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
    this.#queued.push({ data: keep(data), expires, volatile, start, before })
    if (stream.writableLength >= BATCH) {
      this.#write()
      this.#gather()
    }
    return true
  }

  /**
   * The first message of a turn goes out at once; those behind it together, as soon as the turn is over. Where the last
   * turn had several, all of them do.
   */
  #sendAtOnce(data: Sendable, done: Done | undefined): boolean {
    const before = this.#payload
    if (--this.#unseen < 0 || this.#asked === 'within a turn') this.#look()
    if (!this.#hand(data, done)) return false
    // the system was given it, in part at least
    this.#prompt = this.#stream.writableLength === 0
    if (!this.#prompt) this.#prompted = { end: this.#end, before }
    return true
  }

  /** False where the system refused it. */
  #hand(data: Sendable, done: Done | undefined): boolean {
    const start = this.#end
    hand(this.#socket, data, done)
    if (!this.#stream.writable) return false
    this.#payload += payloadOf(this.#end - start)
    return true
  }

  /** From now until the turn is over, it is known that it has sent something. */
  #look(): void {
    this.#turn = 'one'
    this.#unseen = LOOK
    this.#through = this.#payload
    // of the ways to call back when the turn is over, the cheapest
    void settled.then(this.#onTurn)
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
        // together with what follows: when the turn is over, it is seen whether the system refuses it
        if (this.#turn !== 'gathering') this.#gatherTurn()
        this.#held.shift()
        this.#queued.push({ ...held, start: this.#end })
      }
      this.#end += sizeOf(chunk)
      return write(chunk, encoding, done)
    }
    stream.write = counted as CountedStream['write']
  }

  #gatherTurn(): void {
    if (this.#turn === 'quiet') this.#through = this.#payload - this.#payloads()
    this.#turn = 'gathering'
    this.#unseen = 0
    this.#gather()
    process.nextTick(endTurn, this)
  }

  /** The turn is over. */
  endTurn(): void {
    this.#turn = 'quiet'
    if (!this.#write()) return
    this.#prompt = this.#stream.writableLength === 0
    this.#settle()
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
    ].map(({ data, expires, volatile }) => ({ data: unshared(data), expires, volatile }))
  }
}

// not a closure for each turn
function endTurn(counted: Counted): void {
  counted.endTurn()
}

/** As `copyOf()`, but quicker: a small one shares its memory with others, and nobody else may see it. */
function keep(data: Sendable): Sendable {
  return data instanceof Uint8Array && data.length <= SMALL ? Buffer.from(data) : copyOf(data)
}

/** What was kept, in memory of its own. */
function unshared(data: Sendable): Sendable {
  return Buffer.isBuffer(data) ? copyOf(data) : data
}
