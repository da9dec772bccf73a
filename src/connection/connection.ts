/**
 * One attempt, from its providers to its end: one platform socket with its listeners and deadlines. `release()`
 * undoes all that it made, and after it nothing is told any more.
 */
import {
  CloseTimeoutError,
  ConnectTimeoutError,
  DialError,
  HelloError,
  type EveropenError,
} from '../diagnostics/errors.js'
import type { Message } from '../delivery/outbox.js'
import type { Data, Sendable } from '../delivery/payload.js'
import type { End, Target } from '../machine/state.js'
import type { HeldListener, Link, LinkListener, Reports } from '../platform/platform.js'
import { Deadline } from './deadline.js'
import { Ending } from './ending.js'
import { Greeting } from './greeting.js'
import { Heartbeat } from './heartbeat.js'
import type { Audience, Owner } from './owner.js'
import { leave } from './leave.js'
import { isReply, LinkPulse } from './pulse.js'
import { Room } from './room.js'
import { attemptOf, provideTarget } from './target.js'

/** How long a connection that is to be replaced has for the closing handshake. */
const MOMENT = 200

export class Connection implements LinkListener {
  readonly #owner: Owner
  readonly #id: number
  /** Whom it tells: nobody once it is released. */
  #audience: Audience | undefined
  /** Made for whoever asks for its signal. */
  #abort: AbortController | undefined
  readonly #deadline: Deadline
  /** Made for the first message. */
  #room: Room | undefined
  /** Stands before this one where the platform can hold back what it tells. */
  #held: HeldListener | undefined
  #link: Link | undefined
  #greeting: Greeting | undefined
  #heartbeat: Heartbeat | undefined
  readonly #ending = new Ending()
  /** `shared`: open, on the connection of another. */
  #stage: 'dialing' | 'greeting' | 'open' | 'shared' = 'dialing'
  /** Messages received. */
  messages = 0

  /** @param id Of the attempt. */
  constructor(owner: Owner, id: number) {
    this.#owner = this.#audience = owner
    this.#id = id
    this.#deadline = new Deadline(owner.platform.clock, this)
  }

  /** Aborted when the attempt is given up. */
  get signal(): AbortSignal {
    this.#abort ??= new AbortController()
    if (!this.#audience) this.#abort.abort()
    return this.#abort.signal
  }

  get link(): Link | undefined {
    return this.#link
  }

  /** Asks the providers where to go, under the connect deadline that covers the handshake too. */
  prepare(number: number, lastEnd: End | undefined): void {
    const { connectTimeout } = this.#owner.settings
    this.#deadline.set(connectTimeout, () => {
      // the platform has said what went wrong, and owes its `close`
      if (this.#ending.failed) this.lose()
      else this.#end('network', new ConnectTimeoutError(connectTimeout, this.#greeting?.unfinished))
    })
    const prepared = (target: Target): void =>
      this.#audience?.feed({ type: 'prepared', id: this.#id, target })
    const target = provideTarget(
      this.#owner,
      attemptOf(number, lastEnd, () => this.signal),
    )
    if (target instanceof Promise)
      target.then(prepared, (error: unknown) => this.#end('network', error as EveropenError))
    else prepared(target)
  }

  dial(target: Target): void {
    const { settings, platform, binaryType } = this.#owner
    const { closeTimeout, WebSocket, node } = settings
    this.#held = platform.Held && new platform.Held(this)
    try {
      this.#link = platform.dial(target, { binaryType, closeTimeout, WebSocket, node }, this.#held ?? this)
    } catch (error) {
      // when whoever made the socket has had time to listen
      queueMicrotask(() => this.#end('network', new DialError(error)))
    }
  }

  /** Runs the application's `hello`, still under the connect deadline. */
  greet(attempt: number, reconnected: boolean): void {
    const { hello, codec } = this.#owner.settings
    this.#greeting!.run(hello!, codec, { attempt, reconnected, signal: this.signal }).then(
      () => this.#audience?.feed({ type: 'opened', id: this.#id }),
      (error: unknown) => {
        // where a `send` of it came too late for this connection, how that ends is the reason
        if (this.#greeting?.state === 'late') this.#suspect()
        else this.#end('network', new HelloError(undefined, error))
      },
    )
  }

  /** The connection is open, and acknowledged as such: the deadline is off, the heartbeat on. */
  establish(): void {
    const { settings, platform, paused } = this.#owner
    const { heartbeat } = settings
    const link = this.#link!
    const early = this.#greeting?.end()
    this.#deadline.stop()
    this.#greeting = undefined
    if (paused) link.pause?.()
    // the hello may have stopped it
    else if (early) link.resume?.()
    link.established?.()
    if (this.#stage !== 'shared') {
      this.#stage = 'open'
      if (heartbeat && (heartbeat.message !== undefined || link.ping))
        this.#heartbeat = new Heartbeat(heartbeat, platform, new LinkPulse(link, this.#owner, this))
    }
    for (const data of early ?? []) (this.#held ?? this).onMessage(data)
  }

  /**
   * Holds back what comes in this turn. A server may greet in the same packet that accepts the handshake, and whoever
   * awaits the opening listens when the promises have had their turn. To be called before `establish()`.
   */
  hold(): void {
    this.#held?.hold()
  }

  /** The peer is taken for dead. */
  die(cause: EveropenError): void {
    this.#end('client', cause)
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

  get #space(): Room {
    const room = (this.#room ??= new Room(this.#owner))
    // a `drop` that a flush told of may have been answered by terminate()
    if (!this.#audience) room.retire()
    return room
  }

  /** Whether the platform holds as much as it should. Then `flow` is told as soon as it does not. */
  get congested(): boolean {
    return this.#space.isFull(this.#link)
  }

  /** Bytes that the platform holds. Then `flow` is told as soon as they may be less. */
  get held(): number {
    return this.#space.held(this.#link, 1)
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
    this.#deadline.suspect(this.#owner.settings.closeTimeout)
  }

  /**
   * Starts the closing handshake, under the close deadline. Where a dial is next, it has a moment, and none where the
   * peer has not answered a ping; more only while the system goes on taking what is sent.
   */
  shut(code: number | undefined, reason: string | undefined, next: 'closed' | 'redial' = 'closed'): void {
    const { settings, platform } = this.#owner
    const { closeTimeout } = settings
    const { clock } = platform
    const moment = this.doubtful ? 0 : Math.min(MOMENT, closeTimeout)
    this.#heartbeat?.stop()
    if (next === 'redial')
      leave(this.#link!, { clock, alarm: this.#deadline }, moment, clock.now() + closeTimeout, () =>
        this.#end('user'),
      )
    else this.#deadline.set(closeTimeout, () => this.#end('user', new CloseTimeoutError(closeTimeout)))
    try {
      // the peer's Close frame could not be read otherwise
      this.#link?.resume?.()
      this.#link?.close(code, reason)
    } catch (error) {
      this.onError(error)
    }
  }

  /** Undoes all. Returns the messages that are known not to have been sent. */
  release(): readonly Message[] {
    const unsent = this.#link?.unsent() ?? []
    this.#audience = undefined
    this.#abort?.abort()
    this.#deadline.retire()
    this.#room?.retire()
    this.#greeting?.end()
    this.#heartbeat?.stop()
    this.#link?.drop()
    return unsent
  }

  onOpen(): void {
    // a platform may say it twice
    if (this.#stage !== 'dialing') return
    const { hello, readAhead } = this.#owner.settings
    const id = this.#id
    this.#stage = this.#link?.shared ? 'shared' : hello === undefined ? 'open' : 'greeting'
    if (this.#stage !== 'greeting') return this.#audience?.feed({ type: 'opened', id })
    this.#greeting = new Greeting(this.#link!, readAhead)
    this.#audience?.feed({ type: 'connected', id })
  }

  onMessage(data: Data): void {
    this.messages++
    if (!this.#greeting) this.#hear(data)
    else if (!this.#greeting.take(data))
      this.#end(
        'network',
        new HelloError(`${this.#owner.settings.readAhead} messages came that the hello did not take`),
      )
  }

  #hear(data: Data): void {
    if (isReply(this.#owner.settings.heartbeat, data)) this.onPong()
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
    this.#audience?.beat(rtt)
    this.#audience?.flow()
  }

  onReport<K extends keyof Reports>(type: K, detail: Reports[K]): void {
    this.#audience?.report(this.#id, type, detail)
  }

  onEnding(): void {
    this.#suspect()
  }

  onError(error: unknown): void {
    this.#ending.fail(error)
    this.#deadline.hurry()
  }

  onClose(code: number, reason: string, wasClean: boolean): void {
    const stage = this.#stage
    // a platform that says more before it is open says it of itself: Bun's class says 1002 for a 401
    if (stage === 'dialing' || !Number.isInteger(code) || code < 1000 || code > 4999 || code === 1006)
      return this.lose()
    const { failed, cause } = this.#ending
    const why = stage === 'greeting' || failed ? cause : undefined
    this.#end('peer', why, code, String(reason).slice(0, 123), wasClean)
  }

  /** It is over, and nobody has said why. */
  lose(): void {
    // where the connection was another's, that one has gone, and the server need not have
    this.#end(this.#stage === 'shared' ? 'client' : 'network', this.#ending.cause)
  }

  #end(...given: Parameters<Ending['end']>): void {
    this.#greeting?.end(given[1])
    this.#audience?.ended(this.#id, this.#ending.end(...given))
  }
}
