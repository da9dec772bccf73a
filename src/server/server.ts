/** `SessionServer`: accepts connections, and finds or creates the session of each. */
import { randomBytes } from 'node:crypto'
import { reportError } from '../diagnostics/report.js'
import { age, callback, fields, having, oneOf } from '../options/rules.js'
import { closeCodes, SUBPROTOCOL } from '../session/protocol/wire.js'
import { Emitter } from '../socket/emitter.js'
import { type Clock, MAX_DELAY, systemClock, type Timer } from '../time/clock.js'
import { Admission } from './admission.js'
import { inBackground } from './background.js'
import { Connection } from './connection.js'
import { Counters, type SessionStats } from './counters.js'
import { memoryStore } from './memory.js'
import { type SessionServerOptions, settle, type Settings } from './options.js'
import { type RemoteSession, Remotes } from './remote.js'
import type { EndReason, Session } from './face.js'
import type { Arrival, SessionHost } from './host.js'
import type { OwnedSession } from './session.js'
import type { ServerSocket } from './socket.js'
import type { SessionStore, Wake } from './store.js'

/** The sessions are visited in this many portions, spread over a round. */
const PORTIONS = 20

/** Events of a server. */
export interface SessionServerEvents {
  /** This server has a session now: a new one, or one that it has taken over from another server. */
  session: Session
  /** A handler, `authorize` or the store failed, and no promise reports it. The server continues. */
  error: { readonly error: unknown; readonly session: Session | undefined }
}

/**
 * Manages sessions on connections of `ws`, or of any server with compatible sockets. Any number of servers can share a
 * store, and a client can connect to any of them.
 * @throws InvalidArgumentError
 */
export class SessionServer<Request = unknown> {
  readonly #settings: Settings<Request>
  readonly #store: SessionStore
  /** The default store, which is closed with this server. */
  readonly #ownStore: SessionStore | undefined
  readonly #clock: Clock
  /** The name of this server in the store. */
  readonly #name = randomBytes(9).toString('base64url')
  readonly #sessions = new Map<string, OwnedSession>()
  readonly #counters = new Counters()
  readonly #remotes: Remotes
  readonly #events = new Emitter<SessionServerEvents>()
  readonly #host: SessionHost
  readonly #admission: Admission<Request>
  /** Rounds of visits in a heartbeat: leases must be renewed in time, however rare the pings are. */
  readonly #rounds: number
  readonly #subscription: Promise<(() => unknown) | undefined>
  #timer: Timer
  #closed: Promise<void> | undefined

  /** @param clock For tests. */
  constructor(options: SessionServerOptions<Request> = {}, clock: Clock = systemClock) {
    this.#settings = settle(options)
    this.#store = options.store ?? memoryStore(clock)
    this.#ownStore = options.store ? undefined : this.#store
    this.#clock = clock
    this.#host = {
      store: this.#store,
      clock,
      settings: this.#settings,
      remove: (session, reason) => this.#remove(session, reason),
      failed: (error, session) => this.#failed(error, session),
      counters: this.#counters,
    }
    this.#admission = new Admission(this.#host, {
      name: this.#name,
      settings: this.#settings,
      counters: this.#counters,
      here: (id) => this.#sessions.get(id),
      attach: (session, arrival) => this.#attach(session, arrival),
      failed: (error) => this.#failed(error, undefined),
    })
    this.#remotes = new Remotes(this.#store, this.#settings, (id) => this.#sessions.get(id))
    this.#subscription = this.#subscribe()
    this.#rounds = Math.ceil((3 * this.#settings.heartbeat) / this.#settings.ttl)
    this.#visit(PORTIONS, 0, this.#sessions.values(), 0)
  }

  /**
   * Adds a listener and returns an unsubscribe function. Without an `error` listener, errors are reported as uncaught.
   * @throws InvalidArgumentError for an unknown event, or a listener that is not a function
   */
  on<K extends keyof SessionServerEvents>(
    type: K,
    listener: (detail: SessionServerEvents[K]) => void,
  ): () => void {
    checkType('type', type)
    callback('listener', listener)
    return this.#events.on(type, listener)
  }

  /**
   * Accepts a connection. Call it synchronously in the `connection` event: `wss.on('connection', (socket, request) =>
   * sessions.accept(socket, request))`. Any failure closes only this connection.
   * @throws InvalidArgumentError if `socket` is not a WebSocket
   */
  accept(socket: ServerSocket, request: Request): void {
    checkSocket('socket', socket)
    const connection = new Connection(socket, this.#clock)
    if (this.#closed) return connection.close(1001, 'the server is shutting down')
    if (socket.protocol !== SUBPROTOCOL)
      return connection.close(closeCodes.violation, `the subprotocol ${SUBPROTOCOL} is required`)
    this.#admission.admit(connection, request)
  }

  /** Returns a handle to a session on any server, to send to it or to end it. The session need not exist. */
  get(id: string): RemoteSession {
    return this.#remotes.get(id)
  }

  /** Metrics of this server. Reading them visits each of its sessions. */
  get stats(): SessionStats {
    return this.#counters.stats(this.#sessions.values())
  }

  /** The sessions on this server. */
  [Symbol.iterator](): IterableIterator<Session> {
    return this.#sessions.values()
  }

  /**
   * Stops accepting connections, waits for running handlers, and closes all connections with 1001. Clients reconnect to
   * another server or to this one's successor, and nothing is lost. The store stays open.
   * @param options `timeout`: time limit in ms, default 10 s, also for an unreachable store; messages of unfinished
   *   handlers are delivered again elsewhere. Infinity sets no limit.
   * @throws InvalidArgumentError
   */
  close(options: { readonly timeout?: number } = {}): Promise<void> {
    checkClose('options', options)
    const { timeout = 10_000 } = options
    return (this.#closed ??= this.#close(timeout))
  }

  async #subscribe(): Promise<(() => unknown) | undefined> {
    try {
      const undo = await this.#store.subscribe(this.#name, (wake) => this.#wake(wake))
      // what has happened before was not told
      this.#wake({ type: 'missed' })
      return undo
    } catch (error) {
      this.#failed(error, undefined)
      return undefined
    }
  }

  async #close(timeout: number): Promise<void> {
    this.#clock.clearTimeout(this.#timer)
    const answers = this.#admission.close()
    let late: Timer
    const enough = new Promise<void>(
      (resolve) => (late = this.#clock.setTimeout(resolve, Math.min(timeout, MAX_DELAY))),
    )
    const sessions = [...this.#sessions.values()]
    const done = [...sessions.map((session) => session.handOver()), ...answers]
    await Promise.race([enough, Promise.allSettled(done)])
    for (const session of [...this.#sessions.values()]) session.drop()
    // an unreachable store tells nothing anyway
    const undone = this.#subscription.then((undo) => undo?.()).catch(() => {})
    await Promise.race([enough, undone])
    this.#clock.clearTimeout(late)
    await this.#ownStore?.close()
  }

  #attach(session: OwnedSession, arrival: Arrival): void {
    this.#sessions.set(session.id, session)
    // first, so that its listeners hear of the connection
    this.#events.emit('session', session)
    session.attach(arrival)
    if (this.#closed) session.drop()
  }

  #remove(session: Session, reason: EndReason): void {
    this.#sessions.delete(session.id)
    this.#counters.drop(session.identity)
    this.#counters.ended(reason)
  }

  #wake(wake: Wake): void {
    switch (wake.type) {
      case 'appended':
        return this.#sessions.get(wake.id)?.learn(wake.last)
      case 'fenced':
        return void this.#sessions.get(wake.id)?.fenced(wake.epoch)
      case 'ended':
        return this.#sessions.get(wake.id)?.ended()
      case 'missed':
        for (const session of this.#sessions.values()) void session.renew()
        return
      case 'failed':
        return this.#failed(wake.error, undefined)
    }
  }

  /** Visits each session once per round, in portions, and checks its connection in the first round of a heartbeat. */
  #visit(left: number, portion: number, visits: Iterator<OwnedSession, undefined>, round: number): void {
    if (left === 0) {
      const sessions = this.#sessions
      const next = (round + 1) % this.#rounds
      return this.#visit(PORTIONS, Math.ceil(sessions.size / PORTIONS), sessions.values(), next)
    }
    for (let i = 0; i < portion; i++) visits.next().value?.visit(round === 0)
    this.#timer = inBackground(
      this.#clock,
      () => this.#visit(left - 1, portion, visits, round),
      this.#settings.heartbeat / PORTIONS / this.#rounds,
    )
  }

  #failed(error: unknown, session: Session | undefined): void {
    if (this.#events.heeds('error')) this.#events.emit('error', { error, session })
    else reportError(error)
  }
}

const checkType = oneOf('session', 'error')
const checkClose = fields<{ timeout: number }>({ timeout: age })
const checkSocket = having(
  'must be a WebSocket of the package ws, or a compatible one',
  ...['on', 'send', 'close', 'terminate', 'ping', 'pause', 'resume'],
)
