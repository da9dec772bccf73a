/** Hints from outside: when to dial, to probe, or to close the connection. */
import type { HintSource } from '../options/options.js'
import type { Hint } from '../machine/state.js'
import { type Clock, SPREAD, type Timer } from '../time/clock.js'

/** Interval for comparing the clocks, in ms. */
const INTERVAL = 5_000
/** A timer this late, in ms, means that the machine slept or the process was suspended. */
const JUMP = 5_000

type Stop = () => void

/** Notifies all sockets, either at once or each at a random time within `SPREAD`. */
export type Tell = (hint: Hint, when: 'at once' | 'spread') => void

interface Subscriber {
  tell(hint: Hint): void
  timer: Timer
}

/** One set of listeners for all sockets, from the first subscriber to the last. */
export function shared(clock: Clock, random: () => number, start: (tell: Tell) => Stop): HintSource {
  const subscribers = new Set<Subscriber>()
  let stop: Stop | undefined
  return (tell) => {
    const subscriber: Subscriber = { tell, timer: undefined }
    subscribers.add(subscriber)
    stop ??= start((hint, when) => {
      for (const each of [...subscribers]) {
        if (when === 'at once') each.tell(hint)
        else {
          clock.clearTimeout(each.timer)
          each.timer = clock.setTimeout(() => each.tell(hint), random() * SPREAD)
        }
      }
    })
    return () => {
      clock.clearTimeout(subscriber.timer)
      subscribers.delete(subscriber)
      if (subscribers.size > 0) return
      stop?.()
      stop = undefined
    }
  }
}

/**
 * Hints `wake` when the wall clock advances more than a timer can explain. Spread, because all sockets on the machine
 * were suspended together.
 */
export function clockJumps(clock: Clock, tell: Tell): Stop {
  let timer: Timer
  const watch = (): void => {
    const due = clock.date() + INTERVAL
    timer = clock.setTimeout(() => {
      if (clock.date() - due > JUMP) tell('wake', 'spread')
      watch()
    }, INTERVAL)
  }
  watch()
  return () => clock.clearTimeout(timer)
}

interface Target {
  addEventListener?(type: string, listener: (event: { persisted?: boolean }) => void): void
  removeEventListener?(type: string, listener: (event: { persisted?: boolean }) => void): void
}

/**
 * Hints from a page and its network. They are unreliable (`navigator.onLine` can be wrong either way), so they never
 * end or forbid a connection. The exception is the back/forward cache: a page with an open connection cannot enter it.
 */
export function pageHints(clock: Clock, tell: Tell): Stop {
  const page = globalThis as Target & { document?: Target & { visibilityState?: string } }
  const { document } = page
  const visible = (): boolean => document?.visibilityState !== 'hidden'
  const undo: Stop[] = []
  const listen = (
    target: Target | undefined,
    type: string,
    listener: (event: { persisted?: boolean }) => void,
  ): void => {
    target?.addEventListener?.(type, listener)
    undo.push(() => target?.removeEventListener?.(type, listener))
  }
  listen(page, 'online', () => tell('wake', 'at once'))
  listen(page, 'offline', () => tell('probe', 'at once'))
  listen(page, 'pagehide', ({ persisted }) => persisted && tell('suspend', 'at once'))
  listen(page, 'pageshow', ({ persisted }) => persisted && tell('wake', 'at once'))
  listen(document, 'visibilitychange', () => visible() && tell('wake', 'at once'))
  listen(document, 'resume', () => tell('wake', 'at once'))
  // a hidden page's timers run once a minute, which looks like a jump of the clock
  undo.push(clockJumps(clock, (hint, when) => visible() && tell(hint, when)))
  return () => undo.forEach((stop) => stop())
}
