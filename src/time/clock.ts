/** The clock interface, and the system clock of all platforms. */

/** A handle of a timer. */
export type Timer = unknown

/** Time, injectable for tests. */
export interface Clock {
  /** Milliseconds, monotonic. */
  now(): number
  /** Milliseconds since the epoch (wall-clock time). */
  date(): number
  setTimeout(callback: () => void, ms: number): Timer
  clearTimeout(timer: Timer): void
}

/** A timer that is later than this, in ms, means that the process was suspended, not just busy. */
export const LATE = 1_000

/** Actions that were delayed together are spread over this time, in ms, at random. */
export const SPREAD = 2_000

/** The longest delay a timer takes; a longer one would fire at once. */
export const MAX_DELAY = 2 ** 31 - 1

// looked up on each call, so that replaced timers of a page or a test are used
export const systemClock: Clock = {
  now: () => performance.now(),
  date: () => Date.now(),
  setTimeout: (callback, ms) => setTimeout(callback, ms),
  clearTimeout: (timer) => clearTimeout(timer as number),
}
