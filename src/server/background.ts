/** Timers for what the server does by itself: they do not keep a process alive that has nothing else to do. */
import type { Clock, Timer } from '../time/clock.js'

export function inBackground(clock: Clock, callback: () => void, ms: number): Timer {
  const timer = clock.setTimeout(callback, ms)
  // a number in a simulation
  ;(timer as { unref?: () => void }).unref?.()
  return timer
}
