/** Leaving a connection that is to be replaced. */
import type { Link } from '../platform/platform.js'
import type { Alarm } from '../time/alarm.js'
import type { Clock } from '../time/clock.js'

/** Calls back after `ms`; later, at `until` at most, while the system goes on taking what the platform holds. */
export function leave(
  link: Link,
  { clock, alarm }: { readonly clock: Clock; readonly alarm: Alarm },
  ms: number,
  until: number,
  done: () => void,
): void {
  const taken = link.taken?.() ?? 0
  alarm.set(ms, () => {
    const goesOn = link.bufferedAmount > 0 && (link.taken?.() ?? 0) > taken
    const left = until - clock.now()
    if (goesOn && left > 0) leave(link, { clock, alarm }, Math.min(ms, left), until, done)
    else done()
  })
}
