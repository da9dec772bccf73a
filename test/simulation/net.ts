/**
 * A simulated stream of node:net under the real link, the real `ws` and Node's own HTTP client; and the server at its
 * other end. What the system takes of what is written, when it says so, and what of it arrives, is drawn for each.
 */
import { payloadSize, type Sendable } from '../../src/delivery/payload.js'
import type { Message } from '../../src/delivery/outbox.js'
import { acceptance, keyIn } from '../faults/raw-server.js'
import { NetStream } from '../sim/net-stream.js'
import type { VirtualClock } from './clock.js'

/** What the stream meets outside: the network, which keeps the books. */
export interface Beyond {
  readonly clock: VirtualClock
  readonly random: () => number
  /** A message has arrived. */
  arrived(text: string): void
  /** A connection has sent its first message. */
  begins(text: string): void
  /** The server says something of its own accord, when it is time to. */
  speak(say: (text: string) => void): void
  /** How an open connection ends, and when. */
  ending(): { readonly after: number; readonly how: string; readonly code: number }
}

export type WebSocketState = 'connecting' | 'open' | 'closing' | 'closed'

type Done = (error?: Error | null) => void

/** One frame of a client's that the system was given. */
interface Given {
  readonly text: string
  /** The byte behind its last one. */
  readonly end: number
}

/** An error as the system's are. */
function refusal(code: string): Error {
  return Object.assign(new Error(`write ${code}`), { code, syscall: 'write' })
}

/** An unmasked frame with a short payload, as servers send it. */
function frame(opcode: number, payload: Buffer): Buffer {
  return Buffer.concat([Buffer.from([0x80 | opcode, payload.length]), payload])
}

/** Takes the frames of a client out of bytes, as far as they are whole: RFC 6455 section 5.2, with short payloads. */
class Frames {
  #bytes = Buffer.alloc(0)

  take(chunk: Buffer): { readonly opcode: number; readonly payload: Buffer; readonly length: number }[] {
    this.#bytes = Buffer.concat([this.#bytes, chunk])
    const all = []
    for (;;) {
      const size = (this.#bytes[1] ?? 0) & 0x7f
      const length = 6 + size
      if (this.#bytes.length < length) return all
      const mask = this.#bytes.subarray(2, 6)
      const payload = Buffer.from(this.#bytes.subarray(6, length).map((byte, at) => byte ^ mask[at % 4]!))
      all.push({ opcode: this.#bytes[0]! & 0x0f, payload, length })
      this.#bytes = this.#bytes.subarray(length)
    }
  }
}

export class SimulatedStream extends NetStream {
  readonly #beyond: Beyond
  connecting = true
  bytesRead = 0
  /** Bytes that it has said to have taken. */
  #completed = 0
  /** Of all that was given, what is whole, in order. */
  readonly given: Given[] = []
  readonly #frames = new Frames()
  /** Bytes of frames that were taken out, and of the request before them. */
  #framed = 0
  #phase: 'request' | 'frames' = 'request'
  #request = ''
  #peer: 'there' | 'closing' | 'gone' = 'there'
  /** Whether it takes what is written: once it has refused, it always does. */
  #system: 'takes' | 'refuses' = 'takes'
  /** A write that the system has not taken yet, because the peer reads no more. */
  #stuck: Done | undefined
  /** Whether the stream is being told that a write is through: it goes on with the next at once. */
  #completing: 'completing' | 'not' = 'not'
  #said: 'nothing' | 'something' = 'nothing'
  welcomed: 'not yet' | 'welcomed' = 'not yet'

  constructor(beyond: Beyond) {
    super()
    this.#beyond = beyond
  }

  get completed(): readonly Given[] {
    return this.given.filter(({ end }) => end <= this.#completed)
  }

  connect(): void {
    if (this.destroyed) return
    this.connecting = false
    this.emit('connect')
  }

  /** The server accepts, or does in a way of its own. */
  accept(): void {
    if (this.destroyed || this.#phase === 'frames') return
    this.#phase = 'frames'
    this.#framed = this.dispatched
    const { after, how, code } = this.#beyond.ending()
    const answer = acceptance(keyIn(this.#request))
    const bye = Buffer.from([0x88, 2, code >> 8, code & 0xff])
    // a Close frame may come in one packet with the answer
    const hasty = how === 'close' && this.#beyond.random() < 0.3
    if (hasty) this.#peer = 'closing'
    this.#hear(Buffer.concat([Buffer.from(answer), ...(hasty ? [bye] : [])]))
    this.#chatter()
    this.#later(after, () => this.#end(hasty ? 'none' : how, bye))
  }

  override _read(): void {}

  // whoever calls these sees what comes of it, also while a write is being completed

  override write(...given: unknown[]): boolean {
    return this.#byHand(() => super.write(...(given as [Buffer])))
  }

  override uncork(): void {
    this.#byHand(() => super.uncork())
  }

  #byHand<T>(what: () => T): T {
    const before = this.#completing
    this.#completing = 'not'
    try {
      return what()
    } finally {
      this.#completing = before
    }
  }

  override _write(chunk: Buffer | string, encoding: BufferEncoding, done: Done): void {
    this.#pass(Buffer.from(chunk as string, encoding), done)
  }

  override _writev(
    chunks: readonly { chunk: Buffer | string; encoding: BufferEncoding }[],
    done: Done,
  ): void {
    this.#pass(
      Buffer.concat(chunks.map(({ chunk, encoding }) => Buffer.from(chunk as string, encoding))),
      done,
    )
  }

  override _final(done: Done): void {
    done()
  }

  override _destroy(error: Error | null, done: Done): void {
    this.#peer = 'gone'
    this.#stuck?.(error ?? new Error('destroyed'))
    done(error)
  }

  /** What the system does with one write: it takes it at once, or some time later, or never, or refuses it. */
  #pass(bytes: Buffer, done: Done): void {
    this.dispatched += bytes.length
    const { random } = this.#beyond
    if (this.#peer === 'gone' && this.#phase === 'frames' && random() < 0.3) this.#system = 'refuses'
    if (this.#system === 'refuses') {
      // what the stream writes by itself, behind a write that has just come through, nobody else can see refused
      if (this.#completing === 'completing') this.#take(bytes)
      return done(refusal(random() < 0.5 ? 'EPIPE' : 'ECONNRESET'))
    }
    this.#take(bytes)
    const end = this.dispatched
    const complete = (): void => {
      this.#completed = Math.max(this.#completed, end)
      this.#completing = 'completing'
      done()
      this.#completing = 'not'
    }
    if (this.#peer === 'gone' && random() < 0.5) this.#stuck = done
    else if (random() < 0.6) complete()
    else
      this.#later(random() * 500, () => {
        if (!this.destroyed) complete()
      })
  }

  /** It is with the system: it may arrive. */
  #take(bytes: Buffer): void {
    if (this.#phase === 'request') {
      this.#request += bytes.toString('latin1')
      return
    }
    for (const { opcode, payload, length } of this.#frames.take(bytes)) {
      this.#framed += length
      const text = payload.toString()
      if (opcode === 1) {
        if (this.#said === 'nothing') this.#beyond.begins(text)
        this.#said = 'something'
        this.given.push({ text, end: this.#framed })
      }
      this.#deliver(() => this.#arrive(opcode, payload))
    }
  }

  readonly #underway: (() => void)[] = []
  /** In order, however long each takes. */
  #deliver(arrive: () => void): void {
    this.#underway.push(arrive)
    this.#later(this.#beyond.random() * 200, () => {
      const next = this.#underway.shift()!
      if (this.#peer !== 'gone') next()
    })
  }

  /** What a server does with a frame. */
  #arrive(opcode: number, payload: Buffer): void {
    const text = payload.toString()
    if (opcode === 9) this.#answer(() => this.#hear(frame(10, payload)))
    else if (opcode === 8) {
      if (this.#peer === 'there' && this.#beyond.random() < 0.8)
        this.#answer(() => (this.#hear(frame(8, payload)), this.#finish()))
      else if (this.#peer === 'closing') this.#finish()
    } else if (text === 'hi')
      this.#answer(() => {
        this.welcomed = 'welcomed'
        this.#hear(frame(1, Buffer.from('welcome')))
      })
    else if (opcode === 1) this.#beyond.arrived(text)
  }

  #answer(how: () => void): void {
    this.#later(100, () => {
      if (this.#peer !== 'gone' && !this.destroyed) how()
    })
  }

  /** FIN, some time after the handshake. */
  #finish(): void {
    this.#later(this.#beyond.random() * 300, () => this.#fin())
  }

  #fin(): void {
    if (this.destroyed || this.#peer === 'gone') return
    this.#peer = 'gone'
    this.push(null)
  }

  #hear(bytes: Buffer): void {
    if (this.destroyed || this.#peer === 'gone') return
    this.bytesRead += bytes.length
    this.push(bytes)
  }

  #end(how: string, bye: Buffer): void {
    if (this.destroyed || this.#peer !== 'there') return
    if (how === 'halfOpen') this.#peer = 'gone'
    else if (how === 'silentlyClosing') this.#fin()
    else if (how === 'errorOnly' || how === 'reset') this.destroy(refusal('ECONNRESET'))
    else if (how !== 'none') {
      this.#peer = 'closing'
      this.#hear(bye)
      if (how === 'doubled')
        this.#later(this.#beyond.random() * 300, () => this.destroy(refusal('ECONNRESET')))
    }
  }

  /** The server sends something now and then. */
  #chatter(): void {
    this.#later(this.#beyond.random() * 20_000, () => {
      if (this.destroyed || this.#peer !== 'there') return
      // what is paused hears it later
      if (this.readableFlowing && this.readableLength === 0)
        this.#beyond.speak((text) => this.#hear(frame(1, Buffer.from(text))))
      this.#chatter()
    })
  }

  #later(ms: number, callback: () => void): void {
    this.#beyond.clock.setTimeout(callback, ms)
  }
}

/** As the laws look at a link: what was handed over, and where it is. */
export class NetLine {
  readonly stream: SimulatedStream
  readonly #state: () => WebSocketState
  /** What may have arrived, and may not: nobody can tell. */
  readonly #gone: (data: readonly Sendable[]) => void
  readonly #handed: string[] = []
  readonly #received = new Set<string>()
  held = true

  constructor(
    stream: SimulatedStream,
    state: () => WebSocketState,
    gone: (data: readonly Sendable[]) => void,
  ) {
    this.stream = stream
    this.#state = state
    this.#gone = gone
  }

  get state(): WebSocketState {
    return this.#state()
  }

  get welcomed(): SimulatedStream['welcomed'] {
    return this.stream.welcomed
  }

  handed(data: Sendable): void {
    this.#handed.push(String(data))
  }

  received(text: string): void {
    this.#received.add(text)
  }

  get bufferedAmount(): number {
    const completed = new Set(this.stream.completed.map(({ text }) => text))
    return this.#handed
      .filter((text) => !completed.has(text))
      .reduce((bytes, text) => bytes + payloadSize(text), 0)
  }

  unsent(): readonly Message[] {
    return this.#handed
      .filter((text) => !this.#received.has(text))
      .map((data) => ({ data, expires: Infinity }))
  }

  dropped(): void {
    this.held = false
    const given = this.stream.given.map(({ text }) => text).filter((text) => text !== 'hi')
    this.#gone(given.filter((text) => !this.#received.has(text)))
  }
}
