/** One timer at a time: set anew, it replaces what it was set to before. */
import type { Clock, Timer } from './clock.js'

export class Alarm {
  #clock: Clock | undefined
  #timer: Timer
  /** When it goes off, or went off, by the monotonic clock; Infinity where it is not set. */
  at = Infinity

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Calls back in `ms`, and only then. */
  set(ms: number, callback: () => void): void {
    this.stop()
    if (!this.#clock) return
    this.at = this.#clock.now() + ms
    this.#timer = this.#clock.setTimeout(callback, ms)
  }

  stop(): void {
    this.#clock?.clearTimeout(this.#timer)
    // with what it would have called
    this.#timer = undefined
    this.at = Infinity
  }

  /** Stops for good: it cannot be set any more. */
  retire(): void {
    this.stop()
    this.#clock = undefined
  }
}
