/**
 * The one stateful part: holds the machine's state, feeds it the inputs and runs its effects, each to completion.
 */
import { Connection } from '../connection/connection.js'
import type { Owner } from '../connection/owner.js'
import { Patience } from '../connection/patience.js'
import { offAbort, onAbort } from './abort.js'
import { drain, type DrainOptions } from './drain.js'
import { Emitter } from './emitter.js'
import { type CodecError, ConnectionError, type AttemptError } from '../diagnostics/errors.js'
import type { NodeEvents, OpenDetail } from './events.js'
import { Log } from '../diagnostics/log.js'
import type { Effect, End, Input, State, Verdict } from '../machine/state.js'
import { transition } from '../machine/transition.js'
import type { Platform, Reports } from '../platform/platform.js'
import { Endpoints } from '../retry/endpoints.js'
import { attempt } from '../diagnostics/report.js'
import { type Judgement, Retry } from '../retry/retry.js'
import { type DropDetail, type Sent, Sender, type SenderOwner } from '../delivery/sender.js'
import type { Settings } from '../options/settings.js'
import { decode } from '../options/codec.js'
import { Status } from './status.js'
import { Tasks } from './tasks.js'
import type { Data, Sendable } from '../delivery/payload.js'
import type { Hint } from '../machine/state.js'
import type { SendOptions } from '../delivery/sender.js'
import { type Timer, LATE, MAX_DELAY, SPREAD } from '../time/clock.js'
import { payloadSize } from '../delivery/payload.js'

/** What is called while a `close()` waits, and is what counts then. */
const overrules: ReadonlySet<Input['type']> = new Set(['connect', 'close', 'reconnect', 'terminate'])

export class Shell implements Owner, SenderOwner {
  readonly settings: Settings
  readonly emitter = new Emitter<NodeEvents>()
  readonly sender: Sender
  readonly status: Status
  /** The methods of the face that somebody has asked for, bound to it. */
  readonly bound: Partial<Record<string, (...args: never[]) => unknown>> = {}
  protocol = ''
  extensions = ''
  readonly platform: Platform
  readonly endpoints = new Endpoints()
  readonly patience = new Patience()
  readonly #retry: Retry
  readonly #log: Log
  readonly #tasks: Tasks = new Tasks(this)
  readonly #pausers = new Set<object>()
  /** Hears of the signal, where there is one. */
  readonly #abort: (() => void) | undefined
  #state: State = { name: 'idle', id: 0 }
  #connection: Connection | undefined
  #timer: Timer
  #unhint: (() => void) | undefined
  #judgement: Judgement | undefined
  /** Of a `close()` that waits for the last bytes. */
  #draining: AbortController | undefined
  #openedAt = 0
  #binaryType: 'arraybuffer' | 'blob'

  constructor(settings: Settings, platform: Platform) {
    this.settings = settings
    this.platform = platform
    this.#retry = new Retry(settings, platform, this.endpoints)
    this.#log = new Log(settings.log, platform.clock)
    this.sender = new Sender(settings.outbox, platform.clock, this)
    this.status = new Status(this.sender)
    if (settings.signal) this.#abort = () => this.feed({ type: 'close' })
    this.#binaryType = settings.binaryType
  }

  /** Schemes of URLs that the platform dials beside those of a browser. */
  get schemes(): readonly string[] | undefined {
    return this.platform.schemes
  }

  get state(): State {
    return this.#state
  }

  get whenOpened(): Promise<OpenDetail> {
    // within a listener, connect() may have been called and have its turn yet to come
    return this.#tasks.busy ? this.status.nextOpened : this.status.opened
  }

  get whenClosed(): Promise<End> {
    return this.#tasks.busy ? this.status.nextClosed : this.status.closed
  }

  rest(): void {
    this.status.rest()
  }

  dropped(detail: DropDetail): void {
    this.taken()
    this.#log.drop(detail.reason, () => payloadSize(detail.data))
    this.#tasks.run(() => this.emitter.emit('drop', detail))
  }

  taken(): void {
    this.status.noticeQueue()
  }

  /** Calls back as soon as nothing is under way. */
  whenAtRest(callback: () => void): void {
    this.#tasks.run(callback)
  }

  get bufferedAmount(): number {
    const link = this.#connection?.link
    return (link?.payloads ?? link?.bufferedAmount ?? 0) + this.sender.bytes
  }

  drain(options: DrainOptions): Promise<void> {
    return drain(
      {
        snapshot: () => this.status.snapshot,
        clock: this.platform.clock,
        left: () => ({
          messages: this.sender.view.size,
          // with their frames: an empty message is something too
          bytes: (this.#connection?.link?.bufferedAmount ?? 0) + this.sender.bytes,
        }),
      },
      options,
    )
  }

  get binaryType(): 'arraybuffer' | 'blob' {
    return this.#binaryType
  }

  set binaryType(type) {
    this.#binaryType = type
    const link = this.#connection?.link
    if (link) link.binaryType = type
  }

  send(data: Sendable, options: SendOptions): Sent {
    const sent = this.sender.send(data, options, this.#state.name === 'open' ? this.#connection : undefined)
    if (sent !== 'sent') this.status.noticeQueue()
    return sent
  }

  /** Stops reading from the network. Returns the undo; `undefined` where the platform cannot stop. */
  pause(): (() => void) | undefined {
    const link = this.#connection?.link
    if (link && !link.pause) return undefined
    const pauser = {}
    this.#pausers.add(pauser)
    link?.pause?.()
    // nothing is heard any more: that a ping is unanswered means nothing from now on
    this.flow()
    return () => {
      this.#pausers.delete(pauser)
      if (this.#pausers.size === 0) this.#connection?.link?.resume?.()
    }
  }

  /** Ends the run, `drain` ms later at most where something is left to send. Whatever else is called meanwhile wins. */
  close(code: number | undefined, reason: string | undefined, drain = 0): void {
    const { name } = this.#state
    // at rest nobody sends
    if (drain === 0 || name === 'idle' || name === 'closed') return this.feed({ type: 'close', code, reason })
    this.#draining?.abort()
    const stop = (this.#draining = new AbortController())
    this.drain({ timeout: drain, signal: stop.signal })
      .catch(() => {})
      .finally(() => {
        if (!stop.signal.aborted) this.feed({ type: 'close', code, reason })
      })
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
    this.#log.transition(before.name, state, dialIn)
    for (const effect of effects) this.#perform(effect)
    this.status.settle()
  }

  #perform(effect: Effect): void {
    const { id, name } = this.#state
    switch (effect.type) {
      case 'wait':
        return this.#wait(id, effect.delay)
      case 'prepare':
        this.#connection = new Connection(this, id)
        return this.#connection.prepare(effect.retries, this.status.lastEnd)
      case 'dial':
        this.status.dialing(effect.target.url)
        this.#log.dial(this.status.snapshot.endpoint!, this.status.snapshot.attempt)
        return this.#connection!.dial(effect.target)
      case 'greet':
        return this.#connection!.greet(effect.attempt, effect.reconnected)
      case 'decide':
        return this.#decide(id)
      case 'shut':
        return this.#connection!.shut(effect.code, effect.reason, effect.next)
      case 'release':
        this.platform.clock.clearTimeout(this.#timer)
        this.sender.restore(this.#connection?.release() ?? [])
        this.#connection = undefined
        return
      case 'connect':
        // not a call of the user's: a close() that drains goes on
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

  /** What goes with a change of the state's name: the run's own bookkeeping, then the event. */
  #enter({ from, to }: Extract<Effect, { type: 'state' }>): void {
    const { signal } = this.settings
    if (to === 'closed') {
      if (signal) offAbort(signal, this.#abort!)
      if (this.#unhint) attempt(this.#unhint)
      this.#unhint = undefined
      this.sender.stop()
    } else if (from === 'idle' || from === 'closed') {
      if (signal) onAbort(signal, this.#abort!)
      // since connect() was called, and had to wait its turn
      if (signal?.aborted) this.#abort!()
      const hints = this.settings.hints ?? this.platform.hints
      if (hints) attempt(() => (this.#unhint = hints((hint) => this.#hint(hint))))
      this.#retry.begin()
      this.sender.start()
    }
    if (to === 'open') {
      this.protocol = this.#connection!.link!.protocol
      this.extensions = this.#connection!.link!.extensions
    }
    this.emitter.emit('state', { from, to })
  }

  #open({ attempt, reconnected }: Extract<Effect, { type: 'open' }>): void {
    const connection = this.#connection!
    const detail = { attempt, reconnected }
    this.#openedAt = this.platform.clock.now()
    this.status.lastOpen = detail
    if (this.status.awaited) connection.hold()
    connection.establish()
    this.emitter.emit('open', detail)
  }

  get paused(): boolean {
    return this.#pausers.size > 0
  }

  ended(id: number, end: End): void {
    this.#tasks.run(() => this.#end(id, end))
  }

  message(id: number, data: Data): void {
    // a platform socket that delivers while it is being dialed: not before `open`
    if (this.#tasks.busy) return this.#tasks.run(() => this.#deliver(id, data))
    this.#tasks.begin()
    this.#deliver(id, data)
    this.#tasks.finish()
  }

  beat(rtt: number): void {
    this.#tasks.run(() => {
      this.#log.heartbeat(rtt)
      this.emitter.emit('heartbeat', { rtt })
    })
  }

  report<K extends keyof Reports>(id: number, type: K, detail: Reports[K]): void {
    this.#tasks.run(() => {
      // the attempt may have been given up before this has its turn
      if (this.#connection && this.#state.id === id)
        this.emitter.tell(type, detail as unknown as NodeEvents[K])
    })
  }

  lost(data: Sendable): void {
    this.sender.lose(data)
  }

  flow(): void {
    if (this.#state.name !== 'open') return
    this.sender.flush(this.#connection!)
    this.status.noticeQueue()
  }

  #deliver(id: number, data: Data): void {
    const state = this.#state
    if (state.name !== 'open' || state.id !== id) return
    const { emitter } = this
    if (emitter.heeds('data')) emitter.tell('data', { opcode: typeof data === 'string' ? 1 : 2, data })
    const { codec } = this.settings
    if (!codec) return emitter.message(data)
    let message: unknown
    try {
      message = decode(codec, data)
    } catch (error) {
      return emitter.emit('undecodable', { data, error: error as CodecError })
    }
    emitter.message(message)
  }

  /** Judges an end when its turn has come, with the state of that moment. */
  #end(id: number, given: End): void {
    const state = this.#state
    if (state.id !== id) return
    const stable = this.#stable()
    if (state.name === 'closing') {
      this.status.lastEnd = { ...given, by: 'user' }
      if (stable) this.#retry.prove()
      return this.#step({ type: 'ended', id, end: given, verdict: { type: 'stop', end: given }, stable })
    }
    const retries = 'retries' in state && !stable ? state.retries : 0
    this.#judgement = this.#retry.judge(given, retries + 1, stable)
    const { end, verdict } = this.#judgement
    this.status.lastEnd = end
    this.#log.end(end, verdict.type)
    this.#step({ type: 'ended', id, end, verdict, stable })
  }

  /** Whether there is a connection that has lasted long enough to forget the retries before it. */
  #stable(): boolean {
    const { name } = this.#state
    return (
      (name === 'open' || name === 'closing') &&
      this.#retry.isStable(this.platform.clock.now() - this.#openedAt)
    )
  }

  #wait(id: number, delay: number): void {
    const { clock } = this.platform
    const due = clock.now() + delay
    this.#timer = clock.setTimeout(() => {
      // the process stood still, and with it every other socket that waited: not all of them now
      const { punctual, random } = this.platform
      if (punctual && clock.now() - due > LATE) this.feed({ type: 'postpone', delay: random() * SPREAD })
      else this.feed({ type: 'due', id })
    }, delay)
  }

  /** Moves the next dial or probe. Never a verdict, but for a page that must close its connection. */
  #hint(hint: Hint): void {
    const state = this.#state
    this.#log.hint(hint)
    if (hint === 'suspend') this.#tasks.run(() => this.#suspend())
    else if (state.name === 'open') this.#connection!.probe()
    else if (hint === 'wake' && 'phase' in state && state.phase === 'waiting' && this.#retry.wakes())
      this.feed({ type: 'wake' })
  }

  /** Into the back/forward cache: the dial comes with the next `wake`. */
  #suspend(): void {
    const { id, ...state } = this.#state
    this.#retry.sleep()
    const verdict: Verdict = { type: 'retry', delay: MAX_DELAY }
    if ('phase' in state && state.phase === 'waiting')
      return this.#step({ type: 'postpone', delay: MAX_DELAY })
    if ('phase' in state && state.phase === 'deciding') return this.#step({ type: 'decided', id, verdict })
    if (state.name !== 'open' && state.name !== 'connecting') return
    const cause = new ConnectionError('the page was suspended')
    const end: End = { by: 'client', code: 1006, reason: '', wasClean: false, cause }
    const then: Verdict = this.settings.retry ? verdict : { type: 'stop', end }
    this.status.lastEnd = end
    this.#log.end(end, then.type)
    this.#step({ type: 'ended', id, end, verdict: then, stable: this.#stable() })
  }

  /** Awaits an asynchronous `decide`, under a deadline of `connectTimeout`. */
  #decide(id: number): void {
    const { answer, fallback } = this.#judgement!
    this.#timer = this.platform.clock.setTimeout(
      () => this.feed({ type: 'decided', id, verdict: fallback!() }),
      this.settings.connectTimeout,
    )
    void answer!.then((verdict) => this.feed({ type: 'decided', id, verdict }))
  }
}
