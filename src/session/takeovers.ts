/** What a session's close codes mean for the next attempt. */
import type { End } from '../machine/state.js'
import type { Decision } from '../options/options.js'
import type { Clock } from '../time/clock.js'
import { closeCodes } from './protocol/wire.js'

/** How long a connection must last, in ms, to reset the count. */
const STABLE = 5_000

export class Takeovers {
  readonly #clock: Clock
  /** Consecutive connections that were taken over by another client before they were stable. */
  #count = 0
  #since = 0

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** The server answered the hello of a connection. */
  live(): void {
    this.#since = this.#clock.now()
  }

  /**
   * After a session has ended, no new one starts by itself. A session that was taken over is taken back once, because a
   * delayed hello of this same client may be the cause; two clients with one session would alternate forever.
   */
  judge({ by, code }: End): Decision {
    if (by !== 'peer') return undefined
    if (code === closeCodes.ended || code === closeCodes.limits) return 'stop'
    if (code !== closeCodes.takenOver) return undefined
    if (this.#clock.now() - this.#since >= STABLE) this.#count = 0
    return ++this.#count > 1 ? 'stop' : undefined
  }
}
