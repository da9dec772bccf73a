/** Runs the machine of one member: lock, channel, real connection, and time. */
import type { Sendable } from '../delivery/payload.js'
import { attempt } from '../diagnostics/report.js'
import { add, confirm, flow, newLedger, rest } from './ledger.js'
import { LEASE, leadOf, start, transition } from './member.js'
import type { TabsOptions, TabsRole } from './options.js'
import { Line } from './line.js'
import type { Held, Room, Scope } from './scope.js'
import type { Effect, Input, Leave } from './state.js'
import { Topics } from './topics.js'
import { confirmed, leaves, type Wills } from './wills.js'
import { type Ack, isWord } from './words.js'

/** Interval of a member's `tick`, in ms; up to half longer, so that not all depose at once. */
const TICK = 1_000
/** How long a channel message may take to a tab that is awake, in ms. */
const TRANSIT = 100
/** Polling interval for what the platform has sent, in ms. */
const PACE = 20

/** The socket that the member belongs to. */
export interface Owner {
  readonly url: string
  readonly protocols: string[]
  readonly key: string
  readonly room: Room
  readonly options: TabsOptions
  readonly scope: Scope
  opened(protocol: string, extensions: string): void
  message(data: Sendable): void
  ended(code: number, reason: string, clean: boolean, cause: unknown): void
}

type Runner = {
  [E in Effect as E[0]]: (...args: E extends readonly [unknown, ...infer Args] ? Args : never) => void
}

export class Shell {
  readonly #owner: Owner
  readonly #id = Math.random().toString(36).slice(2)
  readonly #gone = new AbortController()
  readonly #ledger = newLedger()
  /** The subscriptions of all tabs, while this one leads. */
  readonly #topics
  readonly #born
  #state
  #role: TabsRole | undefined
  #greeted = true
  /** Why sharing is not possible. */
  #cause: unknown
  #channel: BroadcastChannel | undefined
  #held: Held | undefined
  #wills: Wills = new Map()
  readonly #line: Line
  #verifying: unknown
  #pacing: unknown

  readonly #run: Runner = {
    post: (word) => this.#channel?.postMessage(word),
    lead: (again) => this.#run.post(leadOf(this.#state, this.#line.sent, again)),
    dial: () => this.#line.dial(),
    close: (code, reason) => this.#line.shut(code, reason),
    release: () => this.#held?.release?.(),
    steal: () => {
      this.#log('depose')
      this.#acquire({ steal: true })
    },
    verify: () => {
      this.#run.lead(false)
      this.#verifying ??= this.#owner.scope.setTimeout(() => {
        this.#verifying = undefined
        // the state of the lock must be known before the answer
        void this.#locks.query().then(() => this.step({ type: 'verified' }))
      }, TRANSIT)
    },
    watch: (from) => {
      if (this.#owner.options.resubscribe && from !== this.#id)
        void this.#locks.request(this.#name + from, () => this.step({ type: 'lost', from }))
    },
    left: (from) => {
      for (const topic of this.#topics.left(from))
        this.#send(this.#owner.options.resubscribe!.remove(topic), 0)
    },
    open: (protocol, extensions) => {
      if (this.#state.name === 'following') {
        this.#greeted = true
        this.#subscribe()
      } else if (this.#greeted) this.#greet()
      this.#owner.opened(protocol, extensions)
    },
    deliver: (data) => this.#owner.message(data),
    end: (code, reason, clean, at = Infinity) => {
      this.#run.sent(at)
      this.#owner.room.sockets--
      this.#owner.ended(code, reason, clean, this.#line.cause)
    },
    hand: (ack, data) => this.#hand(ack, data),
    acked: ({ to, seq, at }) => {
      if (to !== this.#id) return confirmed(this.#wills, to, seq)
      confirm(this.#ledger, seq, at)
      // messages that the platform did not buffer at all
      this.#run.sent(0)
    },
    sent: (at) => flow(this.#ledger, at),
    resend: () => {
      const { term } = this.#state
      let { handed: seq } = this.#ledger
      for (const data of rest(this.#ledger))
        this.#run.post({ kind: 'send', from: this.#id, term, seq: ++seq, data })
    },
    hidden: () => this.leave('hidden'),
    will: (bye) => leaves(this.#wills, bye),
    wills: () => {
      const { term } = this.#state
      for (const [from, will] of this.#wills)
        if (will.left.length > 0) this.step({ type: 'word', word: { kind: 'bye', from, term, ...will } })
    },
  }

  constructor(owner: Owner) {
    const { room, options } = owner
    this.#owner = owner
    this.#line = new Line(owner, (input) => this.step(input))
    this.#topics = new Topics(options.resubscribe?.read)
    this.#born = this.#now()
    this.#state = start(room.term, this.#born)
    room.sockets++
  }

  /** Bytes passed to send() that the platform has not sent. */
  get bufferedAmount(): number {
    if (this.#line.dialed) flow(this.#ledger, this.#line.sent)
    return this.#ledger.bytes
  }

  /** Whether the application's hello on the connection is done, in any tab. */
  get greeted(): boolean {
    return this.#greeted
  }

  set greeted(value) {
    if (!value) this.#greeted = false
    else if (!this.#greeted) this.#greet()
  }

  get #name(): string {
    return `everopen ${this.#owner.key}`
  }

  get #locks(): LockManager {
    return this.#owner.scope.navigator!.locks!
  }

  /** Joins the group, or opens its own connection if it cannot. */
  join(): void {
    const { room, options, scope } = this.#owner
    const { signal } = this.#gone
    try {
      if (!this.#locks) throw new Error('this platform has no Web Locks')
      this.#channel = new scope.BroadcastChannel!(this.#name)
    } catch (cause) {
      return this.#alone(cause)
    }
    this.#channel.onmessage = ({ data }) => {
      if (isWord(data)) this.step({ type: 'word', word: data })
    }
    for (const type of ['pagehide', 'freeze'])
      scope.addEventListener?.(type, () => this.leave('hidden'), { capture: true, signal })
    // held as long as this member lives, so that a leader notices its end
    if (options.resubscribe)
      this.#locks
        .request(
          this.#name + this.#id,
          { signal },
          () => new Promise((resolve) => (signal.onabort = resolve)),
        )
        .catch(() => {})
    this.#held = room.kept
    if (this.#held) {
      const { owner } = this.#held
      this.#held.owner = this
      this.#wills = this.#held.wills
      owner.step({ type: 'inherited' })
      this.#grant()
    } else {
      this.#acquire({ signal })
      this.#run.post({ kind: 'ask', from: this.#id, term: room.term, seq: 0 })
    }
    this.#tick()
  }

  /** Sends a message of the user. */
  send(data: Sendable, size: number): void {
    this.#owner.room.topics.pass('', data)
    this.#send(data, size)
  }

  leave(how: Leave, code?: number, reason = ''): void {
    const { room, options } = this.#owner
    const left = rest(this.#ledger)
    if (how !== 'abandoned') confirm(this.#ledger, Infinity, 0)
    if (how === 'closed' && room.sockets === 1) room.topics = new Topics(options.resubscribe?.read)
    const at = how === 'abandoned' ? this.#line.sent : this.#line.given
    this.step({ type: 'leave', how, code, reason, at, left })
  }

  step(input: Input): void {
    const { room } = this.#owner
    const [state, effects] = transition(this.#id, this.#state, input, this.#now())
    this.#state = state
    room.term = Math.max(room.term, state.term)
    if (state.name === 'keeping') room.kept = this.#held
    else if (room.kept === this.#held) room.kept = undefined
    this.#log(role(state.name, this.#channel))
    for (const [name, ...args] of effects) (this.#run[name] as (...args: unknown[]) => void)(...args)
    if (state.name !== 'gone') return
    this.#gone.abort()
    this.#channel?.close()
    this.#channel = undefined
  }

  #now(): number {
    return this.#owner.scope.performance.now()
  }

  #send(data: Sendable, size: number): void {
    add(this.#ledger, data, size)
    this.step({ type: 'send', data })
  }

  #log(type: TabsRole | undefined): void {
    if (type === undefined || type === this.#role) return
    this.#role = type
    const { key, options } = this.#owner
    attempt(() => options.log?.({ at: Date.now(), type, key, cause: this.#cause }))
  }

  #alone(cause: unknown): void {
    this.#cause = cause
    this.#channel?.close()
    this.#channel = undefined
    this.#grant()
  }

  #grant(): void {
    // the random part distinguishes two leaders of the same millisecond
    this.step({ type: 'granted', date: Math.floor((Date.now() + Math.random()) * 1_000) })
  }

  #acquire(options: LockOptions): void {
    const held: Held = { owner: this, wills: this.#wills }
    this.#locks
      .request(this.#name, options, () => {
        this.#held = held
        return new Promise<void>((resolve) => {
          held.release = resolve
          if (this.#state.name === 'waiting' && this.#now() - this.#born < TRANSIT) this.#grant()
          else this.#claim(held, options.steal)
        })
      })
      .catch((error: Error) => {
        // stolen, or no longer waited for
        if (error.name !== 'AbortError') return this.#alone(error)
        held.owner.lose(held)
      })
  }

  /**
   * Leads after a short delay: by then confirmations of the previous leader have arrived, and it is known whether the
   * lock has been lost again. A deposed leader does nothing once its lease has expired.
   */
  #claim(held: Held, stolen: boolean | undefined): void {
    this.#owner.scope.setTimeout(() => {
      const state = this.#state
      if (this.#held !== held) return
      if (stolen && 'heard' in state && this.#now() - state.heard <= LEASE) this.#claim(held, stolen)
      else this.#grant()
    }, TRANSIT)
  }

  /** Another member has taken the lock, or it is no longer waited for. */
  lose(held: Held): void {
    if (this.#held !== held) return
    this.#held = undefined
    this.step({ type: 'deposed' })
  }

  #tick(): void {
    const { scope } = this.#owner
    scope.setTimeout(
      () => {
        if (this.#gone.signal.aborted) return
        // a page that is being prerendered hears nobody, and gets its locks when it is shown: also those that it steals
        if (!scope.document?.prerendering) this.step({ type: 'tick' })
        this.#tick()
      },
      TICK * (1 + Math.random() / 2),
    )
  }

  #greet(): void {
    this.#greeted = true
    this.step({ type: 'greeted' })
    // those of the last connection, of which nothing is left: each connection has other members
    for (const [from, { left }] of this.#wills) if (left.length === 0) this.#wills.delete(from)
    this.#subscribe()
  }

  /** Sends this tab's subscriptions, once per connection. */
  #subscribe(): void {
    const { room, options } = this.#owner
    for (const topic of room.topics.list()) attempt(() => this.#send(options.resubscribe!.add(topic), 0))
  }

  #hand(ack: Ack, data: Sendable): void {
    const at = this.#topics.pass(ack.to, data) ? this.#line.hand(data) : 0
    const done = { ...ack, at }
    if (ack.to !== this.#id) this.#run.post(done)
    this.#run.acked(done)
    this.#pace()
  }

  /** Reports what has been sent, until everything is. */
  #pace(): void {
    if (!this.#channel || this.#line.buffered === 0) return
    this.#pacing ??= this.#owner.scope.setTimeout(() => {
      this.#pacing = undefined
      this.#run.lead(false)
      this.#pace()
    }, PACE)
  }
}

function role(name: string, channel: unknown): TabsRole | undefined {
  if (name === 'leading') return channel ? 'lead' : 'alone'
  if (name === 'waiting') return undefined
  return name === 'following' ? 'follow' : 'leave'
}
