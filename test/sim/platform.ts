/** A platform in the hands of a test: time, random numbers, hints, and links that do what they are told. */
import type { Target } from '../../src/machine/state.js'
import type { Message } from '../../src/delivery/outbox.js'
import { payloadSize } from '../../src/delivery/payload.js'
import type { DialOptions, Link, LinkListener, Platform } from '../../src/platform/platform.js'
import type { NodeOptions } from '../../src/options/node-options.js'
import { readAnswer } from '../../src/platform/answer.js'
import { checkNodeOptions } from '../../src/platform/node/check.js'
import { provideNode } from '../../src/platform/node/provide.js'
import { seeded } from '../simulation/clock.js'
import { SimClock } from './clock.js'
import type { Data, Sendable } from '../../src/delivery/payload.js'
import type { Hint } from '../../src/machine/state.js'

/** What a link can do beside sending; a browser's can do none of it. */
export interface Abilities {
  readonly ping: boolean
  readonly pause: boolean
  readonly received: boolean
  readonly taken: boolean
}

export class SimLink implements Link {
  protocol = ''
  extensions = ''
  ready = false
  binaryType: 'arraybuffer' | 'blob'
  readonly target: Target
  readonly options: DialOptions
  /** What the platform tells; events that should not come any more can be sent by it too. */
  readonly listener: LinkListener
  /** Messages that reached the network. */
  readonly sent: Sendable[] = []
  readonly beats: Sendable[] = []
  /** Calls of close(), as [code, reason]. */
  readonly closes: [number | undefined, string | undefined][] = []
  pings = 0
  drops = 0
  reading: 'on' | 'off' = 'on'
  /** `held` keeps messages within the platform. */
  network: 'free' | 'held' = 'free'
  /** Thrown by the next calls of send(), beat(), ping() and close(). */
  failure: Error | undefined
  /** What the system has taken of messages that are held: less than all of them. */
  partly = 0
  /** What has come in, where `received` counts it. */
  bytes = 0
  readonly ping?: () => void
  readonly pause?: () => void
  readonly resume?: () => void
  readonly received?: () => number
  readonly taken?: () => number
  #held: Message[] = []

  constructor(target: Target, options: DialOptions, listener: LinkListener, able: Partial<Abilities>) {
    this.target = target
    this.options = options
    this.listener = listener
    this.binaryType = options.binaryType
    if (able.ping)
      this.ping = () => {
        this.#fails()
        this.pings++
      }
    if (able.pause) {
      this.pause = () => void (this.reading = 'off')
      this.resume = () => void (this.reading = 'on')
    }
    if (able.received) this.received = () => this.bytes
    if (able.taken)
      this.taken = () => this.partly + this.sent.reduce((bytes, data) => bytes + payloadSize(data), 0)
  }

  get bufferedAmount(): number {
    return this.#held.reduce((bytes, { data }) => bytes + payloadSize(data), 0) - this.partly
  }

  send(message: Message): boolean {
    this.#fails()
    if (this.network === 'held' || this.#held.length > 0) this.#held.push(message)
    else this.sent.push(message.data)
    return true
  }

  beat(data: Sendable): void {
    this.#fails()
    this.beats.push(data)
  }

  close(code?: number, reason?: string): void {
    this.#fails()
    this.closes.push([code, reason])
    this.ready = false
  }

  unsent(): readonly Message[] {
    return [...this.#held]
  }

  drop(): void {
    this.drops++
    this.ready = false
  }

  /** The handshake succeeds. */
  open({ protocol = '', extensions = '' } = {}): this {
    Object.assign(this, { protocol, extensions, ready: true })
    this.listener.onOpen()
    return this
  }

  message(data: Data): void {
    this.bytes += payloadSize(data)
    this.listener.onMessage(data)
  }

  pong(): void {
    this.bytes += 2
    this.listener.onPong()
  }

  /** The network takes `count` of the messages that are held, or all. */
  transmit(count = Infinity): void {
    for (let i = 0; i < count; i++) {
      const message = this.#held.shift()
      if (!message) return
      this.sent.push(message.data)
      this.listener.onRoom()
    }
  }

  /** The peer closes, or answers a Close. */
  end(code = 1000, reason = '', wasClean = true): void {
    this.ready = false
    this.listener.onClose(code, reason, wasClean)
  }

  /** The dial is refused, or the connection reset. */
  fail(error: unknown = new Error('refused')): void {
    this.ready = false
    this.listener.onError(error)
    this.listener.onClose(1006, '', false)
  }

  #fails(): void {
    if (this.failure) throw this.failure
  }
}

export class SimPlatform implements Platform {
  readonly schemes = ['ws+unix:']
  readonly readAnswer = readAnswer
  readonly check = (node: NodeOptions): void => checkNodeOptions(node)
  punctual = false
  readonly provide = (WebSocket: unknown) => (WebSocket ? undefined : provideNode)
  readonly clock = new SimClock()
  random: () => number = seeded(1)
  readonly links: SimLink[] = []
  /** What every link from now on can do. */
  able: Partial<Abilities> = { ping: true, pause: true, received: true, taken: true }
  /** What becomes of a dial, from within it. May throw: then the platform refuses to dial. */
  dialed: (link: SimLink) => void = () => {}
  readonly #told = new Set<(hint: Hint) => void>()

  readonly hints = (tell: (hint: Hint) => void): (() => void) => {
    this.#told.add(tell)
    return () => this.#told.delete(tell)
  }

  dial(target: Target, options: DialOptions, listener: LinkListener): Link {
    const link = new SimLink(target, options, listener, this.able)
    this.links.push(link)
    this.dialed(link)
    return link
  }

  /** The latest link. */
  get link(): SimLink {
    const link = this.links.at(-1)
    if (!link) throw new Error('nothing has been dialed')
    return link
  }

  /** Links that have not been dropped. */
  get live(): SimLink[] {
    return this.links.filter(({ drops }) => drops === 0)
  }

  /** How many listen to hints. */
  get listening(): number {
    return this.#told.size
  }

  hint(hint: Hint): void {
    for (const tell of [...this.#told]) tell(hint)
  }
}
