/** A simulated network: servers with fates, links that may misbehave, and a record of what really arrived. */
import type { Target } from '../../src/machine/state.js'
import type { Message } from '../../src/delivery/outbox.js'
import type { DialOptions, Link, LinkListener } from '../../src/platform/platform.js'
import type { VirtualClock } from './clock.js'
import type { Latest, WholeWrites } from '../../src/platform/buffered.js'
import type { NodeLink } from '../../src/platform/node/link.js'
import type { dialWhatwg } from '../../src/platform/whatwg.js'
import { WebSocket } from 'ws'
import { NetLine, SimulatedStream } from './net.js'
import { countings, Line, SimulatedSocket } from './whatwg.js'
import type { Data, Sendable } from '../../src/delivery/payload.js'

/** What becomes of a dial. The rest of a connection's life is drawn when it is open. */
const dialFates = [
  'open',
  'open',
  'open',
  'open',
  'refuse',
  'silent',
  'throw',
  'errorOnly',
  'closeOnly',
  'doubled',
  'early',
] as const
/** How an open connection ends, if it ends by itself. */
const ends = [
  'close',
  'close',
  'reset',
  'halfOpen',
  'errorOnly',
  'doubled',
  'silentlyClosing',
  'none',
] as const
const codes = [1000, 1001, 1005, 1008, 1011, 1012, 1013, 3000, 4321]

/** Of a simulated link, or of the simulated socket or stream under a real one. */
export type LinkKind = 'simulated' | 'whatwg' | 'net'

/** The real links. */
export interface Links {
  readonly Latest: typeof Latest
  readonly WholeWrites: typeof WholeWrites
  readonly dialWhatwg: typeof dialWhatwg
  readonly NodeLink: typeof NodeLink
}

/** As the laws look at one. */
export type AnyLink = SimulatedLink | Line | NetLine

const states = ['connecting', 'open', 'closing', 'closed'] as const

type World = {
  readonly clock: VirtualClock
  readonly random: () => number
  /** For what a Close frame does between its coming and `close`: apart, so that seeds stay what they were. */
  readonly window: () => number
}

export class Network {
  readonly #world: World
  readonly links: AnyLink[] = []
  /** Everything that servers received, in order. */
  readonly received: Sendable[] = []
  /** What ended with a connection whose class cannot tell whether it has left. */
  readonly gone: Sendable[] = []
  /** A network without faults: dials open, connections live, the peer answers. */
  healthy: 'faulty' | 'healthy' = 'faulty'
  /** What was sent on a connection before the `hello`, where one has to come first. */
  readonly unasked: Sendable[] = []
  readonly #first: string | undefined
  /** Hands to a socket what a server says of its own accord: `hello`, or what no codec can read. */
  speak: (say: () => void, link: AnyLink) => void = (say) => say()
  /** Whether servers say what cannot be decoded. */
  garbles: 'never' | 'sometimes' = 'never'
  readonly #kind: LinkKind

  readonly #real: Links

  /** @param first What servers want to hear first of all. */
  constructor(world: World, first: string | undefined, kind: LinkKind, real: Links) {
    this.#kind = kind
    this.#real = real
    this.#world = world
    this.#first = first
  }

  /** A connection has sent that, as its first message. */
  begins(data: Sendable): void {
    if (this.#first !== undefined && data !== this.#first) this.unasked.push(data)
  }

  get live(): AnyLink[] {
    return this.links.filter((link) => link.held)
  }

  dial(target: Target, options: DialOptions, listener: LinkListener): Link {
    const fate = this.healthy === 'healthy' ? 'open' : this.#pick(dialFates)
    if (fate === 'throw') throw new Error('the platform says no')
    if (this.#kind === 'net') return this.#dialNet(fate, target, options, listener)
    if (this.#kind === 'whatwg') return this.#dialWhatwg(fate, target, options, listener)
    const link = new SimulatedLink(this, this.#world, listener)
    this.links.push(link)
    this.#later(this.healthy === 'healthy' ? 100 : 5_000, () => {
      if (fate === 'refuse') link.fail()
      else if (fate === 'errorOnly') listener.onError(new Error('and no close follows'))
      else if (fate === 'closeOnly') listener.onClose(1006, '', false)
      else if (fate !== 'silent') link.open(fate)
    })
    return link
  }

  /** The real link over a simulated class. */
  #dialWhatwg(
    fate: (typeof dialFates)[number],
    target: Target,
    options: DialOptions,
    listener: LinkListener,
  ): Link {
    const { clock, random } = this.#world
    const real = this.#real
    const counting = this.healthy === 'healthy' ? 'standard' : this.#pick(countings)
    const socket = new SimulatedSocket({
      clock,
      random,
      counting,
      // of one that was given up it is gone already
      sent: (data) => void (line.held && this.received.push(data)),
      begins: (data) => this.begins(data),
      speak: (say) => this.speak(() => say(this.saying()), line),
      ending: () => this.ending(),
    })
    const line: Line = new Line(socket, (data) => this.gone.push(...data))
    this.links.push(line)
    // an object that a constructor returns is what `new` gives
    const WebSocket = function (): object {
      return socket
    } as unknown as NonNullable<DialOptions['WebSocket']>
    const buffered = counting === 'whole' ? new real.WholeWrites() : new real.Latest()
    const link = real.dialWhatwg(WebSocket, target, options, listener, buffered)
    const drop = link.drop.bind(link)
    link.drop = () => {
      line.dropped()
      drop()
    }
    this.#later(this.healthy === 'healthy' ? 100 : 5_000, () => {
      if (fate === 'refuse') socket.fail()
      else if (fate === 'errorOnly') socket.errorOnly()
      else if (fate === 'closeOnly') socket.closeOnly()
      else if (fate !== 'silent') socket.open(fate)
    })
    return link
  }

  /** The real link, `ws` and HTTP client over a simulated stream. */
  #dialNet(
    fate: (typeof dialFates)[number],
    target: Target,
    { node, ...options }: DialOptions,
    listener: LinkListener,
  ): Link {
    const { clock, random } = this.#world
    const stream = new SimulatedStream({
      clock,
      random,
      arrived: (text) => {
        if (!line.held) return
        line.received(text)
        this.received.push(text)
      },
      begins: (text) => this.begins(text),
      speak: (say) => this.speak(() => say(this.saying() as string), line),
      ending: () => this.ending(),
    })
    let socket!: WebSocket
    class Noted extends WebSocket {
      constructor(...given: ConstructorParameters<typeof WebSocket>) {
        super(...given)
        // eslint-disable-next-line @typescript-eslint/no-this-alias -- how it stands is for the laws to see
        socket = this
      }
    }
    const state = (): (typeof states)[number] => states[socket.readyState]!
    const line: NetLine = new NetLine(stream, state, (data) => this.gone.push(...data))
    this.links.push(line)
    const link = new this.#real.NodeLink(
      { ...target, agent: undefined, agentFor: () => Promise.resolve(undefined) },
      { ...options, node: { ...node, createConnection: () => stream, perMessageDeflate: false } },
      listener,
      Noted as never,
    )
    const drop = link.drop.bind(link)
    link.drop = () => {
      line.dropped()
      drop()
    }
    const send = link.send.bind(link)
    link.send = (message) => {
      const taken = send(message)
      if (taken) line.handed(message.data)
      return taken
    }
    const delay = this.healthy === 'healthy' ? 100 : 5_000
    this.#later(delay / 2, () => stream.connect())
    this.#later(delay, () => {
      if (fate === 'refuse') stream.destroy(Object.assign(new Error('refused'), { code: 'ECONNREFUSED' }))
      else if (fate === 'errorOnly' || fate === 'closeOnly') stream.destroy()
      else if (fate !== 'silent') stream.accept()
    })
    return link
  }

  /** What a server says of its own accord. */
  saying(): Data {
    const garbled = this.garbles === 'sometimes' && this.healthy === 'faulty' && this.#world.window() < 0.3
    return garbled ? 'garbage' : 'hello'
  }

  /** How long this open connection lives, and what ends it. */
  ending(): { readonly after: number; readonly how: (typeof ends)[number]; readonly code: number } {
    const how = this.healthy === 'healthy' ? 'none' : this.#pick(ends)
    return { after: this.#world.random() ** 3 * 60_000, how, code: this.#pick(codes) }
  }

  #pick<T>(from: readonly T[]): T {
    return from[Math.floor(this.#world.random() * from.length)] as T
  }

  #later(most: number, callback: () => void): void {
    this.#world.clock.setTimeout(callback, this.#world.random() ** 2 * most)
  }
}

export class SimulatedLink implements Link {
  readonly protocol = ''
  readonly extensions = ''
  binaryType: 'arraybuffer' | 'blob' = 'arraybuffer'
  readonly #network: Network
  readonly #world: World
  readonly #listener: LinkListener
  #wire: Message[] = []
  #bytes = 0
  #peer: 'there' | 'gone' = 'there'
  #reading: 'reading' | 'paused' = 'reading'
  #said: 'nothing' | 'something' = 'nothing'
  /** Whether the server has answered the `hello`. */
  welcomed: 'not yet' | 'welcomed' = 'not yet'
  state: 'connecting' | 'open' | 'closing' | 'closed' = 'connecting'
  /** Whether the socket still holds on to it. */
  held = true

  constructor(network: Network, world: World, listener: LinkListener) {
    this.#network = network
    this.#world = world
    this.#listener = listener
  }

  get ready(): boolean {
    return this.state === 'open'
  }

  get bufferedAmount(): number {
    return this.#wire.reduce((bytes, { data }) => bytes + String(data).length, 0)
  }

  open(how: 'open' | 'doubled' | 'early'): void {
    if (this.state !== 'connecting') return
    if (how === 'early') this.#listener.onMessage('before open')
    this.state = 'open'
    const { window } = this.#world
    const { after, how: end, code } = this.#network.ending()
    // a Close frame may come in one packet with the handshake's answer
    const at =
      end === 'close' && window() < 0.3 ? (['before', 'after'] as const)[window() < 0.5 ? 0 : 1] : 'later'
    if (at === 'before') this.#closes(code)
    this.#listener.onOpen()
    if (how === 'doubled') this.#listener.onOpen()
    if (at === 'after') this.#closes(code)
    this.#chatter()
    this.#later(after, () => this.#end(end, code))
  }

  /** A dial that is refused: `error`, then `close`. */
  fail(): void {
    this.state = 'closed'
    this.#listener.onError(new Error('refused'))
    this.#listener.onClose(1006, '', false)
  }

  send(message: Message): boolean {
    this.#says(message.data)
    this.#wire.push(message)
    this.#later(this.#world.random() * 200, () => this.#transmit())
    return true
  }

  /** A `hello`: the server answers it. */
  beat(data: Sendable): void {
    this.#says(data)
    if (this.#peer === 'gone' || this.state !== 'open') return
    this.#later(100, () => {
      if (this.#reading === 'paused' || this.state !== 'open') return
      this.welcomed = 'welcomed'
      this.#hear('welcome')
    })
  }

  #says(data: Sendable): void {
    if (this.#said === 'nothing') this.#network.begins(data)
    this.#said = 'something'
  }

  unsent(): readonly Message[] {
    return [...this.#wire]
  }

  close(code = 1005, reason = ''): void {
    if (this.state === 'closed') return
    this.state = 'closing'
    if (this.#peer === 'there' && this.#world.random() < 0.8)
      this.#later(this.#world.random() * 1_000, () => this.#closed(code, reason, true))
  }

  drop(): void {
    this.held = false
    this.state = 'closed'
    this.#peer = 'gone'
    // what a platform may still say, long after nobody should hear it
    if (this.#world.random() < 0.3) {
      this.#later(2_000, () => {
        this.#listener.onOpen()
        this.#listener.onMessage('from the past')
        this.#listener.onError(new Error('late'))
        this.#listener.onClose(1001, 'late', true)
      })
    }
  }

  ping(): void {
    if (this.#peer === 'there')
      this.#later(300, () => {
        if (this.#reading === 'paused' || this.state !== 'open') return
        this.#bytes++
        this.#listener.onPong()
      })
  }

  pause(): void {
    this.#reading = 'paused'
  }

  resume(): void {
    this.#reading = 'reading'
  }

  received(): number {
    return this.#bytes
  }

  /** The peer sends something now and then. */
  #chatter(): void {
    this.#later(this.#world.random() * 20_000, () => {
      if (this.state !== 'open' || this.#peer === 'gone') return
      if (this.#reading === 'reading') this.#network.speak(() => this.#hear(this.#network.saying()), this)
      this.#chatter()
    })
  }

  #hear(data: Data): void {
    this.#bytes++
    this.#listener.onMessage(data)
  }

  #transmit(): void {
    if (this.state === 'closed' || this.#peer === 'gone') return
    const message = this.#wire.shift()
    if (message) this.#network.received.push(message.data)
    this.#listener.onRoom()
  }

  #end(how: (typeof ends)[number], code: number): void {
    if (this.state !== 'open') return
    if (how === 'halfOpen') this.#peer = 'gone'
    else if (how === 'silentlyClosing') {
      // the platform knows that it is over, and never says so
      this.#peer = 'gone'
      this.state = 'closing'
    } else if (how === 'errorOnly') {
      this.state = 'closed'
      this.#listener.onError(new Error('and no close follows'))
    } else if (how === 'reset') this.fail()
    else if (how === 'close' && this.#world.window() < 0.5) this.#closes(code)
    else if (how !== 'none') {
      this.#closed(code, 'bye', true)
      if (how === 'doubled') this.#listener.onClose(code, 'bye', true)
    }
  }

  /** The peer's Close frame is here: nothing goes out any more, and some time later `close` is told. */
  #closes(code: number): void {
    if (this.state !== 'open') return
    this.state = 'closing'
    this.#peer = 'gone'
    const { clock, window } = this.#world
    clock.setTimeout(() => this.#closed(code, 'bye', true), window() ** 2 * 1_000)
  }

  #closed(code: number, reason: string, wasClean: boolean): void {
    if (this.state === 'closed') return
    this.state = 'closed'
    this.#listener.onClose(code, reason, wasClean)
  }

  /** The network's own timers are not the socket's: they are kept apart from those that laws count. */
  #later(ms: number, callback: () => void): void {
    this.#world.clock.setTimeout(callback, ms)
  }
}
