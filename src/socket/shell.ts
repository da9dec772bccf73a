/** The only stateful part: holds the machine's state, feeds it inputs and runs its effects, each to completion. */
import { Connection } from '../connection/connection.js'
import type { Owner } from '../connection/owner.js'
import { Patience } from '../connection/patience.js'
import { drain, type Left, overrules } from './drain.js'
import { Emitter } from './emitter.js'
import type { AttemptError } from '../diagnostics/errors.js'
import { eventTypes, type NodeEvents, type OpenDetail } from './events.js'
import { createLog, type Log } from '../diagnostics/log.js'
import type { Effect, End, Hint, Input, State } from '../machine/state.js'
import { transition } from '../machine/transition.js'
import type { Platform, Reports } from '../platform/platform.js'
import { Endpoints } from '../retry/endpoints.js'
import { type Data, payloadSize, type Sendable } from '../delivery/payload.js'
import { type DropDetail, type SendOptions, type Sent, Sender, type SenderOwner } from '../delivery/sender.js'
import { oneOf } from '../options/rules.js'
import type { Settings } from '../options/settings.js'
import { deliver } from './deliver.js'
import { Judge } from './judge.js'
import { Status } from './status.js'
import { Tasks } from './tasks.js'
import { World } from './world.js'

const checkType = oneOf(...eventTypes)

/** `SessionSocket` puts methods of its own in the place of `feed`, `hear`, `left`, `dropped` and `heard`. */
export class Shell implements Owner, SenderOwner {
  readonly settings: Settings
  readonly emitter = new Emitter<NodeEvents>()
  readonly sender: Sender
  readonly status: Status
  /** The public object's methods that have been accessed, bound to it. */
  readonly bound: Partial<Record<string, (...args: never[]) => unknown>> = {}
  protocol = ''
  extensions = ''
  readonly platform: Platform
  readonly endpoints = new Endpoints()
  readonly patience = new Patience()
  readonly log: Log
  readonly #judge: Judge
  readonly #tasks: Tasks
  readonly #world = new World(this)
  #state: State = { name: 'idle', id: 0 }
  #connection: Connection | undefined
  /** Number of consumers that have paused reading. */
  #pausers = 0
  /** Cancels a `close()` that is draining. */
  #draining: AbortController | undefined
  #binaryType: 'arraybuffer' | 'blob'

  constructor(settings: Settings, platform: Platform) {
    this.settings = settings
    this.platform = platform
    this.log = createLog(settings.log, platform.clock)
    this.sender = new Sender(settings.outbox, platform.clock, this)
    this.status = new Status(this.sender)
    this.#judge = new Judge(this)
    this.#tasks = new Tasks(this.status)
    this.#binaryType = settings.binaryType
  }

  get state(): State {
    return this.#state
  }

  get whenOpened(): Promise<OpenDetail> {
    // within a listener, connect() may have been called and still be waiting for its turn
    const opened = this.status.nextOpened
    if (!this.#tasks.busy) this.status.rest()
    return opened
  }

  get whenClosed(): Promise<End> {
    const closed = this.status.nextClosed
    if (!this.#tasks.busy) this.status.rest()
    return closed
  }

  /** Where listeners to such an event are added and removed. */
  heard(type: unknown): Emitter<NodeEvents> {
    checkType('type', type)
    return this.emitter
  }

  dropped(detail: DropDetail): void {
    this.taken()
    this.log(() => ({ type: 'drop', reason: detail.reason, bytes: payloadSize(detail.data) }))
    this.#tasks.run(() => this.emitter.emit('drop', detail))
  }

  taken(): void {
    this.status.noticeQueue()
  }

  /** Calls back as soon as no task is running. */
  whenAtRest(callback: () => void): void {
    this.#tasks.run(callback)
  }

  get bufferedAmount(): number {
    const link = this.#connection?.link
    return (link?.payloads ?? link?.bufferedAmount ?? 0) + this.sender.bytes
  }

  /** What `drain()` waits for. */
  left(): Left {
    return {
      messages: this.sender.view.size,
      // with their frames: an empty message is something too
      bytes: (this.#connection?.link?.bufferedAmount ?? 0) + this.sender.bytes,
    }
  }

  get binaryType(): 'arraybuffer' | 'blob' {
    return this.#binaryType
  }

  set binaryType(type) {
    this.#binaryType = type
    if (this.#connection?.link) this.#connection.link.binaryType = type
  }

  send(data: Sendable, options: SendOptions): Sent {
    const sent = this.sender.send(data, options, this.#state.name === 'open' ? this.#connection : undefined)
    if (sent !== 'sent') this.status.noticeQueue()
    return sent
  }

  /**
   * Pauses reading. Returns a function that resumes it, to be called once; `undefined` if the platform cannot pause.
   */
  pause(): (() => void) | undefined {
    const link = this.#connection?.link
    if (link && !link.pause) return undefined
    this.#pausers++
    link?.pause?.()
    // nothing is received while paused, so an unanswered ping no longer means anything
    this.flow()
    return () => {
      if (--this.#pausers === 0) this.#connection?.link?.resume?.()
    }
  }

  /**
   * Ends the run, after at most `timeout` ms if something is left to send. Other calls in the meantime take precedence.
   */
  close(code: number | undefined, reason: string | undefined, timeout = 0): void {
    const done = (): void => this.feed({ type: 'close', code, reason })
    if (timeout === 0) return done()
    this.#draining?.abort()
    const { signal } = (this.#draining = new AbortController())
    const end = (): unknown => signal.aborted || done()
    // connect() may have been called in a listener that is still running
    this.whenAtRest(() => {
      // when idle, nothing is being sent
      if (this.#state.name === 'idle') end()
      else
        drain(this, { timeout, signal })
          .catch(() => {})
          .finally(end)
    })
  }

  /** Whether a `close()` is draining. */
  get draining(): boolean {
    return this.#draining !== undefined
  }

  feed(input: Input): void {
    if (overrules.has(input.type)) {
      this.#draining?.abort()
      this.#draining = undefined
    }
    this.#tasks.run(() => this.#step(input))
  }

  #step(input: Input): void {
    const before = this.#state
    const { state, effects } = transition(before, input)
    if (state === before) return
    const dialIn = effects.find((effect) => effect.type === 'wait')?.delay
    this.#state = state
    this.status.enter(state, dialIn === undefined ? undefined : this.platform.clock.date() + dialIn)
    this.log(() => ({
      type: 'transition',
      from: before.name,
      to: state.name,
      phase: this.status.snapshot.phase,
      dialIn,
    }))
    for (const effect of effects) this.#perform(effect)
    this.status.settle()
  }

  #perform(effect: Effect): void {
    const { id, name } = this.#state
    switch (effect.type) {
      case 'wait':
        return this.#judge.wait(id, effect.delay)
      case 'prepare':
        this.#connection = new Connection(this, id)
        return this.#connection.prepare(effect.retries, this.status.lastEnd)
      case 'dial':
        this.status.dialing(effect.target.url)
        this.log(() => {
          const { endpoint, attempt } = this.status.snapshot
          return { type: 'dial', endpoint: endpoint!, attempt }
        })
        return this.#connection!.dial(effect.target)
      case 'greet':
        return this.#connection!.greet(effect.attempt, effect.reconnected)
      case 'decide':
        return this.#judge.decide(id)
      case 'shut':
        return this.#connection!.shut(effect.code, effect.reason)
      case 'hurry':
        return this.#connection!.hurry()
      case 'release':
        this.#judge.stop()
        this.sender.restore(this.#connection?.release() ?? [])
        this.#connection = undefined
        return
      case 'connect':
        // not a call of the user, so a draining close() continues
        return this.#tasks.run(() => this.#step(effect))
      case 'flush':
        return this.flow()
      case 'state':
        return this.#enter(effect)
      case 'open':
        return this.#open(effect)
      case 'error':
        return this.emitter.emit('error', effect.end.cause as AttemptError)
      case 'close':
        return this.emitter.emit('close', { ...effect.end, willRetry: name === 'connecting' })
    }
  }

  /** Handles a change of the state's name: the run's bookkeeping, then the event. */
  #enter({ from, to }: Extract<Effect, { type: 'state' }>): void {
    if (to === 'closed') {
      this.#world.leave()
      this.sender.stop()
    } else if (from === 'idle' || from === 'closed') {
      this.#world.listen()
      this.#judge.begin()
      this.sender.start()
    }
    if (to === 'open') ({ protocol: this.protocol, extensions: this.extensions } = this.#connection!.link!)
    this.emitter.emit('state', { from, to })
  }

  #open({ attempt, reconnected }: Extract<Effect, { type: 'open' }>): void {
    const detail = { attempt, reconnected }
    this.#judge.opened()
    this.status.lastOpen = detail
    this.#connection!.establish()
    this.emitter.emit('open', detail)
  }

  get paused(): boolean {
    return this.#pausers > 0
  }

  ended(id: number, end: End): void {
    this.#tasks.run(() => {
      // a platform may report it twice
      if (this.#connection && this.#state.id === id) this.#step(this.#judge.ended(this.#state, end))
    })
  }

  message(id: number, data: Data): void {
    // some platform sockets deliver while being dialed: wait for `open`
    if (this.#tasks.busy) return this.#tasks.run(() => this.#deliver(id, data))
    this.#tasks.begin()
    this.#deliver(id, data)
    this.#tasks.finish()
  }

  beat(rtt: number): void {
    this.#tasks.run(() => {
      this.log(() => ({ type: 'heartbeat', rtt }))
      this.emitter.emit('heartbeat', { rtt })
    })
  }

  report<K extends keyof Reports>(id: number, type: K, detail: Reports[K]): void {
    this.#tasks.run(() => {
      // the attempt may have been abandoned by the time this runs
      if (this.#connection && this.#state.id === id)
        this.emitter.tell(type, detail as unknown as NodeEvents[K])
    })
  }

  lost(data: Sendable): void {
    this.sender.lose(data)
  }

  flow(force?: boolean): void {
    if (this.#state.name !== 'open') return
    this.sender.flush(this.#connection!, force)
    this.status.noticeQueue()
  }

  #deliver(id: number, data: Data): void {
    const state = this.#state
    if (state.name === 'open' && state.id === id) this.hear(data)
  }

  /** A message has come on the open connection. */
  hear(data: Data): void {
    deliver(this.emitter, this.settings.codec, data)
  }

  /**
   * Applies a hint to the next attempt or the heartbeat. Hints never end a connection, except when a page must close
   * it.
   */
  hint(hint: Hint): void {
    this.log(() => ({ type: 'hint', hint }))
    this.#tasks.run(() => {
      const state = this.#state
      if (hint === 'suspend') {
        const input = this.#judge.suspended(state)
        if (input) this.#step(input)
        // a new run may start
        if (state.name === 'closing') this.hint(hint)
      } else if (state.name === 'open') this.#connection!.probe()
      else if (hint === 'wake' && 'phase' in state && state.phase === 'waiting' && this.#judge.wakes())
        this.#step({ type: 'wake' })
    })
  }
}
