/** A client for tests: the protocol's machine over a `ws` of its own, which dials again at once however it ended. */
import { WebSocket } from 'ws'
import { Held } from '../../src/session/held.js'
import {
  clientState,
  type ClientEffect,
  type ClientInput,
  type ClientState,
  clientTransition,
} from '../../src/session/protocol/client.js'
import { decode, encode, escape, isControl, SUBPROTOCOL, unescape } from '../../src/session/protocol/wire.js'

export type Data = string | Buffer

const sizeOf = (data: Data): number => (typeof data === 'string' ? Buffer.byteLength(data) : data.length)

export class TestClient {
  /** What was received, in order. */
  readonly received: Data[] = []
  /** Close codes of its connections. */
  readonly closes: number[] = []
  /** Reasons of losses, with the number of the first message that was lost. */
  readonly lost: { reason: string; from: number }[] = []
  /** `violation`s of the server's. */
  readonly problems: string[] = []
  /** How often it has gone on with its session. */
  resumed = 0
  connections = 0
  readonly #urls: readonly string[]
  readonly #headers: Record<string, string>
  readonly #waiting = new Set<() => void>()
  #state: ClientState = clientState()
  #held = new Held<Data>()
  #socket: WebSocket | undefined
  #came: Data = ''
  #life: 'on' | 'off' = 'on'
  #timer: NodeJS.Timeout | undefined
  /** Whether each message is noted as taken over at once. */
  taking: 'at once' | 'never' = 'at once'

  /** @param urls Tried in turn. */
  constructor(urls: string | readonly string[], headers: Record<string, string> = {}) {
    this.#urls = typeof urls === 'string' ? [urls] : urls
    this.#headers = headers
    this.#dial()
  }

  get state(): ClientState {
    return this.#state
  }

  get session() {
    return this.#state.session
  }

  get phase() {
    return this.#state.phase
  }

  /** The last own number that the server has taken over. */
  get acked(): number {
    return this.#state.outgoing.acked
  }

  /** Pretends to have that session. */
  pretend(state: ClientState): void {
    this.#state = state
    this.#held = new Held(state.outgoing.acked)
  }

  send(data: Data): number {
    const number = this.#held.add(data, sizeOf(data))
    this.#feed({ type: 'kept', generation: this.#state.generation, number })
    return number
  }

  /** Waits until it holds. */
  until(holds: (client: this) => boolean): Promise<void> {
    return new Promise((resolve) => {
      const look = (): void => {
        if (!holds(this)) return
        this.#waiting.delete(look)
        resolve()
      }
      this.#waiting.add(look)
      look()
    })
  }

  live(): Promise<void> {
    return this.until(({ phase }) => phase === 'live')
  }

  /** Cuts its connection; it makes another. */
  cut(): void {
    this.#socket?.terminate()
  }

  /** Reads nothing any more. */
  stall(): void {
    this.#socket?.pause()
  }

  leave(): void {
    this.#feed({ type: 'leave' })
  }

  stop(): void {
    this.#life = 'off'
    clearTimeout(this.#timer)
    this.#socket?.terminate()
  }

  #dial(): void {
    const url = this.#urls[this.connections++ % this.#urls.length]!
    const socket = new WebSocket(url, SUBPROTOCOL, { headers: this.#headers, perMessageDeflate: false })
    this.#socket = socket
    socket.on('error', () => {})
    socket.on('open', () => this.#feed({ type: 'connected' }))
    socket.on('message', (data: Buffer, isBinary) => {
      if (isBinary) return this.#payload(data)
      const text = data.toString()
      if (isControl(text)) this.#feed(decode(text))
      else this.#payload(unescape(text))
    })
    socket.on('close', (code) => {
      this.closes.push(code)
      this.#feed({ type: 'disconnected' })
      if (code === 4101 || code === 4102)
        this.#feed({ type: 'ended', reason: code === 4101 ? 'ended' : 'limits' })
      if (this.#life === 'on' && code !== 4100) this.#timer = setTimeout(() => this.#dial(), 20)
      this.#note()
    })
  }

  #payload(data: Data): void {
    this.#came = data
    this.#feed({ type: 'payload', size: sizeOf(data) })
  }

  #feed(input: ClientInput): void {
    const { state, effects } = clientTransition(this.#state, input, this.#held.at)
    this.#state = state
    for (const effect of effects) this.#run(effect)
    if (effects.length > 0) this.#note()
  }

  #run(effect: ClientEffect): void {
    const { generation, incoming } = this.#state
    switch (effect.type) {
      case 'hello':
      case 'acknowledge':
      case 'bye':
        return this.#write(encode(effect))
      case 'acknowledge-later':
        return void setTimeout(() => this.#feed({ type: 'flush' }), 20)
      case 'transmit':
        for (let number = effect.from; number <= effect.to; number++) {
          const data = this.#held.get(number)
          this.#write(typeof data === 'string' ? escape(data) : data)
        }
        return
      case 'deliver': {
        this.received.push(this.#came)
        if (this.taking === 'never') return
        const taken = { generation, number: incoming.given, at: incoming.givenAt }
        return queueMicrotask(() => this.#feed({ type: 'taken', ...taken }))
      }
      case 'forget':
        return this.#held.forget(effect.number)
      case 'lost':
        this.lost.push({ reason: effect.reason, from: effect.from })
        this.#held = new Held()
        return
      case 'name':
        return queueMicrotask(() => this.#feed({ type: 'named', generation }))
      case 'resumed':
        this.resumed++
        return
      case 'live':
        return
      case 'violation':
        this.problems.push(effect.problem)
        return this.#socket?.close(4002)
    }
  }

  #write(data: string | Buffer): void {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(data)
  }

  #note(): void {
    for (const look of [...this.#waiting]) look()
  }
}
