/** The current deadline of an attempt: that of its phase, or of a `close` event that should follow. */
import { Alarm } from '../time/alarm.js'
import type { Link } from '../platform/platform.js'
import type { Clock } from '../time/clock.js'

/** After an `error` event, `close` must follow immediately; iOS has been seen to omit it. In ms. */
const CLOSE_AFTER_ERROR = 1_000
/** The same while dialing, where its code says nothing, and Node 22's own class omits it. */
const CLOSE_AFTER_REFUSAL = 50

/** What the deadline ends. */
interface Debtor {
  /** The `close` event did not come in time. */
  lose(): void
}

/** A link that may still be sending. */
type Leaving = Pick<Link, 'taken' | 'bufferedAmount'>

export class Deadline extends Alarm {
  readonly #clock: Clock
  readonly #debtor: Debtor

  constructor(clock: Clock, debtor: Debtor) {
    super(clock)
    this.#clock = clock
    this.#debtor = debtor
  }

  /** For an answer that may have arrived in time and not been read yet: timers that are late run before pending reads. */
  expect(ms: number, callback: () => void): void {
    this.set(ms, () => {
      if (this.#clock.now() > this.at) this.set(1, callback)
      else callback()
    })
  }

  /** The platform no longer sends: it should report `close` soon, but may not. */
  suspect(closeTimeout: number): void {
    if (this.at === Infinity) this.#await(closeTimeout)
  }

  /** The platform has reported an error. */
  hurry(dialing: boolean): void {
    const ms = dialing ? CLOSE_AFTER_REFUSAL : CLOSE_AFTER_ERROR
    if (this.at > this.#clock.now() + ms) this.#await(ms)
  }

  /**
   * Calls back after `ms`, because the connection is being replaced; later, but not after the current deadline, while
   * the system keeps accepting data. If that deadline is sooner, it remains.
   */
  leave(link: Leaving, ms: number, done: () => void): void {
    const until = this.at
    const wait = (): void => {
      const taken = link.taken?.()
      this.set(Math.min(ms, until - this.#clock.now()), () => {
        if (until > this.#clock.now() && link.bufferedAmount > 0 && link.taken?.() !== taken) wait()
        else done()
      })
    }
    if (until > this.#clock.now() + ms) wait()
  }

  #await(ms: number): void {
    this.set(ms, () => this.#debtor.lose())
  }
}
