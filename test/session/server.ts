/**
 * A small server of sessions over `ws`: the pure machine, with everything in memory. Its sessions outlive its own
 * restarts, as if they were in a store.
 */
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { WebSocketServer, type WebSocket } from 'ws'
import { ACKNOWLEDGE_WITHIN } from '../../src/session/protocol/acknowledge.js'
import { judge } from '../../src/session/protocol/judge.js'
import {
  type ServerEffect,
  type ServerInput,
  type ServerState,
  serverState,
  serverTransition,
} from '../../src/session/protocol/server.js'
import {
  closeCodes,
  decode,
  encode,
  escape,
  type Hello,
  isControl,
  PING,
  SUBPROTOCOL,
  unescape,
} from '../../src/session/protocol/wire.js'
import { Held } from '../../src/session/held.js'

export type Payload = string | Buffer

export interface ServerOptions {
  readonly port?: number
  readonly window?: number
  readonly ttl?: number
  /** What a message's handler does. The message is taken over when it resolves. */
  readonly handle?: (session: TestSession, data: Payload, number: number) => Promise<void> | void
}

/** What outlives a restart of the server. */
interface Record {
  readonly id: string
  readonly token: string
  taken: number
  readonly held: Held<Payload>
}

export class TestSession {
  readonly id: string
  /** All messages that were given, in order. */
  readonly messages: Payload[] = []
  readonly numbers: number[] = []
  readonly #record: Record
  readonly #options: ServerOptions
  readonly #forget: () => void
  #state: ServerState
  #connection: WebSocket | undefined
  #chain: Promise<void> = Promise.resolve()
  #timer: NodeJS.Timeout | undefined
  #expiry: NodeJS.Timeout | undefined

  constructor(record: Record, options: ServerOptions, forget: () => void) {
    this.id = record.id
    this.#record = record
    this.#options = options
    this.#forget = forget
    const { held, taken } = record
    const acked = held.first - 1
    this.#state = serverState(options.window ?? 65_536, taken, acked, held.at(acked), held.last)
  }

  get connection(): WebSocket | undefined {
    return this.#connection
  }

  /** Own messages that the client has not acknowledged. */
  get held(): number {
    return this.#record.held.size
  }

  send(data: Payload): number {
    const number = this.#record.held.add(data, Buffer.byteLength(data))
    this.feed({ type: 'kept', number })
    return number
  }

  end(reason: 'ended' | 'limits' = 'ended'): void {
    this.feed({ type: 'end', reason })
  }

  attach(connection: WebSocket, resumed: boolean, received: number): void {
    const before = this.#connection
    this.#connection = connection
    clearTimeout(this.#expiry)
    this.feed({ type: 'attach', resumed, received }, undefined, before)
  }

  detach(connection: WebSocket): void {
    if (this.#connection !== connection) return
    this.#connection = undefined
    this.feed({ type: 'detached' })
  }

  /** The server dies: nothing is told, nothing more is done. */
  drop(): void {
    clearTimeout(this.#timer)
    clearTimeout(this.#expiry)
    this.#state = { ...this.#state, phase: 'gone' }
  }

  feed(input: ServerInput, data?: Payload, before?: WebSocket): void {
    const { state, effects } = serverTransition(this.#state, input, this.#record.held.at)
    this.#state = state
    for (const effect of effects) this.#perform(effect, data, before)
  }

  #perform(effect: ServerEffect, data?: Payload, before?: WebSocket): void {
    const { id, token, held } = this.#record
    const connection = this.#connection
    switch (effect.type) {
      case 'supersede':
        return before?.close(closeCodes.takenOver)
      case 'reject':
        return connection?.close(closeCodes.violation)
      case 'welcome': {
        const { received, resumed } = effect
        const { window } = this.#state
        const ttl = this.#options.ttl ?? 60_000
        return connection!.send(
          encode({ type: 'welcome', session: { id, token }, received, resumed, ttl, window }),
        )
      }
      case 'deliver':
        return this.#deliver(data!)
      case 'transmit':
        for (let number = effect.from; number <= effect.to; number++) {
          const message = held.get(number)
          connection!.send(typeof message === 'string' ? escape(message) : message)
        }
        return
      case 'acknowledge':
        return connection!.send(encode(effect))
      case 'acknowledge-later':
        this.#timer ??= setTimeout(() => {
          this.#timer = undefined
          this.feed({ type: 'flush' })
        }, ACKNOWLEDGE_WITHIN)
        return
      case 'forget':
        return held.forget(effect.number)
      case 'close':
        this.#connection = undefined
        return connection!.close(effect.code, effect.problem)
      case 'expire-later':
        this.#expiry = setTimeout(() => this.feed({ type: 'expire' }), this.#options.ttl ?? 60_000)
        return
      case 'delete':
        this.drop()
        return this.#forget()
      case 'release':
        return
    }
  }

  #deliver(data: Payload): void {
    const { given: number, givenAt: at } = this.#state.incoming
    this.messages.push(data)
    this.numbers.push(number)
    this.#chain = this.#chain.then(async () => {
      await this.#options.handle?.(this, data, number)
      if (this.#state.phase === 'gone') return
      this.#record.taken = number
      this.feed({ type: 'taken', number, at })
    })
  }
}

export class TestServer {
  readonly sessions = new Map<string, TestSession>()
  /** All sessions so far, those that are over too. */
  readonly all: TestSession[] = []
  readonly #options: ServerOptions
  readonly #records = new Map<string, Record>()
  #server!: WebSocketServer
  #port = 0
  readonly #waiting = new Set<() => void>()

  constructor(options: ServerOptions = {}) {
    this.#options = options
  }

  get url(): string {
    return `ws://127.0.0.1:${this.#port}/`
  }

  /** Connections that there are. */
  get clients(): WebSocket[] {
    return [...this.#server.clients]
  }

  async start(port = this.#port): Promise<this> {
    this.#server = new WebSocketServer({
      host: '127.0.0.1',
      port,
      handleProtocols: (protocols) => protocols.has(SUBPROTOCOL) && SUBPROTOCOL,
    })
    this.#server.on('connection', (connection) => this.#accept(connection))
    await once(this.#server, 'listening')
    this.#port = (this.#server.address() as AddressInfo).port
    return this
  }

  /** Dies at once, and forgets what is not in its store. */
  async kill(): Promise<void> {
    for (const session of this.sessions.values()) session.drop()
    this.sessions.clear()
    for (const client of this.#server.clients) client.terminate()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  /** The sessions that its store has are gone. */
  forget(): void {
    for (const session of this.sessions.values()) session.drop()
    this.sessions.clear()
    this.#records.clear()
  }

  /** Resolves when `condition` holds; looked at whenever something has happened. */
  async until(condition: () => boolean): Promise<void> {
    while (!condition()) await new Promise<void>((resolve) => this.#waiting.add(resolve))
  }

  #changed(): void {
    for (const resolve of this.#waiting) resolve()
    this.#waiting.clear()
  }

  #accept(connection: WebSocket): void {
    let session: TestSession | undefined
    connection.on('error', () => {})
    connection.on('message', (bytes, isBinary) => {
      const data = bytes as Buffer
      const text = isBinary ? undefined : data.toString()
      if (text !== undefined && isControl(text)) {
        const control = decode(text)
        if (session && control.type === 'ping') connection.send(PING)
        else if (session?.connection === connection) session.feed(control)
        else if (!session && control.type === 'hello') session = this.#greet(connection, control)
        else connection.close(closeCodes.violation)
      } else if (session?.connection === connection)
        session.feed(
          { type: 'payload', size: data.length - (text?.startsWith('\u0001') ? 1 : 0) },
          text === undefined ? data : unescape(text),
        )
      else if (!session) connection.close(closeCodes.violation)
      this.#changed()
    })
    connection.on('close', () => {
      session?.detach(connection)
      this.#changed()
    })
    this.#changed()
  }

  #greet(connection: WebSocket, hello: Hello): TestSession | undefined {
    const id = hello.session?.id ?? ''
    const record = this.#records.get(id)
    const verdict = judge(
      hello,
      record && {
        ...record,
        identity: '',
        acked: record.held.first - 1,
        kept: record.held.last,
      },
      '',
      (a, b) => a === b,
    )
    if (verdict === 'reject') {
      connection.close(closeCodes.violation)
      return undefined
    }
    const resumed = verdict === 'resume'
    if (!resumed) this.sessions.get(id)?.end()
    const session = resumed ? (this.sessions.get(id) ?? this.#open(record!)) : this.#open(this.#create())
    session.attach(connection, resumed, resumed ? hello.received : 0)
    return session
  }

  #create(): Record {
    const id = `session-${this.all.length + 1}-${Date.now()}`
    const record: Record = { id, token: `token of ${id}`, taken: 0, held: new Held() }
    this.#records.set(id, record)
    return record
  }

  #open(record: Record): TestSession {
    const session = new TestSession(record, this.#options, () => {
      this.sessions.delete(record.id)
      this.#records.delete(record.id)
    })
    this.sessions.set(record.id, session)
    this.all.push(session)
    return session
  }
}
