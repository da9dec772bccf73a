/** How long to wait before an attempt. Pure, apart from the random numbers. */
import type { End } from '../machine/state.js'
import { reportError } from '../diagnostics/report.js'
import type { BackoffOptions, BackoffType, RetryOptions } from '../options/options.js'
import { delay, withDefaults } from '../options/rules.js'

/** The input of a backoff function. */
export interface Moment {
  /** Consecutive retries, from 1. With several endpoints: consecutive rounds. */
  readonly retry: number
  readonly end: End
  /** The delay before the last attempt that was not immediate; 0 if there was none. */
  readonly previous: number
  /** Uniform in [0, 1). */
  readonly random: () => number
}

export type Backoff = (moment: Moment) => number

type Parameters = Required<{ [K in Exclude<keyof BackoffOptions, 'type'>]: number }>

const curves: Readonly<Record<BackoffType, (p: Parameters, m: Moment) => number>> = {
  exponential(p, { retry, end, random }) {
    // the first delay is spread from 0: a single client is back soon, and many clients do not return together
    if (retry === 1) return random() * Math.min(p.cap, p.base, end.by === 'client' ? p.ownBase : p.cap)
    return grown(p, retry) * (p.floor + (1 - p.floor) * random())
  },
  full: (p, { retry, random }) => grown(p, retry) * random(),
  equal: (p, { retry, random }) => (grown(p, retry) * (1 + random())) / 2,
  decorrelated(p, { previous, random }) {
    const least = Math.min(p.cap, p.base)
    const most = Math.min(p.cap, 3 * Math.max(p.base, previous))
    return least + (most - least) * random()
  },
  constant: (p) => p.base,
}

/** Limited to `cap` before the jitter; otherwise every client would wait exactly `cap`. */
function grown({ base, factor, cap }: Parameters, retry: number): number {
  // the power is limited first: it may become Infinity, and 0 · Infinity is NaN
  return Math.min(cap, base * Math.min(2 ** 31, factor ** (retry - 1)))
}

/** Creates a backoff from validated options. */
export function createBackoff({ type = 'exponential', ...given }: BackoffOptions = {}): Backoff {
  // docs/backoff.md explains these values
  const defaults =
    type === 'exponential'
      ? { base: 4_000, factor: 1.3, cap: 12_000, floor: 0.55, ownBase: 500 }
      : { base: 1_000, factor: 2, cap: 30_000, floor: 0, ownBase: 0 }
  const parameters: Parameters = withDefaults(defaults, given)
  return (moment) => curves[type](parameters, moment)
}

/** The default, shared by all sockets that use it. */
let usual: Backoff | undefined

/** The function for `retry.backoff`. The result of a user-supplied function is checked. */
export function readBackoff(backoff: RetryOptions['backoff']): Backoff {
  if (backoff === undefined) return (usual ??= createBackoff())
  if (typeof backoff !== 'function')
    return createBackoff(typeof backoff === 'string' ? { type: backoff } : backoff)
  const fallback = readBackoff(undefined)
  return (moment) => {
    try {
      const ms = backoff(moment.retry, moment.end)
      delay('retry.backoff()', ms)
      return ms
    } catch (error) {
      reportError(error)
      return fallback(moment)
    }
  }
}
