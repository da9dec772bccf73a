/** How a connection gets its session: authorization, the hello, and the answer to it. */
import { InvalidArgumentError } from '../diagnostics/errors.js'
import { judge } from '../session/protocol/judge.js'
import { closeCodes, type Hello, type SessionName } from '../session/protocol/wire.js'
import { inBackground } from './background.js'
import type { Connection } from './connection.js'
import type { Counters } from './counters.js'
import { hashOf, isId, matches, newName } from './credentials.js'
import type { Arrival, SessionHost } from './host.js'
import type { Settings } from './options.js'
import { OwnedSession } from './session.js'
import type { Claim } from './store.js'

/** A connection that has sent its hello. */
interface Guest {
  readonly connection: Connection
  readonly identity: string
  readonly hello: Hello
}

/** What this class needs of the server. */
export interface AdmissionParts<Request> {
  /** The name of this server in the store. */
  readonly name: string
  readonly settings: Settings<Request>
  readonly counters: Counters
  /** Returns a session that is on this server. */
  here(id: string): OwnedSession | undefined
  /** Registers a session with this server, and attaches the connection to it. */
  attach(session: OwnedSession, arrival: Arrival): void
  failed(error: unknown): void
}

export class Admission<Request> {
  readonly #host: SessionHost
  readonly #parts: AdmissionParts<Request>
  /** Connections without a session. */
  readonly #guests = new Set<Connection>()
  /** Answers to hellos that are in progress. */
  readonly #answers = new Set<Promise<void>>()
  /** Hellos for the same session are answered one after the other. */
  readonly #joins = new Map<string, Promise<void>>()

  constructor(host: SessionHost, parts: AdmissionParts<Request>) {
    this.#host = host
    this.#parts = parts
  }

  /** Answers the hello of a connection, or closes the connection. */
  admit(connection: Connection, request: Request): void {
    this.#guests.add(connection)
    void this.#answerTo(connection, request).finally(() => this.#guests.delete(connection))
  }

  /** Closes all connections without a session. Returns the answers that are in progress. */
  close(): readonly Promise<void>[] {
    for (const guest of this.#guests) guest.close(1001, 'the server is shutting down')
    return [...this.#answers]
  }

  async #answerTo(connection: Connection, request: Request): Promise<void> {
    const tooLate = (): void => {
      // not 1002, which is final: the client may have been asleep, or `authorize` slow
      connection.close(1013, 'the hello was not answered in time')
      // `authorize` may never answer
      this.#guests.delete(connection)
    }
    // the server may be closed before `authorize` answers
    const late = inBackground(this.#host.clock, tooLate, this.#parts.settings.handshakeTimeout)
    try {
      const identity = await this.#parts.settings.authorize(request)
      if (identity === undefined || identity === null) return connection.close(3000, 'unauthorized')
      checkIdentity(identity)
      const hello = await connection.hello
      // from here on it is the store's time
      this.#host.clock.clearTimeout(late)
      // while `authorize` was at work: nobody is there to be answered
      if (!hello || connection.closed) return
      const guest = { connection, identity, hello }
      const { session } = hello
      const answer = session ? this.#alone(session.id, () => this.#resume(guest, session)) : this.#open(guest)
      this.#answers.add(answer)
      await answer.finally(() => this.#answers.delete(answer))
    } catch (error) {
      this.#parts.failed(error)
      connection.close(isUnavailable(error) ? 1013 : 1011, 'try again later')
    } finally {
      this.#host.clock.clearTimeout(late)
    }
  }

  /** Runs one at a time per session. */
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
    if (this.#isFull(identity)) return connection.close(closeCodes.limits, 'too many sessions')
    // counted before it exists, because many may be in progress at once
    this.#parts.counters.add(identity)
    const { id, token } = newName()
    try {
      await this.#host.store.open(id, { tokenHash: hashOf(token), identity }, this.#parts.name, this.#lease)
    } catch (error) {
      this.#parts.counters.drop(identity)
      throw error
    }
    this.#parts.counters.opened++
    const session = new OwnedSession(
      this.#host,
      id,
      identity,
      { epoch: 1, received: 0, delivered: 0, last: 0 },
      0,
    )
    this.#parts.attach(session, { connection, token, received: 0, resumed: false })
  }

  async #resume(guest: Guest, { id, token }: SessionName): Promise<void> {
    const { connection, identity, hello } = guest
    const record = isId(id) ? await this.#host.store.find(id) : undefined
    const known = record && {
      token: record.tokenHash,
      identity: record.identity,
      taken: record.received,
      acked: record.delivered,
      kept: record.last,
    }
    const verdict = judge(hello, known, identity, matches)
    if (verdict === 'reject') {
      this.#parts.counters.rejected++
      return connection.close(closeCodes.violation, 'unknown session or wrong credentials')
    }
    if (verdict === 'renew') {
      if (record) await this.#host.store.end(id)
      return this.#open(guest)
    }
    const here = this.#parts.here(id)
    if (!here && !this.#roomFor(connection, identity)) return
    // counted before it is here, because many may be in progress at once
    if (!here) this.#parts.counters.add(identity)
    let claim: Claim | undefined
    try {
      claim = await this.#claim(id, here)
    } finally {
      if (!claim && !here) this.#parts.counters.drop(identity)
    }
    if (!claim) return this.#open(guest)
    const holds = await here?.holds(claim)
    if (here?.isEnded) {
      // meanwhile, and under an epoch that was no longer the latest
      await this.#host.store.end(id, claim.epoch)
      return this.#open(guest)
    }
    this.#parts.counters.resumed++
    const arrival = { connection, token, received: hello.received, resumed: true }
    // it may have failed in this very moment
    if (holds && here!.state !== 'ended') return here!.attach(arrival)
    // that, or another server owned it in between
    await here?.fenced(claim.epoch)
    if (here) this.#parts.counters.add(identity)
    this.#parts.attach(new OwnedSession(this.#host, id, identity, claim, hello.received), arrival)
  }

  async #claim(id: string, here: OwnedSession | undefined): Promise<Claim | undefined> {
    const claim = (async () => this.#host.store.claim(id, this.#parts.name, this.#lease))()
    here?.claiming(claim)
    return claim
  }

  #isFull(identity: string): boolean {
    return this.#parts.counters.of(identity) >= this.#parts.settings.maxSessionsPerIdentity
  }

  /** @param identity Given for a session that exists, and can be resumed elsewhere or later. */
  #roomFor(connection: Connection, identity?: string): boolean {
    const room =
      this.#parts.counters.sessions < this.#parts.settings.maxSessions &&
      (identity === undefined || !this.#isFull(identity))
    if (!room) connection.close(1013, 'try again later')
    return room
  }

  /** If the owner dies at once, the session is still kept for `ttl`. */
  get #lease(): number {
    return 2 * this.#parts.settings.ttl
  }
}

function checkIdentity(identity: unknown): void {
  if (typeof identity !== 'string' || identity.length > 256)
    throw new InvalidArgumentError(
      'authorize',
      'must return a string of at most 256 characters, or undefined or null',
    )
}

function isUnavailable(error: unknown): boolean {
  return (error as { code?: unknown } | undefined)?.code === 'ERR_STORE_UNAVAILABLE'
}
