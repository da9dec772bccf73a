/** Time: what the package asks of a clock, and the clock of all platforms. */

/** What a clock gives for a timer that it set. */
export type Timer = unknown

/** Time, injectable for tests. */
export interface Clock {
  /** Milliseconds, monotonic. */
  now(): number
  /** Milliseconds since the epoch, as people see it. */
  date(): number
  setTimeout(callback: () => void, ms: number): Timer
  clearTimeout(timer: Timer): void
}

/** How much later than due a timer may fire, in ms, and still tell of nothing but a busy process. */
export const LATE = 1_000

/** In how many ms what has been held up together is let go, each at a random moment. */
export const SPREAD = 2_000

/** The longest delay a timer takes; a longer one would fire at once. */
export const MAX_DELAY = 2 ** 31 - 1

// looked up on each call, so that a page's or a test's own timers are honoured
export const systemClock: Clock = {
  now: () => performance.now(),
  date: () => Date.now(),
  setTimeout: (callback, ms) => setTimeout(callback, ms),
  clearTimeout: (timer) => clearTimeout(timer as number),
}
