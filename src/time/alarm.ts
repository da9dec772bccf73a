/** A single timer: setting it again replaces the previous setting. */
import type { Clock, Timer } from './clock.js'

export class Alarm {
  #clock: Clock | undefined
  #timer: Timer
  /** When it fires or fired, by the monotonic clock; Infinity if it is not set. */
  at = Infinity

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Calls back after `ms`, and cancels any earlier setting. */
  set(ms: number, callback: () => void): void {
    this.stop()
    if (!this.#clock) return
    this.at = this.#clock.now() + ms
    this.#timer = this.#clock.setTimeout(callback, ms)
  }

  stop(): void {
    this.#clock?.clearTimeout(this.#timer)
    // releases the callback, too
    this.#timer = undefined
    this.at = Infinity
  }

  /** Stops it for good: it can no longer be set. */
  retire(): void {
    this.stop()
    this.#clock = undefined
  }
}
