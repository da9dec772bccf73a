/** `SessionServer`: takes connections, and finds or makes the session of each. */
import { randomBytes } from 'node:crypto'
import { InvalidArgumentError } from '../diagnostics/errors.js'
import { reportError } from '../diagnostics/report.js'
import { judge } from '../session/protocol/judge.js'
import { closeCodes, type Hello, type SessionName, SUBPROTOCOL } from '../session/protocol/wire.js'
import { Emitter } from '../socket/emitter.js'
import { type Clock, systemClock, type Timer } from '../time/clock.js'
import { Connection } from './connection.js'
import { Counters, type SessionStats } from './counters.js'
import { hashOf, isId, matches, newName } from './credentials.js'
import { memoryStore } from './memory.js'
import { type SessionServerOptions, settle, type Settings } from './options.js'
import { type RemoteSession, Remotes } from './remote.js'
import type { EndReason, Session } from './face.js'
import type { Arrival, SessionHost } from './host.js'
import { OwnedSession } from './session.js'
import type { ServerSocket } from './socket.js'
import type { SessionStore, Wake } from './store.js'

/** Sessions are looked after in so many portions of the time that all of them take. */
const PORTIONS = 20

/** What is known of a connection that has said hello. */
interface Guest {
  readonly connection: Connection
  readonly identity: string
  readonly hello: Hello
}

/** Events of a server. */
export interface SessionServerEvents {
  /** A session is on this server from now on: a new one, or one that another server had, or had lost. */
  session: Session
  /** Something failed that no promise tells of: a handler, `authorize`, or the store. The server goes on. */
  error: { readonly error: unknown; readonly session: Session | undefined }
}

/**
 * Sessions over the connections of `ws`, or of any server whose sockets look like its own. Any number of servers may
 * share a store; a client may come to any of them.
 * @throws InvalidArgumentError
 */
export class SessionServer<Request = unknown> {
  readonly #settings: Settings<Request>
  readonly #store: SessionStore
  /** The store is this server's own, and ends with it. */
  readonly #ownStore: SessionStore | undefined
  readonly #clock: Clock
  /** What the store knows this server by. */
  readonly #name = randomBytes(9).toString('base64url')
  readonly #sessions = new Map<string, OwnedSession>()
  readonly #counters = new Counters()
  readonly #remotes: Remotes
  readonly #events = new Emitter<SessionServerEvents>()
  readonly #host: SessionHost
  /** Connections that do not belong to a session yet. */
  readonly #guests = new Set<Connection>()
  /** Answers to hellos that are on their way. */
  readonly #answers = new Set<Promise<void>>()
  /** Hellos for one session are answered one after the other. */
  readonly #joins = new Map<string, Promise<void>>()
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
    this.#remotes = new Remotes(this.#store, this.#settings, (id) => this.#sessions.get(id))
    this.#subscription = this.#subscribe()
    this.#visit(PORTIONS, 0, this.#sessions.values())
  }

  /** Adds a listener, and returns its own undo. Without one for `error`, errors surface as uncaught ones do. */
  on<K extends keyof SessionServerEvents>(
    type: K,
    listener: (detail: SessionServerEvents[K]) => void,
  ): () => void {
    return this.#events.on(type, listener)
  }

  /**
   * Takes a connection, in the turn in which it was made: `wss.on('connection', (socket, request) =>
   * sessions.accept(socket, request))`. Whatever goes wrong with it closes it, and disturbs nobody else.
   * @throws InvalidArgumentError if `socket` is none
   */
  accept(socket: ServerSocket, request: Request): void {
    checkSocket(socket)
    const connection = new Connection(socket, this.#clock)
    if (this.#closed) return connection.close(1001, 'the server goes away')
    if (socket.protocol !== SUBPROTOCOL)
      return connection.close(closeCodes.violation, `the subprotocol ${SUBPROTOCOL} is needed`)
    this.#guests.add(connection)
    void this.#admit(connection, request).finally(() => this.#guests.delete(connection))
  }

  /** A session, wherever it is and whether it is or not, to send to it or to end it. */
  get(id: string): RemoteSession {
    return this.#remotes.get(id)
  }

  /** Figures to watch, of this server alone. Costs a look at each of its sessions. */
  get stats(): SessionStats {
    return this.#counters.stats(this.#sessions.values())
  }

  /** The sessions that are on this server. */
  [Symbol.iterator](): IterableIterator<Session> {
    return this.#sessions.values()
  }

  /**
   * Takes no more connections, lets each handler finish what it has begun, and closes the others with 1001: clients come
   * back to another server, or to this one's successor, and nothing is lost. The store stays open.
   * @param timeout What is not finished after so many ms is given up, and will be done again.
   */
  close({ timeout = 10_000 }: { readonly timeout?: number } = {}): Promise<void> {
    return (this.#closed ??= this.#close(timeout))
  }

  async #subscribe(): Promise<(() => unknown) | undefined> {
    try {
      return await this.#store.subscribe(this.#name, (wake) => this.#wake(wake))
    } catch (error) {
      this.#failed(error, undefined)
      return undefined
    }
  }

  async #close(timeout: number): Promise<void> {
    this.#clock.clearTimeout(this.#timer)
    for (const guest of this.#guests) guest.close(1001, 'the server goes away')
    let late: Timer
    const enough = new Promise<void>((resolve) => (late = this.#clock.setTimeout(resolve, timeout)))
    const sessions = [...this.#sessions.values()]
    const done = [...sessions.map((session) => session.handOver()), ...this.#answers]
    await Promise.race([enough, Promise.allSettled(done)])
    this.#clock.clearTimeout(late)
    for (const session of [...this.#sessions.values()]) session.drop()
    await (
      await this.#subscription
    )?.()
    await this.#ownStore?.close()
  }

  async #admit(connection: Connection, request: Request): Promise<void> {
    const late = this.#clock.setTimeout(
      () => connection.close(closeCodes.violation, 'no hello in time'),
      this.#settings.handshakeTimeout,
    )
    try {
      const identity = await this.#settings.authorize(request)
      if (identity === undefined || identity === null) return connection.close(3000, 'unauthorized')
      checkIdentity(identity)
      const hello = await connection.hello
      if (!hello) return
      const guest = { connection, identity, hello }
      const { session } = hello
      const answer = session ? this.#alone(session.id, () => this.#resume(guest, session)) : this.#open(guest)
      this.#answers.add(answer)
      await answer.finally(() => this.#answers.delete(answer))
    } catch (error) {
      this.#failed(error, undefined)
      connection.close(isUnavailable(error) ? 1013 : 1011, 'try again later')
    } finally {
      this.#clock.clearTimeout(late)
    }
  }

  /** One after the other, for each session. */
  async #alone(id: string, join: () => Promise<void>): Promise<void> {
    const before = this.#joins.get(id)
    const run = before ? before.then(join, join) : join()
    this.#joins.set(id, run)
    try {
      await run
    } finally {
      if (this.#joins.get(id) === run) this.#joins.delete(id)
    }
  }

  async #open(guest: Guest): Promise<void> {
    const { connection, identity } = guest
    if (!this.#roomFor(connection)) return
    if (this.#counters.of(identity) >= this.#settings.maxSessionsPerIdentity)
      return connection.close(closeCodes.limits, 'too many sessions')
    // counted before it is there: many may be on their way at once
    this.#counters.add(identity)
    const { id, token } = newName()
    try {
      await this.#store.open(id, { tokenHash: hashOf(token), identity }, this.#name, this.#lease)
    } catch (error) {
      this.#counters.drop(identity)
      throw error
    }
    this.#counters.opened++
    const session = new OwnedSession(
      this.#host,
      id,
      identity,
      { epoch: 1, received: 0, delivered: 0, last: 0 },
      0,
    )
    this.#attach(session, { connection, token, received: 0, resumed: false })
  }

  async #resume(guest: Guest, { id, token }: SessionName): Promise<void> {
    const { connection, identity, hello } = guest
    const record = isId(id) ? await this.#store.find(id) : undefined
    const known = record && {
      token: record.tokenHash,
      identity: record.identity,
      taken: record.received,
      acked: record.delivered,
      kept: record.last,
    }
    const verdict = judge(hello, known, identity, matches)
    if (verdict === 'reject') {
      this.#counters.rejected++
      return connection.close(closeCodes.violation, 'no such session for you')
    }
    if (verdict === 'renew') {
      if (record) await this.#store.end(id)
      return this.#open(guest)
    }
    const here = this.#sessions.get(id)
    if (!here && !this.#roomFor(connection)) return
    const claiming = (async () => this.#store.claim(id, this.#name, this.#lease))()
    here?.claiming(claiming)
    const claim = await claiming
    if (!claim) return this.#open(guest)
    this.#counters.resumed++
    const arrival = { connection, token, received: hello.received, resumed: true }
    if (here && (await here.holds(claim))) return here.attach(arrival)
    // another server had it in between
    await here?.fenced(claim.epoch)
    this.#counters.add(identity)
    this.#attach(new OwnedSession(this.#host, id, identity, claim, hello.received), arrival)
  }

  #attach(session: OwnedSession, arrival: Arrival): void {
    this.#sessions.set(session.id, session)
    session.attach(arrival)
    this.#events.emit('session', session)
    if (this.#closed) session.drop()
  }

  #roomFor(connection: Connection): boolean {
    const room = this.#counters.sessions < this.#settings.maxSessions
    if (!room) connection.close(1013, 'try again later')
    return room
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

  /** Looks after each session once in a heartbeat, a portion at a time. */
  #visit(left: number, portion: number, visits: Iterator<OwnedSession, undefined>): void {
    if (left === 0) {
      const { size } = this.#sessions
      return this.#visit(PORTIONS, Math.ceil(size / PORTIONS), this.#sessions.values())
    }
    for (let i = 0; i < portion; i++) visits.next().value?.visit()
    this.#timer = this.#clock.setTimeout(
      () => this.#visit(left - 1, portion, visits),
      this.#settings.heartbeat / PORTIONS,
    )
    ;(this.#timer as { unref?: () => void }).unref?.()
  }

  #failed(error: unknown, session: Session | undefined): void {
    if (this.#events.heeds('error')) this.#events.emit('error', { error, session })
    else reportError(error)
  }

  /** For a session whose owner dies at once, `ttl` is left whenever that is. */
  get #lease(): number {
    return 2 * this.#settings.ttl
  }
}

function checkSocket(socket: unknown): void {
  const methods = ['on', 'send', 'close', 'terminate', 'ping', 'pause', 'resume']
  const given = (socket ?? {}) as Record<string, unknown>
  if (methods.some((name) => typeof given[name] !== 'function'))
    throw new InvalidArgumentError('socket', 'must be a WebSocket of the package ws, or like one')
}

function checkIdentity(identity: unknown): void {
  if (typeof identity !== 'string' || identity.length > 256)
    throw new InvalidArgumentError('authorize', 'must give a string of at most 256 characters, or nothing')
}

function isUnavailable(error: unknown): boolean {
  return (error as { code?: unknown } | undefined)?.code === 'ERR_STORE_UNAVAILABLE'
}
