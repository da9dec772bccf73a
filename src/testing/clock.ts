/** Time in the hands of a test: nothing happens until it is moved, and then in order. */
import type { Clock } from '../time/clock.js'

interface Entry {
  readonly at: number
  readonly order: number
  readonly callback: () => void
}

// taken when the module is loaded: a runner's fake timers come later, and would stand still
const { setImmediate: immediate, setTimeout: timeout } = globalThis as {
  setImmediate?: (callback: () => void) => unknown
  setTimeout: (callback: () => void, ms: number) => unknown
}

/** Lets everything run that promises have set off. */
export function settled(): Promise<void> {
  return new Promise((resolve) => {
    if (immediate) immediate(() => resolve())
    else timeout(resolve, 0)
  })
}

/** A clock that a test moves. Milliseconds throughout. */
export class TestClock implements Clock {
  #now = 0
  #slept = 0
  #order = 0
  readonly #entries = new Map<number, Entry>()

  /** Since the clock was made. */
  now(): number {
    return this.#now + this.#slept
  }

  /** As people see it: the clock begins in November 2023. */
  date(): number {
    return 1_700_000_000_000 + this.now()
  }

  /** As the global one, by this clock. */
  setTimeout(callback: () => void, ms: number): unknown {
    const order = ++this.#order
    this.#entries.set(order, { at: this.#now + ms, order, callback })
    return order
  }

  /** As the global one. */
  clearTimeout(timer: unknown): void {
    this.#entries.delete(timer as number)
  }

  /** How many timers have yet to fire. */
  get pending(): number {
    return this.#entries.size
  }

  /** In how many ms each pending timer fires, the next one first. */
  get timers(): number[] {
    return [...this.#entries.values()].map(({ at }) => at - this.#now).sort((a, b) => a - b)
  }

  /**
   * Fires what is due within `ms`, each at its time, with all that promises set off in between.
   * @param settle What is awaited in between; for simulations that need to be faster.
   */
  async advance(ms: number, settle: () => Promise<void> = settled): Promise<void> {
    const end = this.#now + ms
    await settle()
    for (let next = this.#next(end); next; next = this.#next(end)) {
      this.#entries.delete(next.order)
      this.#now = Math.max(this.#now, next.at)
      next.callback()
      await settle()
    }
    this.#now = end
  }

  /** The machine sleeps: time goes on, timers stand still, and are late afterwards. */
  sleep(ms: number): void {
    this.#slept += ms
  }

  #next(end: number): Entry | undefined {
    let next: Entry | undefined
    for (const entry of this.#entries.values()) if (!next || entry.at < next.at) next = entry
    return next && next.at <= end ? next : undefined
  }
}
