/** How long to wait before a dial. Pure but for the random numbers it is given. */
import type { End } from '../machine/state.js'
import { reportError } from '../diagnostics/report.js'
import type { BackoffOptions, BackoffType, RetryOptions } from '../options/options.js'
import { delay, withDefaults } from '../options/rules.js'

/** What a computation of a delay may depend on. */
export interface Moment {
  /** Retries in a row, from 1. With several endpoints: rounds. */
  readonly retry: number
  readonly end: End
  /** The delay before the last attempt; 0 before the first. */
  readonly previous: number
  /** Uniform in [0, 1). */
  readonly random: () => number
}

export type Backoff = (moment: Moment) => number

type Parameters = Required<{ [K in Exclude<keyof BackoffOptions, 'type'>]: number }>

const curves: Readonly<Record<BackoffType, (p: Parameters, m: Moment) => number>> = {
  exponential(p, { retry, end, random }) {
    // the first dial is spread from 0 on: a lone client is back soon, and a thousand are not back together
    if (retry === 1) return random() * Math.min(p.cap, p.base, end.by === 'client' ? p.ownBase : p.cap)
    return grown(p, retry) * (p.floor + (1 - p.floor) * random())
  },
  full: (p, { retry, random }) => grown(p, retry) * random(),
  equal: (p, { retry, random }) => (grown(p, retry) * (1 + random())) / 2,
  decorrelated(p, { previous, random }) {
    const least = Math.min(p.cap, p.base)
    const most = Math.min(p.cap, Math.max(p.base, 3 * previous))
    return least + (most - least) * random()
  },
  constant: (p) => p.base,
}

/** Cap first, then jitter: the other way round every client waits exactly the cap. */
function grown({ base, factor, cap }: Parameters, retry: number): number {
  // bounded first: the power outgrows all numbers, and 0 times that is no number at all
  return Math.min(cap, base * Math.min(2 ** 31, factor ** (retry - 1)))
}

/** Makes a backoff from options that have been checked. */
export function createBackoff({ type = 'exponential', ...given }: BackoffOptions = {}): Backoff {
  // why these: docs/backoff.md
  const defaults =
    type === 'exponential'
      ? { base: 4_000, factor: 1.3, cap: 12_000, floor: 0.55, ownBase: 500 }
      : { base: 1_000, factor: 2, cap: 30_000, floor: 0, ownBase: 0 }
  const parameters: Parameters = withDefaults(defaults, given)
  return (moment) => curves[type](parameters, moment)
}

/** That of all who ask for none. */
let usual: Backoff | undefined

/** What `retry.backoff` comes to. A function of the user's is not trusted: what it gives is checked. */
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
