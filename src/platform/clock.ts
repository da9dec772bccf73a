/** The clock of both platforms. */
import type { Clock } from './platform.js'

// looked up on each call, so that a page's or a test's own timers are honoured
export const systemClock: Clock = {
  now: () => performance.now(),
  date: () => Date.now(),
  setTimeout: (callback, ms) => setTimeout(callback, ms),
  clearTimeout: (timer) => clearTimeout(timer as number),
}
