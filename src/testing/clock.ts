/** A simulated clock: timers fire only when a test advances it, in order. */
import type { Clock } from '../time/clock.js'
import { reading } from './way.js'

interface Entry {
  readonly at: number
  readonly order: number
  readonly callback: () => void
}

// captured when the module is loaded, before a test runner installs fake timers
const { setImmediate: immediate, setTimeout: timeout } = globalThis as {
  setImmediate?: (callback: () => void) => unknown
  setTimeout: (callback: () => void, ms: number) => unknown
}

/** Resolves after all pending promise callbacks have run. */
export async function settled(): Promise<void> {
  // in Node, what follows an opening is held back for a turn, and its listeners may cause another opening
  for (let turns = 3; turns-- > 0 || reading > 0;)
    await new Promise<void>((resolve) => {
      if (immediate) immediate(() => resolve())
      else timeout(resolve, 0)
    })
}

/** A clock that a test advances. All times are in milliseconds. */
export class TestClock implements Clock {
  #now = 0
  #slept = 0
  #order = 0
  readonly #entries = new Map<number, Entry>()

  /** Time since the clock was created. */
  now(): number {
    return this.#now + this.#slept
  }

  /** Wall-clock time; the clock starts in November 2023. */
  date(): number {
    return 1_700_000_000_000 + this.now()
  }

  /** Like the global `setTimeout`, on this clock. */
  setTimeout(callback: () => void, ms: number): unknown {
    const order = ++this.#order
    this.#entries.set(order, { at: this.#now + (ms || 0), order, callback })
    return order
  }

  /** Like the global `clearTimeout`. */
  clearTimeout(timer: unknown): void {
    this.#entries.delete(timer as number)
  }

  /** Number of pending timers. */
  get pending(): number {
    return this.#entries.size
  }

  /** Remaining ms of each pending timer, the next one first. */
  get timers(): number[] {
    return [...this.#entries.values()].map(({ at }) => at - this.#now).sort((a, b) => a - b)
  }

  /**
   * Advances the clock by `ms`. Fires each due timer at its own time, and runs pending promise callbacks in between.
   * @param settle Awaited in between; for simulations that need to be faster.
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

  /** Simulates a sleeping computer: time passes without timers; they fire late afterwards. */
  sleep(ms: number): void {
    this.#slept += ms
  }

  #next(end: number): Entry | undefined {
    let next: Entry | undefined
    for (const entry of this.#entries.values()) if (!next || entry.at < next.at) next = entry
    return next && next.at <= end ? next : undefined
  }
}
