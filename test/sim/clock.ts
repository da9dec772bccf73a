/** Virtual time that can also be slept through: timers stand still meanwhile, and are late afterwards. */
import { VirtualClock } from '../simulation/clock.js'
import type { Clock } from '../../src/time/clock.js'

/** Lets everything run that promises have set off. */
export function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

export class SimClock implements Clock {
  readonly #inner = new VirtualClock()
  readonly #due = new Map<unknown, number>()
  #slept = 0

  now(): number {
    return this.#inner.now() + this.#slept
  }

  date(): number {
    return this.#inner.date() + this.#slept
  }

  setTimeout(callback: () => void, ms: number): unknown {
    const timer: unknown = this.#inner.setTimeout(() => {
      this.#due.delete(timer)
      callback()
    }, ms)
    this.#due.set(timer, this.#inner.now() + ms)
    return timer
  }

  clearTimeout(timer: unknown): void {
    this.#due.delete(timer)
    this.#inner.clearTimeout(timer)
  }

  /** In how many ms each pending timer fires, the next one first. */
  get timers(): number[] {
    return [...this.#due.values()].map((at) => at - this.#inner.now()).sort((a, b) => a - b)
  }

  /** Fires what is due within `ms`, each at its time, with all that promises set off in between. */
  async advance(ms: number): Promise<void> {
    await settled()
    await this.#inner.advance(ms, settled)
    await settled()
  }

  /** The machine sleeps. */
  sleep(ms: number): void {
    this.#slept += ms
  }
}
