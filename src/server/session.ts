/** A session as the server that owns it sees it: the shell around the protocol's machine. */
import { ACKNOWLEDGE_WITHIN } from '../session/protocol/acknowledge.js'
import {
  type ServerEffect,
  type ServerInput,
  type ServerState,
  serverState,
  serverTransition,
} from '../session/protocol/server.js'
import type { Deliver } from '../session/protocol/side.js'
import { closeCodes } from '../session/protocol/wire.js'
import { Emitter } from '../socket/emitter.js'
import type { Timer } from '../time/clock.js'
import { Arrivals } from './arrivals.js'
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

/** Why the machine has a session deleted. */
const reasons: Partial<Record<ServerInput['type'], EndReason>> = { bye: 'left', expire: 'expired' }

/** Gets nothing done without the others, and takes nothing from them: `serverTransition` decides, this carries out. */
export class OwnedSession implements Session {
  readonly id: string
  readonly identity: string
  readonly #host: SessionHost
  readonly #inbox: Inbox
  readonly #outbox: Outbox
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

  constructor(host: SessionHost, id: string, identity: string, claim: Claim, received: number) {
    const { window, maxHeldMessages, maxHeldBytes } = host.settings
    this.id = id
    this.identity = identity
    this.#host = host
    this.#record = new OwnedRecord(id, claim.epoch, host, {
      taken: (number, at) => this.#feed({ type: 'taken', number, at }),
      renewed: (last) => {
        this.#supply.learn(last)
        this.#supply.load()
      },
      lost: (how) => this.#lost(how),
      unnoted: (error) => this.#fail(error, 1013, 'try again later'),
      failed: (error) => host.failed(error, this),
    })
    this.#state = serverState(window, claim.received, received)
    this.#supply = new Supply(id, host, claim, received, {
      wanted: () => this.state === 'attached',
      loaded: (number) => this.#feed({ type: 'kept', number }),
      failed: (error) => host.failed(error, this),
    })
    if (received > claim.delivered) this.#record.trim(received)
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
    this.#outbox = new Outbox((messages) => this.#append(messages, bounds), bounds)
  }

  get state(): 'attached' | 'detached' | 'ended' {
    if (this.#over) return 'ended'
    return this.#state.phase === 'attached' ? 'attached' : 'detached'
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
    if (type === 'message') return this.#inbox.add(listener as MessageHandler)
    this.#events ??= new Emitter()
    return this.#events.on(type, listener)
  }

  send(data: Sendable): Promise<number> {
    return this.#outbox.send(data)
  }

  async end(): Promise<void> {
    if (this.#over) return
    await this.#outbox.drained()
    if (!this.#over) this.#feed({ type: 'end', reason: 'ended' })
  }

  /** This server claims it again, for another connection. */
  claiming(claim: Promise<Claim | undefined>): void {
    this.#record.ownership.claiming(claim)
  }

  /** Whether it goes on under that claim. */
  async holds(claim: Claim): Promise<boolean> {
    return (await this.#record.ownership.holds(claim)) && !this.#over
  }

  /** A connection has come for it. */
  attach(arrival: Arrival): void {
    this.#arrival = arrival
    this.#record.touch()
    this.#feed({ type: 'attach', resumed: arrival.resumed, received: arrival.received })
    this.#arrival = undefined
    this.#supply.load()
  }

  /** The store says that others have written. */
  learn(last: number): void {
    this.#supply.learn(last)
  }

  /** The store says that another server has claimed it. */
  async fenced(epoch: number): Promise<void> {
    if (await this.#record.ownership.endsWith(epoch)) this.#lost('fenced')
  }

  /** Somebody has ended it. */
  ended(): void {
    this.#feed({ type: 'end', reason: 'ended' })
  }

  /** Looks after a session that is not in use: the connection's life, the lease, what was missed. */
  visit(): void {
    this.#connection?.probe()
    if (this.state === 'attached' && this.#record.age > this.#host.settings.ttl / 3) void this.renew()
  }

  /** Keeps it in the store for long enough, and finds out what was missed. */
  renew(): Promise<void> {
    const { ttl } = this.#host.settings
    // so that `ttl` is left if this server dies before the next time
    return this.#record.renew(this.state === 'attached' ? 2 * ttl : ttl)
  }

  /** Finishes what is begun, and leaves it to whichever server the client comes to next. */
  async handOver(): Promise<void> {
    this.#connection?.pause()
    await this.#inbox.stop()
    await this.#outbox.drained()
    await this.#record.settled()
    if (this.#over) return
    this.#feed({ type: 'flush' })
    this.#abandon('closed', 1001, 'the server goes away')
    await this.#record.leave(this.#host.settings.ttl)
  }

  /** The end of waiting: what is not done stays undone, and the client is asked to come back. */
  drop(): void {
    this.#abandon('closed', 1001, 'the server goes away')
  }

  /** @param came The payload that just came. */
  #feed(input: ServerInput, came?: Payload): void {
    if (this.#over) return
    const { at } = this.#supply
    const before = this.#arrivals.take()
    if (before) this.#state = serverTransition(this.#state, before, at).state
    const { state, effects } = serverTransition(this.#state, input, at)
    this.#state = state
    this.#arrivals.follow(state)
    let isNew = false
    for (const effect of effects)
      if (effect.type === 'deliver') isNew = true
      else this.#run(effect, input)
    // a handler may do anything: not before all the rest is done
    if (isNew) this.#inbox.give(came!, state.incoming.given, state.incoming.givenAt)
    else this.#inbox.run()
  }

  #run(effect: Exclude<ServerEffect, Deliver>, cause: ServerInput): void {
    switch (effect.type) {
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
        return this.#connection!.close(closeCodes.takenOver, 'session taken over by another connection')
      case 'reject':
        return this.#arrival!.connection.close(closeCodes.violation, effect.problem)
      case 'welcome':
        return this.#welcome(effect.received)
      case 'close':
        this.#connection!.close(effect.code, effect.problem)
        return this.#detached()
      case 'expire-later':
        this.#expiry = this.#host.clock.setTimeout(
          () => this.#feed({ type: 'expire' }),
          this.#host.settings.ttl,
        )
        void this.renew()
        return
      case 'delete':
        return this.#delete(reasons[cause.type] ?? 'ended')
      case 'release':
        return this.#end('taken')
    }
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
        else this.#feed({ type: 'payload', size }, data)
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
    this.#record.delete()
  }

  /** A handler has thrown: its message is given again, but none of those before it. */
  async #unhandled(error: unknown): Promise<void> {
    await this.#record.committed()
    this.#fail(error, 1011, 'a message could not be handled')
  }

  #fail(error: unknown, code: number, problem: string): void {
    this.#host.failed(error, this)
    this.#abandon('failed', code, problem)
  }

  /** This server has nothing more to do with it, and the client is to come back. The store is left as it is. */
  #abandon(reason: EndReason, code: number, problem: string): void {
    if (this.#over) return
    this.#connection?.close(code, problem)
    this.#end(reason)
  }

  #end(reason: EndReason): void {
    this.#over = reason
    this.#record.ownership.release(
      reason === 'left' || reason === 'ended' || reason === 'expired' || reason === 'gone'
        ? 'gone'
        : 'fenced',
    )
    this.#connection = undefined
    this.#host.clock.clearTimeout(this.#expiry)
    this.#host.clock.clearTimeout(this.#flush)
    void this.#inbox.stop()
    this.#host.remove(this, reason)
    this.#emit('ended', { reason })
  }

  #emit<K extends keyof SessionEvents>(type: K, detail: SessionEvents[K]): void {
    this.#events?.emit(type, detail)
  }
}
