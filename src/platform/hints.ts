/** The world around a socket: what says that now is a good moment to dial, to probe, or to let go. */
import type { HintSource } from '../options/options.js'
import type { Hint } from '../machine/state.js'
import type { Clock, Timer } from '../time/clock.js'

/** How often the clocks are compared. */
const INTERVAL = 5_000
/** A tick this late says that the machine slept or the process stood still. */
const JUMP = 5_000

type Stop = () => void

/** One set of listeners for all sockets: there from the first subscriber to the last. */
export function shared(start: (tell: (hint: Hint) => void) => Stop): HintSource {
  const subscribers = new Set<{ tell(hint: Hint): void }>()
  let stop: Stop | undefined
  return (tell) => {
    const subscriber = { tell }
    subscribers.add(subscriber)
    stop ??= start((hint) => {
      for (const each of [...subscribers]) each.tell(hint)
    })
    return () => {
      subscribers.delete(subscriber)
      if (subscribers.size > 0) return
      stop?.()
      stop = undefined
    }
  }
}

/** `wake` when the wall clock went on more than a timer can explain. */
export function clockJumps(clock: Clock, tell: (hint: Hint) => void): Stop {
  let timer: Timer
  const watch = (): void => {
    const due = clock.date() + INTERVAL
    timer = clock.setTimeout(() => {
      if (clock.date() - due > JUMP) tell('wake')
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
export function pageHints(clock: Clock, tell: (hint: Hint) => void): Stop {
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
  listen(page, 'online', () => tell('wake'))
  listen(page, 'offline', () => tell('probe'))
  listen(page, 'pagehide', ({ persisted }) => persisted && tell('suspend'))
  listen(page, 'pageshow', ({ persisted }) => persisted && tell('wake'))
  listen(document, 'visibilitychange', () => visible() && tell('wake'))
  listen(document, 'resume', () => tell('wake'))
  // a hidden page's timers run once a minute, which looks like a jump
  undo.push(clockJumps(clock, (hint) => visible() && tell(hint)))
  return () => undo.forEach((stop) => stop())
}
