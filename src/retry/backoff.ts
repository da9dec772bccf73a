/** How long to wait before a dial. Pure but for the random numbers it is given. */
import type { End } from '../machine/state.js'

/** How the exponential backoffs differ; see `BackoffOptions.type`. */
export type BackoffType = 'exponential' | 'full' | 'equal' | 'decorrelated' | 'constant'

/** A backoff by its parameters. All durations in milliseconds. */
export interface BackoffOptions {
  /**
   * - `exponential` (default): the first dial after an end at a random point of 0–`base`, the n-th after that
   *   between `floor` and 100 % of `min(cap, base · factorⁿ)`.
   * - `full`, `equal`, `decorrelated`: as in AWS, "Exponential Backoff And Jitter", but that the cap of the last comes
   *   before its jitter too.
   * - `constant`: `base`, always. Every client that lost the same server comes back in the same instant.
   */
  readonly type?: BackoffType | undefined
  /** Default 4,000 for `exponential`, 1,000 for the others. */
  readonly base?: number | undefined
  /** Default 1.3 for `exponential`, 2 for the others. */
  readonly factor?: number | undefined
  /** Upper bound, applied before the jitter. Default 15,000 for `exponential`, 30,000 for the others. */
  readonly cap?: number | undefined
  /** `exponential` only: the least share of the delay, 0–1. Default 0.4. */
  readonly floor?: number | undefined
  /** `exponential` only: `base` of the first dial after an end that only this client saw. Default 500. */
  readonly ownBase?: number | undefined
}

/**
 * A backoff of your own: milliseconds to wait before the `attempt`-th retry in a row (from 1) after `end`.
 * What is not a number from 0 to 2³¹−1 is replaced by the default backoff and reported as an uncaught error.
 */
export type BackoffFunction = (attempt: number, end: End) => number

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

/** The names that `retry.backoff` takes. */
export const backoffTypes = Object.keys(curves) as readonly BackoffType[]

/** Makes a backoff from options that have been checked. */
export function createBackoff({ type = 'exponential', ...given }: BackoffOptions = {}): Backoff {
  const defaults =
    type === 'exponential'
      ? { base: 4_000, factor: 1.3, cap: 15_000, floor: 0.4, ownBase: 500 }
      : { base: 1_000, factor: 2, cap: 30_000, floor: 0, ownBase: 0 }
  const parameters: Parameters = { ...defaults, ...(given as Partial<Parameters>) }
  return (moment) => curves[type](parameters, moment)
}
