/** What a session's close codes mean for the next dial. */
import type { End } from '../machine/state.js'
import type { Decision } from '../options/options.js'
import type { Clock } from '../time/clock.js'
import { closeCodes } from './protocol/wire.js'

/** How long a connection must last until having been taken over before does not count any more. */
const STABLE = 5_000

export class Takeovers {
  readonly #clock: Clock
  /** Connections in a row that were taken over by another one before they were stable. */
  #count = 0
  #since = 0

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** A connection has been welcomed. */
  live(): void {
    this.#since = this.#clock.now()
  }

  /**
   * A session that is over is not begun anew unasked. One that was taken over is taken back once: an old hello of this
   * client's own may have come late. Two clients with one session would go on for ever.
   */
  judge({ by, code }: End): Decision {
    if (by !== 'peer') return undefined
    if (code === closeCodes.ended || code === closeCodes.limits) return 'stop'
    if (code !== closeCodes.takenOver) return undefined
    if (this.#clock.now() - this.#since >= STABLE) this.#count = 0
    return ++this.#count > 1 ? 'stop' : undefined
  }
}
