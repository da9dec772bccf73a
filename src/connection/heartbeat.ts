/**
 * Is the peer still there? A ping at each interval; if nothing at all was received for `timeout` after it, the peer
 * is dead. One Heartbeat belongs to one connection.
 *
 * Any received byte counts as life; sending never does, and receiving never spares a ping: only traffic that the
 * peer was asked for tells a half-open connection from a quiet one.
 */
import { type Clock, type Timer, MAX_DELAY } from '../time/clock.js'

/** How much later than due a timer may fire and still be trusted. */
const LATE = 1_000

/** What the heartbeat asks of its connection. */
export interface Pulse {
  ping(): void
  /** Grows with whatever is received. */
  received(): number
  /** Whether reading has been stopped from this side, so that silence proves nothing. */
  paused(): boolean
  /** The ping was answered, if only by other traffic. */
  alive(): void
  /** The verdict. */
  dead(): void
}

export class Heartbeat {
  readonly #clock: Clock
  readonly #random: () => number
  readonly #interval: number
  readonly #timeout: number
  readonly #pulse: Pulse
  #timer: Timer
  #seen = 0
  #pingedAt: number | undefined

  constructor(
    { interval, timeout }: { readonly interval: number; readonly timeout: number },
    { clock, random }: { readonly clock: Clock; readonly random: () => number },
    pulse: Pulse,
  ) {
    this.#clock = clock
    this.#random = random
    this.#interval = interval
    this.#timeout = timeout
    this.#pulse = pulse
    this.#rest()
  }

  /** Whether a ping is out. */
  get pinging(): boolean {
    return this.#pingedAt !== undefined
  }

  /** Whether a ping is out and nothing has been received since. */
  get unanswered(): boolean {
    return this.#pingedAt !== undefined && this.#pulse.received() === this.#seen
  }

  /** Pings now instead of at the next interval, unless a ping is out already. */
  probe(): void {
    if (this.#pingedAt === undefined) this.#ping(2)
  }

  /** A reply came. Returns the round-trip time in ms, where a ping was waiting for one. */
  reply(): number | undefined {
    if (this.#pingedAt === undefined) return undefined
    const rtt = this.#clock.now() - this.#pingedAt
    this.#rest()
    return rtt
  }

  stop(): void {
    this.#pingedAt = undefined
    this.#clock.clearTimeout(this.#timer)
  }

  /** Until the next ping. Jittered: clients that connected together should not ping together. */
  #rest(): void {
    this.#pingedAt = undefined
    const rest = this.#interval * (0.8 + 0.4 * this.#random())
    this.#arm(Math.min(MAX_DELAY, rest), () => this.#ping(2))
  }

  #ping(tries: number): void {
    const now = this.#clock.now()
    this.#pingedAt = now
    this.#seen = this.#pulse.received()
    // timers come before what waits to be read: a reply may be there already
    this.#arm(this.#timeout, () => this.#arm(1, () => this.#judge(tries, now + this.#timeout)))
    this.#pulse.ping()
  }

  #judge(tries: number, due: number): void {
    if (this.#pulse.paused() || !this.unanswered) {
      this.#rest()
      return this.#pulse.alive()
    }
    // a timer this late says that this side slept: replies may be waiting unread, so ask once more
    if (tries > 1 && this.#clock.now() - due > LATE) return this.#ping(tries - 1)
    this.#pulse.dead()
  }

  #arm(ms: number, callback: () => void): void {
    this.#clock.clearTimeout(this.#timer)
    this.#timer = this.#clock.setTimeout(callback, ms)
  }
}
