/**
 * One attempt, from its providers to its end: one platform socket with its listeners and deadlines. `release()`
 * undoes all that it made, and after it nothing is told any more.
 */
import {
  CloseTimeoutError,
  ConnectionError,
  ConnectTimeoutError,
  DialError,
  HelloError,
  EveropenError,
  HeartbeatError,
} from '../diagnostics/errors.js'
import { Greeting } from './greeting.js'
import { Heartbeat, type Pulse } from './heartbeat.js'
import type { Patience } from './patience.js'
import type { End, Target } from '../machine/state.js'
import type { Message } from '../delivery/outbox.js'
import { checkPayload } from '../delivery/payload.js'
import type { Link, LinkListener, Platform } from '../platform/platform.js'
import { reportError } from '../diagnostics/report.js'
import type { Endpoints } from '../retry/endpoints.js'
import type { Settings } from '../options/settings.js'
import type { Data, Sendable } from '../delivery/payload.js'
import { provideTarget } from './target.js'
import type { Timer } from '../time/clock.js'
import type { Reports } from '../platform/platform.js'

/** Whom the connection belongs to. What it tells carries the identity of the attempt. */
export interface Owner {
  readonly settings: Settings
  readonly platform: Platform
  readonly endpoints: Endpoints
  readonly patience: Patience
  readonly binaryType: 'arraybuffer' | 'blob'
  /** Whether reading should be stopped. */
  readonly paused: boolean
  prepared(id: number, target: Target): void
  /** The handshake is done, and a `hello` is to follow. */
  connected(id: number): void
  opened(id: number): void
  ended(id: number, end: End): void
  message(id: number, data: Data): void
  /** A reply to a ping, `rtt` ms after it. */
  beat(rtt: number): void
  /** What not every platform can tell. */
  report<K extends keyof Reports>(id: number, type: K, detail: Reports[K]): void
  /** A message that was handed over cannot be sent. */
  lost(data: Sendable): void
  /** Sending may go on: a ping was answered, or the platform has room again. */
  flow(): void
}

/** After an `error` the platform owes a `close`, in the same instant; iOS has been seen to forget it. */
const CLOSE_AFTER_ERROR = 1_000
/** How long a connection that is to be replaced has for the closing handshake. */
const MOMENT = 200
/** How often a platform that does not tell is asked whether it has room again. */
const PACE = 20
/** Bytes that a platform may hold, where there is no outbox to say so. */
const HIGH_WATER_MARK = 65_536

export class Connection implements LinkListener, Pulse {
  readonly #owner: Owner
  readonly #id: number
  #life: 'held' | 'released' = 'held'
  /** Made for whoever asks for its signal. */
  #abort: AbortController | undefined
  #deadline: Timer
  #deadlineAt = 0
  #pace: Timer
  #link: Link | undefined
  #greeting: Greeting | undefined
  #heartbeat: Heartbeat | undefined
  #error: unknown
  #failed: { readonly failed?: true } = {}
  /** `shared`: open, on the connection of another. */
  #stage: 'dialing' | 'greeting' | 'open' | 'shared' = 'dialing'
  #messages = 0
  /** What came while it was being told that the connection is open. */
  #held: (() => void)[] | undefined

  /** @param id Of the attempt. */
  constructor(owner: Owner, id: number) {
    this.#owner = owner
    this.#id = id
  }

  /** Aborted when the attempt is given up. */
  get signal(): AbortSignal {
    this.#abort ??= new AbortController()
    if (this.#life === 'released') this.#abort.abort()
    return this.#abort.signal
  }

  get link(): Link | undefined {
    return this.#link
  }

  /** Asks the providers where to go, under the connect deadline that covers the handshake too. */
  prepare(number: number, lastEnd: End | undefined): void {
    const { connectTimeout } = this.#owner.settings
    this.#within(connectTimeout, () => {
      // the platform has said what went wrong, and owes its `close`
      if (this.#failed.failed) this.onClose(1006, '', false)
      else this.#fail(new ConnectTimeoutError(connectTimeout, this.#unfinished()))
    })
    const fail = (error: unknown): void => this.#fail(error as EveropenError)
    const signal = (): AbortSignal => this.signal
    const attempt = {
      number,
      get signal() {
        return signal()
      },
      lastEnd,
    }
    try {
      const target = provideTarget(this.#owner, attempt)
      if (!(target instanceof Promise)) return this.#owner.prepared(this.#id, target)
      target.then((given) => this.#tell(() => this.#owner.prepared(this.#id, given)), fail)
    } catch (error) {
      this.#failLater(error as EveropenError)
    }
  }

  dial(target: Target): void {
    const { settings, platform, binaryType } = this.#owner
    const { closeTimeout, WebSocket, node } = settings
    try {
      this.#link = platform.dial(target, { binaryType, closeTimeout, WebSocket, node }, this)
    } catch (error) {
      this.#failLater(new DialError(error))
    }
  }

  /** Runs the application's `hello`, still under the connect deadline. */
  greet(attempt: number, reconnected: boolean): void {
    const { hello, codec } = this.#owner.settings
    this.#greeting!.run(hello!, codec, { attempt, reconnected, signal: this.signal }).then(
      () => this.#tell(() => this.#owner.opened(this.#id)),
      (error: unknown) => this.#ungreeted(error),
    )
  }

  /** What says that the server has accepted the handshake, and only the hello is missing. */
  #unfinished(): HelloError | undefined {
    return this.#stage === 'greeting'
      ? new HelloError('the hello has not finished: the server may not have answered it')
      : undefined
  }

  /** The hello failed. Where a `send` of it came too late for this connection, how that ends is the reason. */
  #ungreeted(error: unknown): void {
    if (this.#greeting?.refused) this.#suspect()
    else this.#fail(new HelloError(undefined, error))
  }

  /** When whoever made the socket has had time to listen. */
  #failLater(error: EveropenError): void {
    void Promise.resolve().then(() => this.#fail(error))
  }

  /** The connection is open, and acknowledged as such: the deadline is off, the heartbeat on. */
  establish(): void {
    const { settings, platform } = this.#owner
    const { heartbeat } = settings
    const link = this.#link!
    platform.clock.clearTimeout(this.#deadline)
    this.#deadline = undefined
    const shared = this.#stage === 'shared'
    if (!shared) this.#stage = 'open'
    const early = this.#greeting?.end()
    this.#greeting = undefined
    if (this.#owner.paused) link.pause?.()
    // the hello may have stopped it
    else if (early) link.resume?.()
    link.established?.()
    if (!shared && heartbeat && (heartbeat.message !== undefined || link.ping))
      this.#heartbeat = new Heartbeat(heartbeat, platform, this)
    // after `open`, whose listeners have yet to be told
    for (const data of early ?? [])
      if (this.#held) this.#held.push(() => this.#hear(data))
      else this.#hear(data)
  }

  received(): number {
    return this.#link!.received?.() ?? this.#messages
  }

  paused(): boolean {
    return this.#owner.paused
  }

  queued(): number {
    // where that is not counted, nothing is known to wait
    return this.#link!.taken ? this.#link!.bufferedAmount : 0
  }

  taken(): number {
    return this.#link!.taken?.() ?? 0
  }

  patience(): number {
    return this.#link!.received ? 1 : this.#owner.patience.factor
  }

  alive(): void {
    this.#owner.patience.answered()
    this.#owner.flow()
  }

  dead(): void {
    if (this.#messages > 0) this.#owner.patience.failed()
    this.#end('client', 1006, '', false, new HeartbeatError(this.#owner.settings.heartbeat!.timeout))
  }

  /**
   * Holds back what comes in this turn. A server may greet in the same packet that accepts the handshake, and whoever
   * awaits the opening listens when the promises have had their turn. To be called before `establish()`.
   */
  hold(): void {
    const { turn } = this.#owner.platform
    if (!turn) return
    const held = (this.#held = [] as (() => void)[])
    turn(() => {
      this.#held = undefined
      for (const tell of held) this.#tell(tell)
    })
  }

  ping(): void {
    const { message } = this.#owner.settings.heartbeat!
    const link = this.#link!
    try {
      if (message === undefined) return link.ping!()
      const data = typeof message === 'function' ? message() : message
      checkPayload(data)
      link.beat(data)
    } catch (error) {
      // a message() that throws is the user's; without a ping the verdict follows in time
      reportError(error)
    }
  }

  /** Finds out now whether the peer is there, where there is a heartbeat. */
  probe(): void {
    if (this.#link?.ready) this.#heartbeat?.probe()
    else this.#suspect()
  }

  /** Whether a ping is out and unanswered, though it would be heard: what is sent now may go to nobody. */
  get doubtful(): boolean {
    return this.#heartbeat !== undefined && this.#heartbeat.unanswered && !this.#owner.paused
  }

  /** Whether the platform holds as much as it should. Then `flow` is told as soon as it does not. */
  get congested(): boolean {
    const { highWaterMark = HIGH_WATER_MARK } = this.#owner.settings.outbox ?? {}
    return this.#holds(highWaterMark) >= highWaterMark
  }

  /** Bytes that the platform holds. Then `flow` is told as soon as they may be less. */
  get held(): number {
    return this.#holds(1)
  }

  /** Bytes that the platform holds; from `many` on, `flow` is told when they may be fewer. */
  #holds(many: number): number {
    const held = this.#link?.bufferedAmount ?? 0
    // a `drop` that a flush told of may have been answered by terminate()
    if (held >= many && this.#life === 'held')
      this.#pace ??= this.#owner.platform.clock.setTimeout(() => this.#flow(), PACE)
    return held
  }

  /** Hands a message to the platform. False where it would not transmit it: the message is still the caller's. */
  send(message: Message): boolean {
    const link = this.#link
    if (link?.ready) {
      try {
        if (link.send(message)) return true
      } catch (error) {
        this.onError(error)
        return false
      }
    }
    this.#suspect()
    return false
  }

  /** The platform transmits no more: its `close` is due, and not relied on. */
  #suspect(): void {
    const { closeTimeout } = this.#owner.settings
    if (this.#deadline === undefined) this.#within(closeTimeout, () => this.onClose(1006, '', false))
  }

  /**
   * Starts the closing handshake, under the close deadline. Where a dial is next, it has a moment, and none where the
   * peer has not answered a ping; more only while the system goes on taking what is sent.
   */
  shut(code: number | undefined, reason: string | undefined, next: 'closed' | 'redial' = 'closed'): void {
    const { closeTimeout } = this.#owner.settings
    const moment = this.doubtful ? 0 : Math.min(MOMENT, closeTimeout)
    this.#heartbeat?.stop()
    if (next === 'redial') this.#leave(moment, this.#owner.platform.clock.now() + closeTimeout)
    else
      this.#within(closeTimeout, () =>
        this.#end('user', 1006, '', false, new CloseTimeoutError(closeTimeout)),
      )
    try {
      // the peer's Close frame could not be read otherwise
      this.#link?.resume?.()
      this.#link?.close(code, reason)
    } catch (error) {
      this.onError(error)
    }
  }

  /** Goes on to the next connection after `ms`, or as soon as the platform takes no more of what this one holds. */
  #leave(ms: number, until: number): void {
    const link = this.#link!
    const taken = link.taken?.() ?? 0
    this.#within(ms, () => {
      const goesOn = link.bufferedAmount > 0 && (link.taken?.() ?? 0) > taken
      const left = until - this.#owner.platform.clock.now()
      if (goesOn && left > 0) this.#leave(Math.min(ms, left), until)
      else this.#end('user', 1006, '', false, undefined)
    })
  }

  /** Undoes all. Returns the messages that are known not to have been sent. */
  release(): readonly Message[] {
    const { clock } = this.#owner.platform
    const unsent = this.#link?.unsent() ?? []
    this.#life = 'released'
    this.#abort?.abort()
    clock.clearTimeout(this.#deadline)
    clock.clearTimeout(this.#pace)
    this.#greeting?.end()
    this.#heartbeat?.stop()
    this.#link?.drop()
    return unsent
  }

  onOpen(): void {
    // a platform may say it twice
    if (this.#stage !== 'dialing') return
    const { hello, readAhead } = this.#owner.settings
    this.#stage = this.#link?.shared ? 'shared' : hello === undefined ? 'open' : 'greeting'
    if (this.#stage !== 'greeting') return this.#tell(() => this.#owner.opened(this.#id))
    this.#greeting = new Greeting(this.#link!, readAhead)
    this.#tell(() => this.#owner.connected(this.#id))
  }

  onMessage(data: Data): void {
    if (this.#held) return void this.#held.push(() => this.onMessage(data))
    this.#messages++
    if (!this.#greeting) this.#hear(data)
    else if (!this.#greeting.take(data))
      this.#fail(
        new HelloError(`${this.#owner.settings.readAhead} messages came that the hello did not take`),
      )
  }

  #hear(data: Data): void {
    const isReply = this.#owner.settings.heartbeat?.isReply
    if (isReply && this.#replies(isReply, data)) this.onPong()
    else if (this.#life === 'held') this.#owner.message(this.#id, data)
    if (this.#heartbeat?.pinging) this.#owner.flow()
  }

  #replies(isReply: (data: Data) => boolean, data: Data): boolean {
    try {
      return isReply(data)
    } catch (error) {
      reportError(error)
      return false
    }
  }

  onRoom(): void {
    if (this.#pace !== undefined) this.#flow()
  }

  #flow(): void {
    this.#owner.platform.clock.clearTimeout(this.#pace)
    this.#pace = undefined
    this.#tell(() => this.#owner.flow())
  }

  onLost(data: Sendable): void {
    this.#owner.lost(data)
  }

  onPong(): void {
    if (this.#held) return void this.#held.push(() => this.onPong())
    const rtt = this.#heartbeat?.reply()
    if (rtt === undefined) return
    this.#owner.patience.answered()
    this.#tell(() => this.#owner.beat(rtt))
    this.#tell(() => this.#owner.flow())
  }

  onReport<K extends keyof Reports>(type: K, detail: Reports[K]): void {
    if (this.#held) return void this.#held.push(() => this.onReport(type, detail))
    this.#tell(() => this.#owner.report(this.#id, type, detail))
  }

  onEnding(): void {
    if (this.#held) return void this.#held.push(() => this.onEnding())
    this.#suspect()
  }

  onError(error: unknown): void {
    if (this.#held) return void this.#held.push(() => this.onError(error))
    this.#error = error
    this.#failed = { failed: true }
    const { clock } = this.#owner.platform
    if (this.#deadline !== undefined && this.#deadlineAt <= clock.now() + CLOSE_AFTER_ERROR) return
    this.#within(CLOSE_AFTER_ERROR, () => this.onClose(1006, '', false))
  }

  onClose(code: number, reason: string, wasClean: boolean): void {
    if (this.#held) return void this.#held.push(() => this.onClose(code, reason, wasClean))
    // a platform that says more before it is open says it of itself: Bun's class says 1002 for a 401
    const said =
      this.#stage !== 'dialing' && Number.isInteger(code) && code >= 1000 && code < 5000 && code !== 1006
    // where it was another's, that one has gone, and the server need not have
    const by = said ? 'peer' : this.#stage === 'shared' ? 'client' : 'network'
    this.#end(
      by,
      said ? code : 1006,
      said ? String(reason).slice(0, 123) : '',
      said && wasClean,
      this.#cause(by),
    )
  }

  #cause(by: End['by']): EveropenError | undefined {
    if (this.#error instanceof EveropenError) return this.#error
    if (by === 'peer' && this.#error === undefined && this.#stage !== 'greeting') return undefined
    return new ConnectionError(undefined, this.#error)
  }

  #fail(error: EveropenError): void {
    this.#end('network', 1006, '', false, error)
  }

  #end(
    by: End['by'],
    code: number,
    reason: string,
    wasClean: boolean,
    cause: EveropenError | undefined,
  ): void {
    this.#greeting?.end(cause)
    this.#tell(() =>
      this.#owner.ended(this.#id, { by, code, reason, wasClean, ...this.#failed, ...(cause && { cause }) }),
    )
  }

  #tell(what: () => void): void {
    if (this.#life === 'held') what()
  }

  #within(ms: number, callback: () => void): void {
    const { clock } = this.#owner.platform
    if (this.#life === 'released') return
    clock.clearTimeout(this.#deadline)
    this.#deadlineAt = clock.now() + ms
    this.#deadline = clock.setTimeout(callback, ms)
  }
}
