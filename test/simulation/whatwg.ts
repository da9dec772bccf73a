/**
 * A simulated WebSocket of the standard's interface, under the real link. What it keeps to of the standard is drawn for
 * each: every departure that a platform is known for is among them.
 */
import { payloadSize, type Data, type Sendable } from '../../src/delivery/payload.js'
import type { WebSocketLike } from '../../src/platform/whatwg.js'
import type { Message } from '../../src/delivery/outbox.js'
import type { VirtualClock } from './clock.js'

/**
 * How `bufferedAmount` counts: as the standard has it, with the headers of frames, not at all, or no more once the
 * connection is over; `whole` as `ws` and Node's own do, all of a write until it is through.
 */
export type Counting = 'standard' | 'headers' | 'missing' | 'zeroed' | 'whole'

export const countings: readonly Counting[] = [
  'standard',
  'standard',
  'headers',
  'missing',
  'zeroed',
  'whole',
]

/** What the socket meets outside: the network, which keeps the books. */
export interface Outside {
  readonly clock: VirtualClock
  readonly random: () => number
  readonly counting: Counting
  /** A message has left. */
  sent(data: Sendable): void
  /** A connection has sent its first message. */
  begins(data: Sendable): void
  /** The server says something of its own accord, when it is time to. */
  speak(say: (data: Data) => void): void
  /** How an open connection ends, and when. */
  ending(): { readonly after: number; readonly how: string; readonly code: number }
}

interface Waiting {
  readonly data: Sendable
  readonly cost: number
}

type Handler<E> = ((event: E) => void) | null
type CloseEvent = { readonly code: number; readonly reason: string; readonly wasClean: boolean }

export class SimulatedSocket implements WebSocketLike {
  onopen: Handler<void> = null
  onmessage: Handler<{ readonly data: Data }> = null
  onerror: Handler<{ readonly error?: unknown }> = null
  onclose: Handler<CloseEvent> = null
  readonly protocol: string | null
  readonly extensions: string | null
  state: 'connecting' | 'open' | 'closing' | 'closed' = 'connecting'
  welcomed: 'not yet' | 'welcomed' = 'not yet'
  readonly #outside: Outside
  /** Handed over, and not with the network yet; the first `#writing` of them are on their way into it. */
  #wire: Waiting[] = []
  #writing = 0
  #peer: 'there' | 'gone' = 'there'
  #said: 'nothing' | 'something' = 'nothing'
  #binaryType = 'blob'

  constructor(outside: Outside) {
    this.#outside = outside
    const { random } = outside
    this.protocol = random() < 0.2 ? null : ''
    this.extensions = random() < 0.2 ? null : ''
  }

  get readyState(): number {
    return ['connecting', 'open', 'closing', 'closed'].indexOf(this.state)
  }

  get binaryType(): string {
    return this.#binaryType
  }

  set binaryType(type) {
    // React Native without its module for Blobs
    if (this.protocol === null) throw new Error('no binary messages here')
    this.#binaryType = type
  }

  get bufferedAmount(): unknown {
    const { counting } = this.#outside
    if (counting === 'missing') return undefined
    if (counting === 'zeroed' && this.state === 'closed') return 0
    return this.#wire.reduce((bytes, { cost }) => bytes + cost, 0)
  }

  /** What certainly never left, as far as anybody can tell from outside: until it is over, it goes on. */
  get certain(): readonly Sendable[] {
    const { counting } = this.#outside
    if (counting === 'missing' || counting === 'zeroed' || this.state !== 'closed') return []
    return this.#wire.slice(this.#writing).map(({ data }) => data)
  }

  /** What it holds at all: that which is not certain may have arrived. */
  get held(): readonly Sendable[] {
    return this.#wire.map(({ data }) => data)
  }

  send(data: Sendable): void {
    if (this.state === 'connecting') throw new Error('InvalidStateError')
    // what is sent too late is discarded in silence
    if (this.state !== 'open') return
    const { counting, random } = this.#outside
    if (this.#said === 'nothing') this.#outside.begins(data)
    this.#said = 'something'
    this.#wire.push({ data, cost: payloadSize(data) + (counting === 'headers' ? 6 : 0) })
    if (counting !== 'whole') this.#later(random() * 200, () => this.#transmit(1))
    else if (this.#writing === 0) this.#write()
  }

  /** All that waits goes into the network in one write, which is through some time later. */
  #write(): void {
    this.#writing = this.#wire.length
    if (this.#writing === 0) return
    this.#later(this.#outside.random() * 200, () => {
      const count = this.#writing
      if (this.#peer === 'gone' || this.state === 'closed') return
      this.#writing = 0
      this.#transmit(count)
      this.#write()
    })
  }

  #transmit(count: number): void {
    if (this.#peer === 'gone' || this.state === 'closed') return
    for (const { data } of this.#wire.splice(0, count))
      if (data === 'hi') this.#answer('welcome')
      else if (data === 'ping') this.#answer('pong')
      else this.#outside.sent(data)
  }

  #answer(data: string): void {
    this.#later(100, () => {
      if (this.state !== 'open' || this.#peer === 'gone') return
      if (data === 'welcome') this.welcomed = 'welcomed'
      this.onmessage?.({ data })
    })
  }

  close(code = 1005, reason = ''): void {
    if (this.state === 'closing' || this.state === 'closed') return
    const { random } = this.#outside
    this.state = 'closing'
    if (this.#peer === 'there' && random() < 0.8)
      this.#later(random() * 1_000, () => this.#closed(code, reason))
    if (random() < 0.1) throw new Error('it is closing')
  }

  /** The handshake succeeds, or does in a way of its own. */
  open(how: string): void {
    if (this.state !== 'connecting') return
    if (how === 'early') this.onmessage?.({ data: 'before open' })
    this.state = 'open'
    const { after, how: end, code } = this.#outside.ending()
    this.onopen?.()
    if (how === 'doubled') this.onopen?.()
    this.#chatter()
    this.#later(after, () => this.#end(end, code))
  }

  /** A dial that fails. Some classes give it a code of their own, some give no `error`. */
  fail(): void {
    const { random } = this.#outside
    this.state = 'closed'
    if (random() < 0.8) this.onerror?.(random() < 0.5 ? {} : { error: new Error('refused') })
    const code = random() < 0.3 ? 1002 : 1006
    this.onclose?.({ code, reason: 'before open', wasClean: random() < 0.2 })
  }

  errorOnly(): void {
    this.onerror?.({})
  }

  closeOnly(): void {
    this.state = 'closed'
    this.onclose?.({ code: 1006, reason: '', wasClean: false })
  }

  #end(how: string, code: number): void {
    if (this.state !== 'open') return
    const { random } = this.#outside
    if (how === 'halfOpen') this.#peer = 'gone'
    else if (how === 'silentlyClosing') {
      this.#peer = 'gone'
      this.state = 'closing'
    } else if (how === 'errorOnly') {
      this.state = 'closed'
      this.onerror?.({})
    } else if (how === 'reset') {
      this.state = 'closed'
      if (random() < 0.5) this.onerror?.({})
      this.onclose?.({ code: 1006, reason: '', wasClean: false })
    } else if (how !== 'none') {
      // the Close frame is here, and `close` some time later
      this.#peer = 'gone'
      this.state = 'closing'
      this.#later(random() < 0.5 ? 0 : random() * 1_000, () => {
        this.#closed(code, 'bye')
        if (how !== 'doubled') return
        this.onmessage?.({ data: 'from the past' })
        this.onclose?.({ code, reason: 'bye', wasClean: true })
      })
    }
  }

  #closed(code: number, reason: string): void {
    if (this.state === 'closed') return
    this.state = 'closed'
    const { random } = this.#outside
    // some know no `wasClean`, some always say the same
    const wasClean = random() < 0.2 ? undefined : random() < 0.8
    this.onclose?.({ code, reason, wasClean } as CloseEvent)
  }

  #chatter(): void {
    this.#later(this.#outside.random() * 20_000, () => {
      if (this.state !== 'open' || this.#peer === 'gone') return
      this.#outside.speak((data) => this.onmessage?.({ data }))
      this.#chatter()
    })
  }

  #later(ms: number, callback: () => void): void {
    this.#outside.clock.setTimeout(callback, ms)
  }
}

/** As the laws look at a link: what the socket holds on to, and what becomes of it when that lets go. */
export class Line {
  readonly #socket: SimulatedSocket
  /** What may have arrived, and may not: nobody can tell. */
  readonly #gone: (data: readonly Sendable[]) => void
  held = true

  constructor(socket: SimulatedSocket, gone: (data: readonly Sendable[]) => void) {
    this.#socket = socket
    this.#gone = gone
  }

  get state(): SimulatedSocket['state'] {
    return this.#socket.state
  }

  get welcomed(): SimulatedSocket['welcomed'] {
    return this.#socket.welcomed
  }

  /** In bytes of messages; nothing where the class does not count. */
  get bufferedAmount(): number {
    if (this.#socket.bufferedAmount === undefined) return 0
    return own(this.#socket.held).reduce<number>((bytes, data) => bytes + payloadSize(data), 0)
  }

  unsent(): readonly Message[] {
    return own(this.#socket.held).map((data) => ({ data, expires: Infinity }))
  }

  dropped(): void {
    this.held = false
    const certain = this.#socket.certain
    this.#gone(own(this.#socket.held).filter((data) => !certain.includes(data)))
  }
}

/** Without what belongs to the connection alone. */
const own = (all: readonly Sendable[]): Sendable[] => all.filter((data) => data !== 'hi' && data !== 'ping')
