/** A session in the server that owns it: the shell of the protocol's machine. */
import { callback, oneOf } from '../options/rules.js'
import { ACKNOWLEDGE_WITHIN } from '../session/protocol/acknowledge.js'
import {
  type ServerEffect,
  type ServerInput,
  type ServerState,
  serverState,
  serverTransition,
} from '../session/protocol/server.js'
import { closeCodes } from '../session/protocol/wire.js'
import { Emitter } from '../socket/emitter.js'
import { MAX_DELAY, type Timer } from '../time/clock.js'
import { Arrivals } from './arrivals.js'
import { inBackground } from './background.js'
import type { Connection } from './connection.js'
import { SessionGoneError, SessionTakenError } from './errors.js'
import type { EndReason, Session, SessionEvents } from './face.js'
import type { Arrival, SessionHost } from './host.js'
import { Inbox, type MessageHandler } from './inbox.js'
import { Outbox, type Sendable } from './outbox.js'
import { OwnedRecord } from './record.js'
import { Supply } from './supply.js'
import type { Appended, Bounds, Claim, Payload, Refusal } from './store.js'
import type { Awaitable } from './types.js'

const checkType = oneOf('message', 'attached', 'detached', 'delivered', 'ended')
/** Why the machine deletes a session. */
const reasons: Partial<Record<ServerInput['type'], EndReason>> = { bye: 'left', expire: 'expired' }

/** Ends after which the session goes on, on another server or when the client returns. */
const goesOn: readonly EndReason[] = ['taken', 'failed', 'closed']

/** Runs the effects that `serverTransition` decides on. */
export class OwnedSession implements Session {
  readonly id: string
  readonly identity: string
  /** Own messages until the store has them. */
  readonly outbox: Outbox
  readonly #host: SessionHost
  readonly #inbox: Inbox
  readonly #supply: Supply
  readonly #arrivals = new Arrivals()
  #events: Emitter<SessionEvents> | undefined
  readonly #record: OwnedRecord
  #state: ServerState
  #connection: Connection | undefined
  #arrival: Arrival | undefined
  #expiry: Timer
  #flush: Timer
  #over: EndReason | undefined
  #deleted: Promise<void> | undefined

  constructor(host: SessionHost, id: string, identity: string, claim: Claim, received: number) {
    const { window, maxHeldMessages, maxHeldBytes } = host.settings
    this.id = id
    this.identity = identity
    this.#host = host
    this.#record = new OwnedRecord(id, claim.epoch, host, {
      known: () => this.#supply.last,
      taken: (number, at) => this.#feed({ type: 'taken', number, at }),
      renewed: (last) => {
        this.#supply.learn(last)
        this.#supply.load()
      },
      lost: (how) => this.#lost(how),
      unnoted: (error) => this.#fail(error, 1013, 'try again later'),
      failed: (error) => host.failed(error, this),
    })
    this.#state = serverState(window, claim.received, claim.delivered, 0, received)
    this.#supply = new Supply(id, host, claim, received, {
      wanted: () => this.state === 'attached',
      loaded: (number) => this.#feed({ type: 'kept', number }),
      missing: () => void this.renew(true),
      failed: (error) => host.failed(error, this),
    })
    this.#inbox = new Inbox({
      handled: (number, at) => {
        host.counters.received++
        this.#record.commit(number, at)
      },
      failed: (error) => void this.#unhandled(error),
      crowded: () => this.#connection?.pause(),
      relieved: () => this.#connection?.resume(),
    })
    const bounds = { messages: maxHeldMessages, bytes: maxHeldBytes }
    this.outbox = new Outbox((messages) => this.#append(messages, bounds), bounds)
  }

  get state(): 'attached' | 'detached' | 'ended' {
    if (this.#over) return 'ended'
    return this.#state.phase === 'attached' ? 'attached' : 'detached'
  }

  /** The application or the client has ended it: it does not go on anywhere. */
  get isEnded(): boolean {
    return this.#over === 'ended' || this.#over === 'left'
  }

  get held(): number {
    return this.#supply.size
  }

  get oldestHeld(): number {
    return this.#supply.oldest
  }

  on(type: 'message', handler: MessageHandler): () => void
  on<K extends keyof SessionEvents>(type: K, listener: (detail: SessionEvents[K]) => void): () => void
  on(
    type: 'message' | keyof SessionEvents,
    listener: (...detail: never[]) => Awaitable<unknown>,
  ): () => void {
    checkType('type', type)
    callback('listener', listener)
    if (type === 'message') return this.#inbox.add(listener as MessageHandler)
    this.#events ??= new Emitter()
    return this.#events.on(type, listener)
  }

  send(data: Sendable): Promise<number> {
    return this.outbox.send(data)
  }

  async end(): Promise<void> {
    if (this.#over) return
    await this.outbox.drained()
    if (!this.#over) this.#feed({ type: 'end', reason: 'ended' })
    await this.#deleted
  }

  /** This server is claiming the session again, for another connection. */
  claiming(claim: Promise<Claim | undefined>): void {
    this.#record.ownership.claiming(claim)
  }

  /** Whether this server's ownership continues under that claim. */
  holds(claim: Claim): Promise<boolean> {
    return this.#record.ownership.holds(claim)
  }

  /** Attaches a connection. */
  attach(arrival: Arrival): void {
    this.#arrival = arrival
    this.#record.touch()
    this.#feed({ type: 'attach', resumed: arrival.resumed, received: arrival.received })
    this.#arrival = undefined
    this.#supply.load()
  }

  /** The store reports messages written by others. */
  learn(last: number): void {
    this.#supply.learn(last)
  }

  /** The store reports that another server has claimed the session. */
  async fenced(epoch: number): Promise<void> {
    if (await this.#record.ownership.endsWith(epoch)) this.#lost('fenced')
  }

  /** The session was ended by someone else. */
  ended(): void {
    this.#feed({ type: 'end', reason: 'ended' })
  }

  /** Maintains the session: checks the connection if it is time to, renews the lease, detects missed notifications. */
  visit(probe: boolean): void {
    if (probe) this.#connection?.probe()
    if (this.state === 'attached' && this.#record.age > this.#host.settings.ttl / 3) void this.renew()
  }

  /** Renews the lease, and detects missed notifications; for `missing` see `OwnedRecord`. */
  renew(missing = false): Promise<void> {
    const { ttl } = this.#host.settings
    // so that `ttl` remains if this server dies before the next renewal
    return this.#record.renew(this.state === 'attached' ? 2 * ttl : ttl, missing)
  }

  /** Finishes operations in progress, and leaves the session to the client's next server. */
  async handOver(): Promise<void> {
    this.#connection?.pause()
    await this.#inbox.stop()
    await this.outbox.drained()
    await this.#record.settled()
    if (this.#over) return
    this.#feed({ type: 'flush' })
    this.drop()
    await this.#record.leave(this.#host.settings.ttl)
  }

  /** Stops waiting: unfinished operations are abandoned, and the client is asked to reconnect. */
  drop(): void {
    this.#abandon('closed', 1001, 'the server is shutting down')
  }

  #feed(input: ServerInput): void {
    if (this.#over) return
    const arrived = this.#arrivals.take()
    if (arrived) this.#step(arrived)
    this.#step(input)
    // last, because a handler may call anything
    this.#inbox.run()
  }

  #step(input: ServerInput): void {
    const { state, effects } = serverTransition(this.#state, input, this.#supply.at)
    this.#state = state
    this.#arrivals.follow(state)
    for (const effect of effects) this.#run(effect, input)
  }

  #run(effect: ServerEffect, cause: ServerInput): void {
    switch (effect.type) {
      case 'deliver':
        // given when it arrived, before it was counted
        return
      case 'transmit':
        return this.#transmit(effect.from, effect.to)
      case 'acknowledge':
        return this.#connection!.control(effect)
      case 'acknowledge-later':
        this.#flush = this.#host.clock.setTimeout(() => this.#feed({ type: 'flush' }), ACKNOWLEDGE_WITHIN)
        return
      case 'forget':
        return this.#forget(effect.number)
      case 'supersede':
        this.#connection!.close(closeCodes.takenOver, 'session taken over by another connection')
        return this.#detached()
      case 'reject':
        return this.#arrival!.connection.close(closeCodes.violation, effect.problem)
      case 'welcome':
        return this.#welcome(effect.received)
      case 'close':
        this.#connection!.close(effect.code, effect.problem)
        return this.#detached()
      case 'expire-later':
        this.#expireAfter(this.#host.settings.ttl)
        void this.renew()
        return
      case 'delete':
        return this.#delete(reasons[cause.type] ?? 'ended')
      case 'release':
        return this.#end('taken')
    }
  }

  #expireAfter(ms: number): void {
    this.#expiry = inBackground(
      this.#host.clock,
      () => (ms > MAX_DELAY ? this.#expireAfter(ms - MAX_DELAY) : this.#feed({ type: 'expire' })),
      Math.min(ms, MAX_DELAY),
    )
  }

  #transmit(from: number, to: number): void {
    const connection = this.#connection!
    connection.together(() => {
      for (let number = from; number <= to; number++) connection.send(this.#supply.get(number))
    })
    this.#host.counters.sent += to - from + 1
  }

  #welcome(received: number): void {
    const { connection, token, resumed } = this.#arrival!
    const { ttl, window } = this.#host.settings
    this.#host.clock.clearTimeout(this.#expiry)
    this.#connection = connection
    connection.control({
      type: 'welcome',
      session: { id: this.id, token },
      received,
      resumed,
      ttl,
      window,
    })
    connection.attach({
      payload: (data, size) => {
        const arrivals = this.#arrivals
        if (arrivals.add(size)) this.#inbox.give(data, arrivals.number, arrivals.at)
        // a repetition or a violation
        else this.#feed({ type: 'payload', size })
      },
      control: (control) => this.#feed(control),
      closed: () => {
        if (this.#connection !== connection) return
        this.#feed({ type: 'detached' })
        this.#detached()
      },
    })
    if (this.#inbox.crowd === 'many') connection.pause()
    this.#emit('attached', { resumed })
  }

  #detached(): void {
    this.#connection = undefined
    this.#emit('detached', undefined)
  }

  #forget(number: number): void {
    this.#supply.forget(number)
    this.#record.trim(number)
    this.#emit('delivered', number)
    this.#supply.load()
  }

  async #append(messages: readonly Payload[], bounds: Bounds): Promise<Appended | Error> {
    const result = await this.#record.append(messages, bounds)
    if (result === 'gone') return new SessionGoneError()
    if (result === 'fenced') return new SessionTakenError()
    const { last, count } = result
    this.#supply.written(messages.slice(0, count), last)
    return result
  }

  #lost(how: Refusal): void {
    if (how === 'fenced') this.#feed({ type: 'fenced' })
    else this.#abandon('gone', 1011, 'the session is gone')
  }

  #delete(reason: EndReason): void {
    this.#end(reason)
    // another server may have it, of which this one has not learned: what the application ends is over there too
    this.#deleted = this.#record.delete(reason === 'ended' ? undefined : this.#record.ownership.epoch)
  }

  /** A handler has thrown: its message is delivered again, those before it are not. */
  async #unhandled(error: unknown): Promise<void> {
    await this.#record.committed()
    this.#fail(error, 1011, 'a message could not be handled')
  }

  #fail(error: unknown, code: number, problem: string): void {
    this.#host.failed(error, this)
    this.#abandon('failed', code, problem)
  }

  /** This server gives up the session, and the client has to reconnect. The store is not changed. */
  #abandon(reason: EndReason, code: number, problem: string): void {
    if (this.#over) return
    this.#connection?.close(code, problem)
    this.#end(reason)
  }

  #end(reason: EndReason): void {
    this.#over = reason
    this.#record.ownership.release(goesOn.includes(reason) ? 'fenced' : 'gone')
    this.#host.clock.clearTimeout(this.#expiry)
    this.#host.clock.clearTimeout(this.#flush)
    void this.#inbox.stop()
    this.#host.remove(this, reason)
    if (this.#connection) this.#detached()
    this.#emit('ended', { reason })
  }

  #emit<K extends keyof SessionEvents>(type: K, detail: SessionEvents[K]): void {
    this.#events?.emit(type, detail)
  }
}
