/** The world around a socket: what says that now is a good moment to dial, to probe, or to let go. */
import type { HintSource } from '../options/options.js'
import type { Hint } from '../machine/state.js'
import { type Clock, SPREAD, type Timer } from '../time/clock.js'

/** How often the clocks are compared. */
const INTERVAL = 5_000
/** A tick this late says that the machine slept or the process stood still. */
const JUMP = 5_000

type Stop = () => void

/** Tells all sockets, each of them at once, or each at a moment of its own within `SPREAD`. */
export type Tell = (hint: Hint, when: 'at once' | 'spread') => void

interface Subscriber {
  tell(hint: Hint): void
  timer: Timer
}

/** One set of listeners for all sockets: there from the first subscriber to the last. */
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
 * `wake` when the wall clock went on more than a timer can explain. Spread: every socket of this process, and of every
 * other one on the machine, stood still with it.
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
 * What a page and its network tell. All of it is hearsay: `navigator.onLine` is wrong in both directions on real
 * machines, so nothing here ends or forbids a connection. The one exception is the back/forward cache, which a page
 * with a live connection may not enter.
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
  // a hidden page's timers run once a minute, which looks like a jump
  undo.push(clockJumps(clock, (hint, when) => visible() && tell(hint, when)))
  return () => undo.forEach((stop) => stop())
}
