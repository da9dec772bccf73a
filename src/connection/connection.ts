/**
 * One connection attempt, from asking the providers to its end: one platform socket with its listeners and deadlines.
 * `release()` cleans up all of it; nothing is reported afterwards.
 */
import {
  CloseTimeoutError,
  ConnectionError,
  ConnectTimeoutError,
  DialError,
  HelloError,
  EveropenError,
} from '../diagnostics/errors.js'
import type { Message } from '../delivery/outbox.js'
import type { Data, Sendable } from '../delivery/payload.js'
import type { End, Target } from '../machine/state.js'
import type { HeldListener, Link, LinkListener, Reports } from '../platform/platform.js'
import type { Timer } from '../time/clock.js'
import { Deadline } from './deadline.js'
import { Greeting } from './greeting.js'
import { Heartbeat, isReply } from './heartbeat.js'
import type { Audience, Owner } from './owner.js'
import { Room } from './room.js'
import { provideTarget } from './target.js'

/** Time limit of the closing handshake of a connection that is being replaced, in ms. */
const MOMENT = 200

export class Connection implements LinkListener {
  readonly #owner: Owner
  readonly #id: number
  /** Receives the events; `undefined` after `release()`. */
  #audience: Audience | undefined
  /** Created when somebody asks for the signal. */
  #abort: AbortController | undefined
  readonly #deadline: Deadline
  /** Created for the first message. */
  #room: Room | undefined
  /** Wraps this listener on platforms whose events may have to be held back. */
  #held: HeldListener | undefined
  #link: Link | undefined
  #greeting: Greeting | undefined
  #heartbeat: Heartbeat | undefined
  /** What the hello left, and what has come since, until code that awaits the opening has had its turn. */
  #early: Data[] | undefined
  #turn: Timer
  /** The error that the platform has reported. */
  #failure: { readonly error: unknown } | undefined
  /** `shared`: open, on a connection that another socket owns. */
  #stage: 'dialing' | 'greeting' | 'open' | 'shared' = 'dialing'
  /** Messages received. */
  messages = 0

  /** @param id Identity of the attempt. */
  constructor(owner: Owner, id: number) {
    this.#owner = this.#audience = owner
    this.#id = id
    this.#deadline = new Deadline(owner.platform.clock, this)
  }

  /** Aborted when the attempt is abandoned. */
  get signal(): AbortSignal {
    this.#abort ??= new AbortController()
    if (this.over) this.#abort.abort()
    return this.#abort.signal
  }

  /** Whether the attempt has been released. */
  get over(): boolean {
    return !this.#audience
  }

  get link(): Link | undefined {
    return this.#link
  }

  /** Asks the providers for the target. The connect deadline starts here and also covers the handshake. */
  prepare(number: number, lastEnd: End | undefined): void {
    const { connectTimeout } = this.#owner.settings
    this.#deadline.expect(connectTimeout, () => {
      // the platform has reported an error, and may not report `close`
      if (this.#failure) this.lose()
      else this.#end('network', new ConnectTimeoutError(connectTimeout, this.#greeting?.unfinished))
    })
    const prepared = (target: Target): void =>
      this.#audience?.feed({ type: 'prepared', id: this.#id, target })
    const target = provideTarget(this.#owner, number, lastEnd, this)
    if (target instanceof Promise)
      target.then(prepared, (error: unknown) => this.#end('network', error as EveropenError))
    else prepared(target)
  }

  dial(target: Target): void {
    const { settings, platform, binaryType } = this.#owner
    this.#held = platform.Held && new platform.Held(this)
    try {
      const options = { ...settings, binaryType, due: this.#deadline.at }
      this.#link = platform.dial(target, options, this.#held ?? this)
    } catch (error) {
      // after whoever created the socket has had time to add listeners
      queueMicrotask(() => this.#end('network', new DialError(error)))
    }
  }

  /** Runs the application's `hello`, still under the connect deadline. */
  greet(attempt: number, reconnected: boolean): void {
    const { hello, codec } = this.#owner.settings
    const greeting = this.#greeting!
    greeting.run(hello!, codec, { attempt, reconnected, signal: this.signal }).then(
      () => this.#audience?.feed({ type: 'opened', id: this.#id }),
      (error: unknown) => {
        // if one of its sends came too late for this connection, the way the connection ends is the reason
        if (greeting.state === 'late') this.onEnding()
        else this.#end('network', new HelloError(undefined, error))
      },
    )
  }

  /**
   * The connection is open: stops the connect deadline and starts the heartbeat. Events of the current turn are held
   * back: a server may send a message in the same packet that accepts the handshake, and code that awaits the opening
   * adds its listeners only after the promises have run.
   */
  establish(): void {
    const { settings, paused } = this.#owner
    const { heartbeat } = settings
    const link = this.#link!
    this.#held?.hold()
    const early = this.#greeting?.end()
    this.#deadline.stop()
    this.#greeting = undefined
    if (paused) link.pause?.()
    // the hello may have paused reading
    else if (early) link.resume?.()
    link.established?.()
    if (this.#stage !== 'shared') {
      this.#stage = 'open'
      if (heartbeat && (heartbeat.message !== undefined || link.ping))
        this.#heartbeat = new Heartbeat(heartbeat, link, this.#owner, this)
    }
    if (this.#held) for (const data of early ?? []) this.#held.onMessage(data)
    else if (early?.length) {
      this.#early = early
      this.#turn = this.#owner.platform.clock.setTimeout(() => this.#catchUp(), 0)
    }
  }

  #catchUp(): void {
    const early = this.#early ?? []
    this.#early = undefined
    for (const data of early) this.onMessage(data)
  }

  /** The peer is considered dead. */
  die(cause: EveropenError): void {
    this.#end('client', cause)
  }

  /** Checks now whether the peer is alive, if there is a heartbeat. */
  probe(): void {
    if (this.#link!.ready) this.#heartbeat?.probe()
    else this.onEnding()
  }

  /** Whether a ping is unanswered although reading is not paused: the peer may be gone. */
  get doubtful(): boolean {
    return this.#heartbeat !== undefined && this.#heartbeat.unanswered && !this.#owner.paused
  }

  get #space(): Room {
    const room = (this.#room ??= new Room(this.#owner))
    // terminate() may have been called by a `drop` listener during a flush
    if (this.over) room.retire()
    return room
  }

  /** Whether the platform's buffer is full enough. If so, `flow` is called once it no longer is. */
  get congested(): boolean {
    return this.#space.isFull(this.#link)
  }

  /** Bytes in the platform's buffer. `flow` is called once there may be fewer. */
  get held(): number {
    return this.#space.held(this.#link, 1)
  }

  /** Hands a message to the platform. Returns false if it would not send it; the caller keeps the message. */
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
    this.onEnding()
    return false
  }

  /** The platform no longer sends: it should report `close` soon, but may not. */
  onEnding(): void {
    this.#deadline.suspect(this.#owner.settings.closeTimeout)
  }

  /** Starts the closing handshake, under the close deadline. */
  shut(code: number | undefined, reason: string | undefined): void {
    const { closeTimeout } = this.#owner.settings
    this.#heartbeat?.stop()
    // at once, even if late: ws has such a timer too, and a connection that it ends has no reason
    this.#deadline.set(closeTimeout, () => this.#end('user', new CloseTimeoutError(closeTimeout)))
    try {
      // otherwise the peer's Close frame could not be read
      this.#link?.resume?.()
      this.#link?.close(code, reason)
    } catch (error) {
      this.onError(error)
    }
  }

  /**
   * A dial is waiting for the closing handshake: its deadline becomes short, and zero if a ping is unanswered. It is
   * extended only while the system keeps accepting data.
   */
  hurry(): void {
    this.#deadline.leave(this.#link!, this.doubtful ? 0 : MOMENT, () =>
      this.#end('user', this.#failure && this.#cause),
    )
  }

  /** Cleans up everything. Returns the messages that are known not to have been sent. */
  release(): readonly Message[] {
    const unsent = this.#link?.unsent() ?? []
    this.#audience = undefined
    this.#abort?.abort()
    this.#deadline.retire()
    this.#owner.platform.clock.clearTimeout(this.#turn)
    this.#room?.retire()
    this.#greeting?.end()
    this.#heartbeat?.stop()
    this.#link?.drop()
    return unsent
  }

  onOpen(): void {
    // a platform may report it twice
    if (this.#stage !== 'dialing') return
    const { hello, readAhead } = this.#owner.settings
    const id = this.#id
    this.#stage = this.#link?.shared ? 'shared' : hello === undefined ? 'open' : 'greeting'
    if (this.#stage !== 'greeting') return this.#audience?.feed({ type: 'opened', id })
    this.#greeting = new Greeting(this.#link!, readAhead)
    this.#audience?.feed({ type: 'connected', id })
  }

  onMessage(data: Data): void {
    if (this.#early) return void this.#early.push(data)
    const { settings } = this.#owner
    this.messages++
    if (this.#greeting) {
      if (this.#greeting.take(data)) return
      return this.#end(
        'network',
        new HelloError(`the hello left more than ${settings.readAhead} messages unread`),
      )
    }
    if (isReply(settings.heartbeat, data)) this.onPong()
    else this.#audience?.message(this.#id, data)
    if (this.#heartbeat?.pinging) this.#owner.flow()
  }

  onRoom(): void {
    this.#room?.made()
  }

  onLost(data: Sendable): void {
    this.#owner.lost(data)
  }

  onPong(): void {
    const rtt = this.#heartbeat?.reply()
    if (rtt === undefined) return
    this.#owner.patience.answered()
    this.#owner.beat(rtt)
    // a listener may have ended it
    this.#audience?.flow()
  }

  onReport<K extends keyof Reports>(type: K, detail: Reports[K]): void {
    this.#audience?.report(this.#id, type, detail)
  }

  onError(error: unknown): void {
    this.#failure = { error }
    this.#deadline.hurry(this.#stage === 'dialing')
  }

  onClose(code: number, reason: string, wasClean: boolean): void {
    const stage = this.#stage
    // some platforms make up a code before the connection is open: Bun's class reports 1002 for a 401
    if (stage === 'dialing' || !Number.isInteger(code) || code < 1000 || code > 4999 || code === 1006)
      return this.lose()
    const why = this.#failure
      ? this.#cause
      : stage === 'greeting'
        ? new ConnectionError(`the server closed with ${code} before the socket was open`)
        : undefined
    this.#end('peer', why, code, String(reason).slice(0, 123), wasClean)
  }

  /** The connection is gone, and nothing has given a reason. */
  lose(): void {
    // if another socket owned the connection, that one is gone; the server may be fine
    this.#end(this.#stage === 'shared' ? 'client' : 'network', this.#cause)
  }

  /** The error that the platform has reported, as an error of this package. */
  get #cause(): EveropenError {
    const error = this.#failure?.error
    return error instanceof EveropenError ? error : new ConnectionError(undefined, error)
  }

  /** The default code means that no Close frame was received. */
  #end(by: End['by'], cause?: EveropenError, code = 1006, reason = '', wasClean = false): void {
    this.#greeting?.end(cause)
    this.#catchUp()
    const failed = this.#failure && ({ failed: true } as const)
    this.#audience?.ended(this.#id, { by, code, reason, wasClean, ...failed, ...(cause && { cause }) })
  }
}
