/**
 * Is the peer still there? A ping at each interval; if nothing at all was received for `timeout` after it, the peer
 * is dead. One Heartbeat belongs to one connection.
 *
 * Any received byte counts as life, and receiving never spares a ping: only traffic that the peer was asked for tells
 * a half-open connection from a quiet one. Sending is no life, but that the system goes on taking what it had no room
 * for is: room comes from what the peer has acknowledged. The ping waits behind all that.
 */
import { Alarm } from '../time/alarm.js'
import { type Clock, LATE, MAX_DELAY } from '../time/clock.js'

/** Into how many lengths rests are rounded: timers of one length cost a platform the least. */
const STEPS = 64
/** Into how many looks at the queue the timeout is divided. */
const LOOKS = 4
/** What a system holds by itself of what it has taken, in bytes: Linux, `tcp_wmem`. */
const SYSTEM = 4 * 2 ** 20

/** What the heartbeat asks of its connection. */
export interface Pulse {
  ping(): void
  /** Grows with whatever is received. */
  received(): number
  /** Bytes that wait for room in the system. */
  queued(): number
  /** Grows with what the system takes. */
  taken(): number
  /** What the timeout is multiplied by. */
  patience(): number
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
  readonly #alarm: Alarm
  #seen = 0
  #pingedAt: number | undefined
  /** When the verdict falls. */
  #due = 0
  /** The count up to which everything is ahead of the ping; 0 where nothing is. */
  #ahead = 0
  /** What had been taken at the last look, and when that was. */
  #taken = 0
  #lookedAt = 0

  constructor(
    { interval, timeout }: { readonly interval: number; readonly timeout: number },
    { clock, random }: { readonly clock: Clock; readonly random: () => number },
    pulse: Pulse,
  ) {
    this.#clock = clock
    this.#alarm = new Alarm(clock)
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
    this.#alarm.stop()
  }

  /** Until the next ping. Jittered: clients that connected together should not ping together. */
  #rest(): void {
    this.#pingedAt = undefined
    // never longer than asked for: a balancer that drops what is idle for 30 s has no patience for chance
    const rest = this.#interval * (0.8 + 0.2 * (Math.round(STEPS * this.#random()) / STEPS))
    this.#alarm.set(rest, () => this.#ping(2))
  }

  #ping(tries: number): void {
    const now = this.#clock.now()
    this.#pingedAt = this.#lookedAt = now
    this.#due = now + this.#timeout * this.#pulse.patience()
    this.#seen = this.#pulse.received()
    // what is sent from now on is behind the ping, and does not hold it up
    const queued = this.#pulse.queued()
    this.#taken = this.#pulse.taken()
    this.#ahead = queued > 0 ? this.#taken + queued : 0
    this.#wait(tries)
    this.#pulse.ping()
  }

  /** Until the verdict; while something is ahead of the ping, until the next look at it. */
  #wait(tries: number): void {
    const left = Math.min(MAX_DELAY, this.#due - this.#clock.now())
    this.#alarm.set(this.#ahead > 0 ? Math.min(this.#timeout / LOOKS, left) : left, () => this.#look(tries))
  }

  #look(tries: number): void {
    if (this.#ahead > 0) this.#measure()
    if (this.#clock.now() < this.#due) return this.#wait(tries)
    // timers come before what waits to be read: a reply may be there already
    this.#alarm.set(1, () => this.#judge(tries))
  }

  /** Puts the verdict off while the system goes on taking what is ahead of the ping. */
  #measure(): void {
    const now = this.#clock.now()
    const taken = this.#pulse.taken()
    const more = taken - this.#taken
    const through = taken >= this.#ahead || this.#pulse.queued() === 0
    if (more > 0) {
      // the last of it is with the system, which passes it on at the pace that was seen
      const left = through ? (Math.min(taken, SYSTEM) * (now - this.#lookedAt)) / more : 0
      this.#due = Math.max(this.#due, now + this.#timeout / LOOKS + left)
    }
    this.#lookedAt = now
    this.#taken = taken
    if (through) this.#ahead = 0
  }

  #judge(tries: number): void {
    if (this.#pulse.paused() || !this.unanswered) {
      this.#rest()
      return this.#pulse.alive()
    }
    // a timer this late says that this side slept: replies may be waiting unread, so ask once more
    if (tries > 1 && this.#clock.now() - this.#due > LATE) return this.#ping(tries - 1)
    this.#pulse.dead()
  }
}
