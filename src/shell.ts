/**
 * The one stateful part: holds the machine's state, feeds it the inputs and runs its effects, each to completion.
 */
import { Connection, type Owner } from './connection.js'
import { defer, type Deferred } from './deferred.js'
import { dispatch, Emitter } from './emitter.js'
import { ClosedError, type EveropenError, NotOpenError, OutboxFullError } from './errors.js'
import type { Events, OpenDetail, Snapshot } from './events.js'
import type { Effect, End, Input, State } from './machine/state.js'
import { transition } from './machine/transition.js'
import type { Data, Sendable } from './options.js'
import { Outbox } from './outbox.js'
import { copyOf, payloadSize } from './payload.js'
import type { Platform, Timer } from './platform/platform.js'
import { Endpoints } from './retry/endpoints.js'
import { type Judgement, Retry } from './retry/retry.js'
import type { Settings } from './settings.js'
import { publicPart } from './url.js'

export class Shell {
  readonly settings: Settings
  readonly emitter = new Emitter<Events>()
  url = ''
  protocol = ''
  extensions = ''
  readonly #platform: Platform
  readonly #endpoints = new Endpoints()
  readonly #retry: Retry
  readonly #outbox: Outbox | undefined
  readonly #watchers = new Set<() => void>()
  readonly #pausers = new Set<object>()
  readonly #abort = (): void => this.feed({ type: 'close' })
  #state: State = { name: 'idle', id: 0 }
  /** There while a run to completion is under way: what happens meanwhile waits here, not on the stack. */
  #queue: (() => void)[] | undefined
  #connection: Connection | undefined
  #timer: Timer
  #judgement: Judgement | undefined
  #snapshot: Snapshot | undefined
  #nextDialAt: number | undefined
  #openedAt = 0
  #lastOpen: OpenDetail | undefined
  #lastEnd: End | undefined
  #binaryType: 'arraybuffer' | 'blob'
  #opened: Deferred<OpenDetail> | undefined
  #closed: Deferred<End> | undefined

  constructor(settings: Settings, platform: Platform) {
    this.settings = settings
    this.#platform = platform
    this.#retry = new Retry(settings, platform, this.#endpoints)
    this.#outbox = settings.outbox && new Outbox(settings.outbox)
    this.#binaryType = settings.binaryType
  }

  get state(): State {
    return this.#state
  }

  get snapshot(): Snapshot {
    const state = this.#state
    return (this.#snapshot ??= Object.freeze({
      state: state.name,
      phase: state.name === 'connecting' ? state.phase : undefined,
      attempt: 'retries' in state ? state.retries : 0,
      endpoint: this.url === '' ? undefined : publicPart(this.url),
      nextDialAt: this.#nextDialAt,
      lastEnd: state.name === 'closed' ? state.end : this.#lastEnd,
    }))
  }

  get bufferedAmount(): number {
    return (this.#connection?.link?.bufferedAmount ?? 0) + (this.#outbox?.bytes ?? 0)
  }

  get binaryType(): 'arraybuffer' | 'blob' {
    return this.#binaryType
  }

  set binaryType(type) {
    this.#binaryType = type
    const link = this.#connection?.link
    if (link) link.binaryType = type
  }

  get opened(): Promise<OpenDetail> {
    if (this.#state.name === 'open') return Promise.resolve(this.#lastOpen!)
    if (this.#state.name === 'closed') return Promise.reject(new ClosedError(this.#state.end.cause))
    return (this.#opened ??= defer()).promise
  }

  get closed(): Promise<End> {
    if (this.#state.name === 'closed') return Promise.resolve(this.#state.end)
    return (this.#closed ??= defer()).promise
  }

  subscribe(listener: () => void): () => void {
    // a function of its own each time: the same listener may subscribe twice
    const watcher = (): void => listener()
    this.#watchers.add(watcher)
    return () => this.#watchers.delete(watcher)
  }

  send(data: Sendable): 'sent' | 'queued' | 'dropped' {
    const outbox = this.#outbox
    // what waits goes first, also while it is being flushed
    if (this.#state.name === 'open' && !outbox?.size && this.#connection!.send(data)) return 'sent'
    if (!outbox) throw new NotOpenError()
    const added = outbox.add(copyOf(data), payloadSize(data))
    if (added !== 'full') {
      for (const dropped of added.dropped) this.emitter.emit('drop', { data: dropped, reason: 'overflow' })
      return 'queued'
    }
    if (this.settings.outbox?.overflow === 'throw') throw new OutboxFullError()
    this.emitter.emit('drop', { data, reason: 'overflow' })
    return 'dropped'
  }

  /** Stops reading from the network. Returns the undo; `undefined` where the platform cannot stop. */
  pause(): (() => void) | undefined {
    const link = this.#connection?.link
    if (link && !link.pause) return undefined
    const pauser = {}
    this.#pausers.add(pauser)
    link?.pause?.()
    return () => {
      this.#pausers.delete(pauser)
      if (this.#pausers.size === 0) this.#connection?.link?.resume?.()
    }
  }

  feed(input: Input): void {
    this.#run(() => this.#step(input))
  }

  /** Runs to completion: what a task sets off has its turn after it, in order. */
  #run(task: () => void): void {
    if (this.#queue) {
      this.#queue.push(task)
      return
    }
    const queue = (this.#queue = [task])
    try {
      for (const next of queue) next()
    } finally {
      this.#queue = undefined
    }
  }

  #step(input: Input): void {
    const before = this.#state
    const { state, effects } = transition(before, input)
    if (state === before) return
    this.#state = state
    this.#nextDialAt = undefined
    this.#snapshot = undefined
    for (const effect of effects) this.#perform(effect)
    dispatch([...this.#watchers])
    this.#settle()
  }

  /** The promises come last: whoever awaits one finds all events told. */
  #settle(): void {
    const state = this.#state
    if (state.name === 'open') {
      this.#opened?.resolve(this.#lastOpen!)
      this.#opened = undefined
    } else if (state.name === 'closed') {
      this.#closed?.resolve(state.end)
      this.#opened?.reject(new ClosedError(state.end.cause))
      this.#closed = this.#opened = undefined
    }
  }

  #perform(effect: Effect): void {
    const { clock } = this.#platform
    switch (effect.type) {
      case 'wait':
        this.#nextDialAt = clock.date() + effect.delay
        this.#timer = clock.setTimeout(() => this.feed({ type: 'due', id: effect.id }), effect.delay)
        return
      case 'prepare':
        this.#connection = new Connection(this.#owner(effect.id))
        return this.#connection.prepare(effect.retries, this.#lastEnd)
      case 'dial':
        this.url = effect.target.url
        return this.#connection!.dial(effect.target)
      case 'decide':
        return this.#decide(effect.id)
      case 'shut':
        return this.#connection!.shut(effect.code, effect.reason)
      case 'release':
        clock.clearTimeout(this.#timer)
        this.#connection?.release()
        this.#connection = undefined
        return
      case 'connect':
        return this.feed(effect)
      case 'flush':
        return this.#flush()
      case 'state':
        return this.#enter(effect)
      case 'open':
        return this.#open(effect)
      case 'error':
        return this.emitter.emit('error', effect.end.cause as EveropenError)
      case 'close':
        return this.emitter.emit('close', { ...effect.end, willRetry: effect.willRetry })
    }
  }

  /** What goes with a change of the state's name: the run's own bookkeeping, then the event. */
  #enter({ from, to }: Extract<Effect, { type: 'state' }>): void {
    const { signal } = this.settings
    if (to === 'closed') signal?.removeEventListener('abort', this.#abort)
    else if (from === 'idle' || from === 'closed') {
      signal?.addEventListener('abort', this.#abort)
      this.#retry.begin()
      this.#lastEnd = undefined
    }
    this.emitter.emit('state', { from, to })
  }

  #open({ attempt, reconnected }: Extract<Effect, { type: 'open' }>): void {
    const connection = this.#connection!
    const detail = { attempt, reconnected }
    this.#openedAt = this.#platform.clock.now()
    this.#lastOpen = detail
    this.protocol = connection.link!.protocol
    this.extensions = connection.link!.extensions
    connection.establish()
    this.emitter.emit('open', detail)
  }

  #flush(): void {
    const outbox = this.#outbox
    for (let data = outbox?.peek(); data !== undefined; data = outbox?.peek()) {
      if (!this.#connection!.send(data)) return
      outbox?.shift()
    }
  }

  #owner(id: number): Owner {
    return {
      settings: this.settings,
      platform: this.#platform,
      endpoints: this.#endpoints,
      binaryType: () => this.#binaryType,
      paused: () => this.#pausers.size > 0,
      prepared: (target) => this.feed({ type: 'prepared', id, target }),
      opened: () => this.feed({ type: 'opened', id }),
      ended: (end) => this.#run(() => this.#end(id, end)),
      message: (data) => {
        // a platform socket that delivers while it is being dialed: not before `open`
        if (this.#queue) this.#queue.push(() => this.#deliver(id, data))
        else this.#deliver(id, data)
      },
      beat: (rtt) => this.emitter.emit('heartbeat', { rtt }),
    }
  }

  #deliver(id: number, data: Data): void {
    const state = this.#state
    if (state.name === 'open' && state.id === id) this.emitter.emit('message', data)
  }

  /** Judges an end when its turn has come, with the state of that moment. */
  #end(id: number, given: End): void {
    const state = this.#state
    if (state.id !== id) return
    if (state.name === 'closing')
      return this.#step({
        type: 'ended',
        id,
        end: given,
        verdict: { type: 'stop', end: given },
        stable: false,
      })
    const lived = state.name === 'open' ? this.#platform.clock.now() - this.#openedAt : -1
    const stable = lived >= 0 && this.#retry.isStable(lived)
    const retries = 'retries' in state && !stable ? state.retries : 0
    this.#judgement = this.#retry.judge(given, retries + 1, stable)
    const { end, verdict } = this.#judgement
    this.#lastEnd = end
    this.#step({ type: 'ended', id, end, verdict, stable })
  }

  /** Awaits an asynchronous `decide`, under a deadline of `connectTimeout`. */
  #decide(id: number): void {
    const { answer, fallback } = this.#judgement!
    this.#timer = this.#platform.clock.setTimeout(
      () => this.feed({ type: 'decided', id, verdict: fallback!() }),
      this.settings.connectTimeout,
    )
    void answer!.then((verdict) => this.feed({ type: 'decided', id, verdict }))
  }
}
