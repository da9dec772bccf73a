/** Holds the state of a client's session, its messages and its store, and carries out the machine's effects. */
import { defer, type Deferred } from '../socket/deferred.js'
import type { Clock, Timer } from '../time/clock.js'
import { payloadSize } from '../delivery/payload.js'
import { SessionLostError } from './errors.js'
import { Held } from './held.js'
import { ACKNOWLEDGE_WITHIN } from './protocol/acknowledge.js'
import {
  type ClientEffect,
  type ClientInput,
  type ClientState,
  clientState,
  clientTransition,
  type LossReason,
} from './protocol/client.js'
import { encode, escape } from './protocol/wire.js'
import type { OpenStore, Payload, SavedSession, SessionStore } from './store.js'

/** A message that came, with the numbers that the machine needs of it. */
export type Arrival = ClientInput & { readonly data?: unknown }

/** Messages that will not be delivered, or of which it is not known. */
export interface LostDetail {
  readonly reason: LossReason
  /** The session that is gone; `undefined` where there was none yet. */
  readonly session: string | undefined
  /** All messages that were held, oldest first. Some may have been delivered: their acknowledgement was lost. */
  readonly messages: readonly { readonly number: number; readonly data: Payload }[]
  /** What the store failed with. */
  readonly cause?: unknown
}

export interface ResumedDetail {
  /** Own messages that the server had not taken over when the connection was lost, and that are sent again. */
  readonly missed: number
}

/** Own messages that the server has not taken over. */
export interface HeldView {
  /** How many. */
  readonly size: number
  /** Their bytes of payload. */
  readonly bytes: number
}

/** Whom the session belongs to. */
export interface Owner {
  readonly clock: Clock
  /** Hands a message to the connection. One that cannot take it is about to end. */
  transmit(data: Payload): void
  deliver(data: unknown): void
  lost(detail: LostDetail): void
  resumed(detail: ResumedDetail): void
  live(): void
  violation(problem: string): void
}

/** A loss by the numbers that `send()` gave. */
interface Loss {
  readonly from: number
  readonly to: number
  readonly reason: LossReason
}

export class SessionShell {
  readonly #owner: Owner
  readonly #from: SessionStore | undefined
  #state = clientState()
  /** Own messages. While a store is yet to be opened, only those that it does not have. */
  #held = new Held<Payload>()
  #store: OpenStore | undefined
  #opening: { readonly abort: AbortController; readonly done: Promise<void> } | undefined
  #noting: Promise<void> | undefined
  /** The last message that the store has got in this turn, until the machine is told; 0 for none. */
  #kept = 0
  /** What a message's number in its stream is more than the one that `send()` gave: that is unique for the socket. */
  #shift = 0
  #queue: Arrival[] | undefined
  readonly #waiting = new Map<number, Deferred<void>>()
  readonly #losses: Loss[] = []
  #timer: Timer
  #failure: { readonly session: string | undefined; readonly cause: unknown } | undefined

  constructor(owner: Owner, from: SessionStore | undefined) {
    this.#owner = owner
    this.#from = from
  }

  get state(): ClientState {
    return this.#state
  }

  get held(): HeldView {
    return this.#held
  }

  /** The number that `send()` has given last. */
  get last(): number {
    return this.#held.last - this.#shift
  }

  /** Opens the store, if there is one: at once where it can be read at once. Nothing is greeted before. */
  open(): Promise<void> | undefined {
    if (!this.#from || this.#store || this.#opening) return this.#opening?.done
    const abort = new AbortController()
    const opened = this.#from.open(abort.signal)
    if (!('then' in opened)) {
      this.#load(opened)
      return undefined
    }
    const done = opened.then(
      (store) => {
        // it may have been let go of meanwhile
        if (this.#opening?.abort !== abort) return letGo(store)
        this.#opening = undefined
        this.#load(store)
      },
      (error: unknown) => {
        if (this.#opening?.abort === abort) this.#opening = undefined
        throw error
      },
    )
    this.#opening = { abort, done }
    return done
  }

  /** Lets go of the store: what it holds is read again by `open`. */
  close(): void {
    this.#opening?.abort.abort()
    this.#opening = undefined
    const store = this.#store
    if (!store) return
    this.#store = undefined
    this.#held = new Held<Payload>(this.#held.last)
    letGo(store)
  }

  /** Holds a message of `size` bytes. Returns its number. */
  send(data: Payload, size: number): number {
    const number = this.#held.add(data, size)
    if (!this.#from || this.#store) this.#append(number, data)
    return number - this.#shift
  }

  /** Resolves when the server has taken over the message with that number. */
  async delivered(number: number): Promise<void> {
    const lost = this.#losses.find(({ from, to }) => number >= from && number <= to)
    if (lost) throw new SessionLostError(lost.reason)
    if (number + this.#shift <= this.#state.outgoing.acked) return
    const waiting = this.#waiting.get(number) ?? defer()
    this.#waiting.set(number, waiting)
    return waiting.promise
  }

  /** Runs to completion: what an effect sets off has its turn after it. */
  feed(input: Arrival): void {
    if (this.#queue) {
      this.#queue.push(input)
      return
    }
    const queue: Arrival[] = (this.#queue = [input])
    try {
      for (let i = 0; i < queue.length; i++) this.#step(queue[i]!)
    } finally {
      this.#queue = undefined
    }
  }

  /** What was sent is transmitted, and what is taken over acknowledged, now: a pause follows. */
  flush(): void {
    this.#tellKept()
    this.#take()
    this.feed({ type: 'flush' })
  }

  #step(input: Arrival): void {
    const before = this.#state
    const { state, effects } = clientTransition(before, input, this.#held.at)
    this.#state = state
    if (input.type === 'disconnected') this.#pause()
    for (const effect of effects) this.#perform(effect, before, input)
  }

  #perform(effect: ClientEffect, before: ClientState, input: Arrival): void {
    const owner = this.#owner
    switch (effect.type) {
      case 'deliver':
        owner.deliver(input.data)
        return this.#note()
      case 'transmit':
        for (let number = effect.from; number <= effect.to; number++) {
          const data = this.#held.get(number)
          owner.transmit(typeof data === 'string' ? escape(data) : data)
        }
        return
      case 'hello':
      case 'acknowledge':
      case 'bye':
        return owner.transmit(encode(effect))
      case 'acknowledge-later':
        return this.#later()
      case 'forget':
        return this.#forget(before.outgoing.acked, effect.number)
      case 'name': {
        const { generation } = this.#state
        return this.#write(
          (store) => store.name(effect.session),
          () => this.feed({ type: 'named', generation }),
        )
      }
      case 'lost':
        return this.#lose(effect.reason, before.session?.id)
      case 'resumed':
        return owner.resumed({ missed: effect.missed })
      case 'live':
        return owner.live()
      case 'violation':
        return owner.violation(effect.problem)
    }
  }

  #load(store: OpenStore): void {
    const failed = this.#failure
    this.#failure = undefined
    // what was reported as lost must not be sent after all
    const stale = failed?.session !== undefined && failed.session === store.saved.session?.id
    const { session, received, acked, messages } = stale ? nothing : store.saved
    const early = this.#held.list()
    const issued = this.last
    const generation = this.#state.generation + 1
    this.#kept = 0
    const held = new Held<Payload>(acked)
    for (const data of messages) held.add(data, payloadSize(data))
    this.#shift = issued === 0 ? 0 : held.last - (issued - early.length)
    this.#store = store
    this.#held = held
    this.#state = clientState(session, received, acked, 0, held.last, generation)
    if (stale) this.#write(() => store.clear())
    this.#settle(1, acked)
    for (const data of early) this.#append(held.add(data, payloadSize(data)), data)
  }

  #append(number: number, data: Payload): void {
    const { generation } = this.#state
    if (!this.#from) return this.#keep(generation, number)
    this.#write(
      (store) => store.append(number, data),
      () => this.#keep(generation, number),
    )
  }

  /** The store has a message: what it has got in one turn is transmitted together, at the end of it. */
  #keep(generation: number, number: number): void {
    if (generation !== this.#state.generation) return
    if (this.#kept === 0) queueMicrotask(() => this.#tellKept())
    this.#kept = number
  }

  #tellKept(): void {
    const number = this.#kept
    this.#kept = 0
    if (number > 0) this.feed({ type: 'kept', generation: this.#state.generation, number })
  }

  /** Has the store do something, and calls `then` when it is done. */
  #write(operation: (store: OpenStore) => Promise<void> | void, then: () => void = ignore): void {
    const store = this.#store
    if (!store) return then()
    const failed = (error: unknown): void => this.#fail(store, error)
    try {
      const done = operation(store)
      if (done) done.then(then, failed)
      else then()
    } catch (error) {
      failed(error)
    }
  }

  #fail(store: OpenStore, cause: unknown): void {
    if (this.#store !== store) return
    this.#failure = { session: this.#state.session?.id, cause }
    this.#store = undefined
    letGo(store)
    this.feed({ type: 'ended', reason: 'store' })
  }

  /** What the application was given is to be taken over: at once for each turn, or in memory now and then. */
  #note(): void {
    const { incoming, window } = this.#state
    if (this.#store) this.#noting ??= this.#noteAll(this.#store)
    else if (incoming.givenAt - incoming.takenAt < window / 4) this.#later()
    else this.#take()
  }

  async #noteAll(store: OpenStore): Promise<void> {
    // after all that came in this turn
    await Promise.resolve()
    try {
      for (;;) {
        const { incoming, generation } = this.#state
        const { given: number, givenAt: at } = incoming
        if (this.#store !== store || number === incoming.taken) break
        await store.received(number)
        this.feed({ type: 'taken', generation, number, at })
      }
    } catch (error) {
      this.#fail(store, error)
    }
    this.#noting = undefined
  }

  #take(): void {
    if (this.#from) return
    const { incoming, generation } = this.#state
    this.feed({ type: 'taken', generation, number: incoming.given, at: incoming.givenAt })
  }

  #later(): void {
    this.#timer ??= this.#owner.clock.setTimeout(() => {
      this.#timer = undefined
      this.flush()
    }, ACKNOWLEDGE_WITHIN)
  }

  /** No connection: nothing is to be told, and what memory has is taken over. */
  #pause(): void {
    this.#owner.clock.clearTimeout(this.#timer)
    this.#timer = undefined
    this.#take()
  }

  #forget(acked: number, number: number): void {
    this.#held.forget(number)
    this.#write((store) => store.forget(number))
    this.#settle(acked + 1, number)
  }

  /** The server has taken over the messages of the stream `from` to `to`. */
  #settle(from: number, to: number): void {
    if (this.#waiting.size === 0) return
    for (let number = from - this.#shift; number <= to - this.#shift; number++) {
      this.#waiting.get(number)?.resolve()
      this.#waiting.delete(number)
    }
  }

  #lose(reason: LossReason, session: string | undefined): void {
    const { first, last } = this.#held
    const messages = this.#held.list().map((data, index) => ({ number: first + index - this.#shift, data }))
    if (last >= first) this.#losses.push({ from: first - this.#shift, to: last - this.#shift, reason })
    for (const { number } of messages) {
      this.#waiting.get(number)?.reject(new SessionLostError(reason))
      this.#waiting.delete(number)
    }
    this.#shift -= last
    this.#held = new Held()
    this.#kept = 0
    const { cause } = this.#failure ?? {}
    this.#owner.lost({ reason, session, messages, ...(cause !== undefined && { cause }) })
    this.#write((store) => store.clear())
  }
}

/** What was written is written: that it cannot be closed changes nothing. */
function letGo(store: OpenStore): void {
  void (async () => store.close())().catch(() => {})
}

function ignore(): void {}

const nothing: SavedSession = { session: undefined, received: 0, acked: 0, messages: [] }
