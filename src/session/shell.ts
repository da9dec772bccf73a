/** Holds the state of a client's session and its messages, and runs the machine's effects. */
import type { Clock, Timer } from '../time/clock.js'
import { payloadSize } from '../delivery/payload.js'
import type { Left } from '../socket/drain.js'
import type { HeldView, LostDetail, ResumedDetail } from './events.js'
import { Held } from './held.js'
import { Keeper } from './keeper.js'
import { ACKNOWLEDGE_WITHIN } from './protocol/acknowledge.js'
import {
  type ClientEffect,
  type ClientInput,
  type ClientState,
  clientState,
  clientTransition,
  type LossReason,
} from './protocol/client.js'
import { isMuch } from './protocol/incoming.js'
import { encodeClient, escape, type SessionName } from './protocol/wire.js'
import { Receipts } from './receipts.js'
import type { OpenStore, Payload, SavedSession, SessionStore } from './store.js'

/** An arrived message, with the numbers that the machine needs. */
export type Arrival = ClientInput & { readonly data?: unknown }

/** The socket that the session belongs to. */
export interface Owner {
  readonly clock: Clock
  /** Passes a message to the connection. If it is not accepted, the connection is about to end. */
  transmit(data: Payload): void
  deliver(data: unknown): void
  lost(detail: LostDetail): void
  resumed(detail: ResumedDetail): void
  live(): void
  violation(problem: string): void
}

export class SessionShell {
  readonly #owner: Owner
  readonly #keeper: Keeper
  readonly #receipts = new Receipts()
  #state = clientState()
  /** Own messages. Until a store is open, only those that it does not have. */
  #held = new Held<Payload>()
  /** The last message stored in this turn, until the machine is told; 0 for none. */
  #kept = 0
  /** The generation whose processed messages are being recorded in the store. */
  #noting: number | undefined
  #queue: Arrival[] | undefined
  #timer: Timer
  /** The last failure of the store, with the session in it, until the store has been cleared of that. */
  #failure: { readonly session: SessionName | undefined; readonly cause: unknown } | undefined

  constructor(owner: Owner, from: SessionStore | undefined) {
    this.#owner = owner
    this.#keeper = new Keeper(from, {
      loaded: (store) => this.#load(store),
      failed: (cause) => {
        this.#failure = { session: (this.#failure ?? this.#state).session, cause }
        this.feed({ type: 'ended', reason: 'store' })
      },
    })
  }

  get state(): ClientState {
    return this.#state
  }

  get held(): HeldView {
    return this.#held
  }

  /** What the server has not acknowledged, here and in a store that is closed. */
  readonly left = (): Left => {
    const { last, at } = this.#held
    const { acked, ackedAt } = this.#state.outgoing
    return { messages: last - acked, bytes: at(last) - ackedAt, until: 'acknowledged' }
  }

  /** The last number that `send()` returned. */
  get last(): number {
    return this.#receipts.of(this.#held.last)
  }

  /** Opens the store, if there is one; synchronously if it can be read synchronously. No hello is sent before. */
  open(): Promise<void> | undefined {
    return this.#keeper.open()
  }

  /** Closes the store; `open` reads its content again. */
  close(): void {
    // while a note was on its way, more messages may have been delivered
    const { given, taken } = this.#state.incoming
    if (given > taken) this.#keeper.write((store) => store.received(given))
    if (!this.#keeper.close()) return
    const { kept } = this.#state.outgoing
    this.#held.forget(this.#keeper.closing ? Math.max(kept, this.#kept) : this.#held.last)
  }

  /** Holds a message of `size` bytes. Returns its number. */
  send(data: Payload, size: number): number {
    const number = this.#held.add(data, size)
    // if the store fails now, the session is lost and numbers restart
    const receipt = this.#receipts.of(number)
    if (this.#keeper.state !== 'closed') this.#append(number, data)
    return receipt
  }

  /** Resolves when the server has acknowledged the message with that number. */
  delivered(number: number): Promise<void> {
    return this.#receipts.delivered(number, this.#state.outgoing.acked)
  }

  /** Runs to completion: inputs that an effect causes are processed after it. */
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

  /** Transmits and acknowledges everything now, because a pause follows. */
  flush(): void {
    this.#tellKept()
    this.#take()
    this.feed({ type: 'flush' })
  }

  /** Ends the session. Returns false if its store is closed. */
  leave(): boolean {
    if (this.#keeper.state === 'closed') return false
    this.flush()
    this.feed({ type: 'leave' })
    return true
  }

  /** Ends a session whose store is closed, unless that has another one by now. */
  async leaveClosed(): Promise<void> {
    const { session } = this.#state
    const opening = this.open()
    if (opening) await opening
    if (!session || session.id === this.#state.session?.id) this.leave()
    this.close()
  }

  #step(input: Arrival): void {
    const before = this.#state
    const { state, effects } = clientTransition(before, input, this.#held.at)
    this.#state = state
    if (input.type === 'disconnected') {
      // nothing to acknowledge, and in memory everything counts as processed
      this.#owner.clock.clearTimeout(this.#timer)
      this.#timer = undefined
      this.#take()
    }
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
        return owner.transmit(encodeClient(effect))
      case 'acknowledge-later':
        return this.#later()
      case 'forget':
        this.#held.forget(effect.number)
        this.#keeper.write((store) => store.forget(effect.number))
        return this.#receipts.settle(before.outgoing.acked + 1, effect.number)
      case 'name': {
        const { generation } = this.#state
        return this.#keeper.write(
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
    const id = store.saved.session?.id
    // messages that were reported as lost must not be sent anymore; perhaps it has no session because that failed
    const stale = failed && (!id || id === failed.session?.id)
    const { session, received, acked, messages } = stale ? nothing : store.saved
    const early = this.#held.list()
    const issued = this.last
    const { generation, outgoing, session: before } = this.#state
    // a free session instead of the one before: whether its messages are delivered is for others to hear
    if (before?.id !== session?.id) this.#receipts.lose(outgoing.acked + 1, this.#held.first - 1, 'store')
    this.#kept = 0
    const held = new Held<Payload>(acked)
    for (const data of messages) held.add(data, payloadSize(data))
    this.#receipts.align(held.last, issued === 0 ? held.last : issued - early.length)
    this.#held = held
    // what is still to come of the store before is of no interest
    this.#state = clientState(session, received, acked, 0, held.last, generation + 1)
    const cleared = (): void => (this.#failure = undefined)
    if (stale) this.#keeper.write((open) => open.clear(), cleared)
    else cleared()
    this.#receipts.settle(1, acked)
    // if the store fails for one, the others wait for the next store
    for (const data of early) this.send(data, payloadSize(data))
  }

  #append(number: number, data: Payload): void {
    const { generation } = this.#state
    // messages in memory need no storing
    if (this.#keeper.state === 'memory') return this.#keep(generation, number)
    this.#keeper.write(
      (store) => store.append(number, data),
      () => this.#keep(generation, number),
    )
  }

  /** The store has a message: the messages of one turn are transmitted together, at its end. */
  #keep(generation: number, number: number): void {
    if (generation !== this.#state.generation) return
    // closed in the meantime. What failed, and everything after it, remains for the next store
    if (this.#keeper.state === 'closed') {
      if (number === this.#held.first) this.#held.forget(number)
      return
    }
    if (this.#kept === 0) queueMicrotask(() => this.#tellKept())
    this.#kept = number
  }

  #tellKept(): void {
    const number = this.#kept
    this.#kept = 0
    if (number > 0) this.feed({ type: 'kept', generation: this.#state.generation, number })
  }

  /** Records delivered messages as processed: once per turn in a store, or now and then in memory. */
  #note(): void {
    const { incoming, window, generation } = this.#state
    const { given, givenAt, taken, takenAt } = incoming
    if (this.#keeper.state === 'open') {
      if (this.#noting === generation) return
      this.#noting = generation
      // after all messages of this turn
      queueMicrotask(() => this.#noteAll(generation))
    } else if (isMuch(given - taken, givenAt - takenAt, window)) this.#take()
    else this.#later()
  }

  #noteAll(generation: number): void {
    if (generation !== this.#state.generation) return
    const { given: number, givenAt: at, taken } = this.#state.incoming
    if (this.#keeper.state !== 'open' || number === taken) {
      this.#noting = undefined
      return
    }
    this.#keeper.write(
      (store) => store.received(number),
      () => {
        this.feed({ type: 'taken', generation, number, at })
        this.#noteAll(generation)
      },
    )
  }

  #take(): void {
    if (this.#keeper.state !== 'memory') return
    const { incoming, generation } = this.#state
    this.feed({ type: 'taken', generation, number: incoming.given, at: incoming.givenAt })
  }

  #later(): void {
    this.#timer ??= this.#owner.clock.setTimeout(() => {
      this.#timer = undefined
      this.flush()
    }, ACKNOWLEDGE_WITHIN)
  }

  #lose(reason: LossReason, session: string | undefined): void {
    const { first, last } = this.#held
    const messages = this.#held
      .list()
      .map((data, index) => ({ number: this.#receipts.of(first + index), data }))
    this.#receipts.lose(first, last, reason)
    this.#held = new Held()
    this.#kept = 0
    // first, because a listener may send
    this.#keeper.write((store) => store.clear())
    this.#owner.lost({ reason, session, messages, cause: this.#failure?.cause })
  }
}

const nothing: SavedSession = { session: undefined, received: 0, acked: 0, messages: [] }
