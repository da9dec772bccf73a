/** Virtual time: nothing happens until it is advanced, and then in order. */
import type { Clock } from '../../src/time/clock.js'

interface Entry {
  readonly at: number
  readonly order: number
  readonly callback: () => void
}

export class VirtualClock implements Clock {
  #now = 0
  #order = 0
  readonly #entries = new Map<number, Entry>()

  now(): number {
    return this.#now
  }

  date(): number {
    return 1_700_000_000_000 + this.#now
  }

  setTimeout(callback: () => void, ms: number): number {
    const order = ++this.#order
    this.#entries.set(order, { at: this.#now + ms, order, callback })
    return order
  }

  clearTimeout(timer: unknown): void {
    this.#entries.delete(timer as number)
  }

  /** Timers that have yet to fire. */
  get pending(): number {
    return this.#entries.size
  }

  /** Fires what is due within `ms`, each at its time; `settle` runs between, for promises. */
  async advance(ms: number, settle: () => Promise<void>): Promise<void> {
    const end = this.#now + ms
    for (;;) {
      const next = [...this.#entries.values()].sort((a, b) => a.at - b.at || a.order - b.order)[0]
      if (!next || next.at > end) break
      this.#entries.delete(next.order)
      this.#now = Math.max(this.#now, next.at)
      next.callback()
      await settle()
    }
    this.#now = end
  }
}

/** Small, fast, and the same everywhere: mulberry32. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
