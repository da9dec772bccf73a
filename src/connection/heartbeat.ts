/**
 * Checks whether the peer is alive: a ping at each interval. If nothing is received within `timeout` after it, the peer
 * is considered dead. One Heartbeat belongs to one connection.
 *
 * Any received byte proves that the peer is alive, but does not replace a ping: only a reply distinguishes a half-open
 * connection from a quiet one. Sending proves nothing, except when the system accepts data that it had no room for:
 * room comes from acknowledgements of the peer. The ping waits behind that data.
 */
import { checkPayload, type Data } from '../delivery/payload.js'
import { HeartbeatError } from '../diagnostics/errors.js'
import { reportError } from '../diagnostics/report.js'
import type { HeartbeatSettings } from '../options/settings.js'
import type { Link, Platform } from '../platform/platform.js'
import { Alarm } from '../time/alarm.js'
import { type Clock, LATE, MAX_DELAY } from '../time/clock.js'
import type { Owner } from './owner.js'
import type { Patience } from './patience.js'

/** Intervals are rounded to this many lengths: timers of equal length are cheapest. */
const STEPS = 64
/** How often the queue is checked within one timeout. */
const LOOKS = 4
/** How many bytes of accepted data the system may buffer: the maximum of Linux's `tcp_wmem`. */
const SYSTEM = 4 * 2 ** 20
/** At what pace a system is trusted to pass on what it took all at once, in bytes per ms: nothing shows the real one. */
const PACE = 1_000

/** The part of the link that is used. */
type Line = Pick<Link, 'ready' | 'ping' | 'beat' | 'received' | 'taken' | 'bufferedAmount'>

/** The owner of the connection. */
interface Host extends Pick<Owner, 'paused' | 'flow'> {
  readonly platform: Pick<Platform, 'clock' | 'random'>
  readonly patience: Pick<Patience, 'factor' | 'answered' | 'failed'>
}

/** The connection. */
interface Body {
  /** Number of messages received. */
  readonly messages: number
  /** The peer did not answer. */
  die(cause: HeartbeatError): void
}

export class Heartbeat {
  readonly #settings: HeartbeatSettings
  readonly #link: Line
  readonly #owner: Host
  readonly #body: Body
  readonly #clock: Clock
  readonly #alarm: Alarm
  /** What had been received at the last ping; nothing has been since if there is still no more. */
  #seen: number | undefined
  #pingedAt: number | undefined
  /** When the timeout is over. */
  #due = 0
  /** The value of `taken()` at which everything queued before the ping has been accepted; 0 if nothing is. */
  #ahead = 0
  /** `taken()` at the last check, and at the ping. */
  #taken = 0
  #from = 0

  constructor(settings: HeartbeatSettings, link: Line, owner: Host, body: Body) {
    this.#settings = settings
    this.#link = link
    this.#owner = owner
    this.#body = body
    this.#clock = owner.platform.clock
    this.#alarm = new Alarm(this.#clock)
    this.#rest()
  }

  /** Whether a ping is under way. */
  get pinging(): boolean {
    return this.#pingedAt !== undefined
  }

  /** Whether a ping was sent and nothing has been received since, even if it has been stopped. */
  get unanswered(): boolean {
    return this.#received === this.#seen
  }

  /** Pings now instead of at the next interval, unless a ping is under way. */
  probe(): void {
    if (this.#pingedAt === undefined) this.#ping(2)
  }

  /** A reply came. Returns the round-trip time in ms if a ping was waiting for one. */
  reply(): number | undefined {
    if (this.#pingedAt === undefined) return undefined
    const rtt = this.#clock.now() - this.#pingedAt
    this.#rest()
    return rtt
  }

  stop(): void {
    this.#pingedAt = undefined
    this.#alarm.stop()
  }

  /**
   * Waits for the next ping. With jitter, because clients that connected together should not ping together.
   * @param passed Time since the last one, if nothing tells when it was answered.
   */
  #rest(passed = 0): void {
    const { interval } = this.#settings
    this.#pingedAt = this.#seen = undefined
    // never longer than the interval: a balancer that drops connections after 30 s of silence makes no allowance for
    // jitter
    const rest = interval * (0.8 + 0.2 * (Math.round(STEPS * this.#owner.platform.random()) / STEPS))
    this.#alarm.set(Math.max(0, rest - passed), () => this.#ping(2))
  }

  #ping(tries: number): void {
    const now = this.#clock.now()
    this.#pingedAt = now
    // where bytes are counted, a peer in the middle of a large message is heard
    this.#due = now + this.#settings.timeout * (this.#link.received ? 1 : this.#owner.patience.factor)
    this.#seen = this.#received
    // messages sent from now on are behind the ping and do not delay it
    const queued = this.#link.bufferedAmount
    const taken = this.#accepted
    // where nothing waits, what the system has taken since the last ping may all be on its way yet
    if (queued === 0) this.#due += Math.min(taken - this.#taken, SYSTEM) / PACE
    this.#taken = this.#from = taken
    this.#ahead = queued > 0 ? taken + queued : 0
    this.#wait(tries)
    this.#send()
  }

  /** Waits for the timeout, or for the next check while data is queued before the ping. */
  #wait(tries: number): void {
    const left = Math.min(MAX_DELAY, this.#due - this.#clock.now())
    this.#alarm.set(this.#ahead > 0 ? Math.min(this.#settings.timeout / LOOKS, left) : left, () =>
      this.#look(tries),
    )
  }

  #look(tries: number): void {
    if (this.#ahead > 0) this.#measure()
    if (this.#clock.now() < this.#due) return this.#wait(tries)
    // timers run before pending reads: the reply may be there already
    this.#alarm.set(1, () => this.#judge(tries))
  }

  /** Extends the timeout while the system keeps accepting the data before the ping. */
  #measure(): void {
    const now = this.#clock.now()
    const taken = this.#accepted
    const through = taken >= this.#ahead || this.#link.bufferedAmount === 0
    if (taken > this.#taken) {
      const passed = now - this.#pingedAt!
      const held = Math.min(taken, SYSTEM)
      // the system still has to send the last of it, presumably at the observed rate; a few bytes that it had room for
      // show no rate, so for no longer than it has taken so far, or than for what it takes all at once
      const left = through
        ? Math.min((held * passed) / (taken - this.#from), Math.max(passed, held / PACE))
        : 0
      this.#due = Math.max(this.#due, now + this.#settings.timeout / LOOKS + left)
    }
    this.#taken = taken
    if (through) this.#ahead = 0
  }

  #judge(tries: number): void {
    if (this.#owner.paused || !this.unanswered) {
      this.#rest(this.#clock.now() - this.#pingedAt!)
      this.#owner.patience.answered()
      return this.#owner.flow()
    }
    // a timer this late means that this process slept; replies may be waiting, so ask once more
    if (tries > 1 && this.#clock.now() - this.#due > LATE) return this.#ping(tries - 1)
    if (this.#body.messages > 0) this.#owner.patience.failed()
    this.#body.die(new HeartbeatError(this.#settings.timeout))
  }

  #send(): void {
    const { message } = this.#settings
    try {
      if (message === undefined) return this.#link.ping!()
      const data = typeof message === 'function' ? message() : message
      checkPayload(data)
      // it may have ended, in message() too; some classes throw then
      if (this.#link.ready) this.#link.beat(data)
    } catch (error) {
      // message() is the user's; without a ping, the timeout applies
      reportError(error)
    }
  }

  /** Grows with everything received. */
  get #received(): number {
    return this.#link.received?.() ?? this.#body.messages
  }

  /** Grows with everything that the system accepts. */
  get #accepted(): number {
    return this.#link.taken?.() ?? 0
  }
}

/** Whether a message is the reply to a heartbeat message. */
export function isReply(heartbeat: HeartbeatSettings | undefined, data: Data): boolean {
  try {
    return heartbeat?.isReply?.(data) ?? false
  } catch (error) {
    reportError(error)
    return false
  }
}
