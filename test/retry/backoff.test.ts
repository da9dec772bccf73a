import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { End } from '../../src/machine/state.js'
import { backoffTypes, type BackoffOptions, createBackoff } from '../../src/retry/backoff.js'
import { seeded } from '../simulation/clock.js'

const end: End = { by: 'network', code: 1006, reason: '', wasClean: false }
const delays = (
  options: BackoffOptions | undefined,
  retry: number,
  random: number,
  by: End['by'] = 'network',
  previous = 0,
) => createBackoff(options)({ retry, end: { ...end, by }, previous, random: () => random })

describe('the default', () => {
  test('the first dial at a random point of 0–4 s, or of 0–0.5 s after an end of this client’s own', () => {
    expect([delays(undefined, 1, 0), delays(undefined, 1, 0.5)]).toEqual([0, 2_000])
    expect(delays(undefined, 1, 0.5, 'client')).toBe(250)
    expect(delays({ base: 100 }, 1, 0.5, 'client')).toBe(50)
  })

  test('the n-th after it between 40 % and 100 % of min(15 s, 4 s · 1.3ⁿ)', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 2, max: 200 }),
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        (retry, random) => {
          const most = Math.min(15_000, 4_000 * 1.3 ** (retry - 1))
          const delay = delays(undefined, retry, random)
          expect(delay).toBeGreaterThanOrEqual(0.4 * most)
          expect(delay).toBeLessThanOrEqual(most)
        },
      ),
    )
  })

  test.each([1, 2, 3, 20])(
    'phoenixframework/phoenix#4045: 1,000 clients dropped together, retry %i: no second holds twice its share',
    (retry) => {
      const random = seeded(retry)
      const backoff = createBackoff()
      const buckets = new Map<number, number>()
      const all = Array.from({ length: 1_000 }, () => backoff({ retry, end, previous: 0, random }))
      for (const delay of all)
        buckets.set(Math.floor(delay / 1_000), (buckets.get(Math.floor(delay / 1_000)) ?? 0) + 1)
      const [least, most] =
        retry === 1
          ? [0, 4_000]
          : [0.4, 1].map((share) => share * Math.min(15_000, 4_000 * 1.3 ** (retry - 1)))
      const share = 1_000 / ((most! - least!) / 1_000)
      expect(Math.max(...buckets.values())).toBeLessThanOrEqual(2 * share)
    },
  )
})

describe('the others, as in “Exponential Backoff And Jitter”', () => {
  test('full', () => expect([0, 0.5].map((r) => delays({ type: 'full' }, 3, r))).toEqual([0, 2_000]))
  test('equal', () => expect([0, 0.5].map((r) => delays({ type: 'equal' }, 3, r))).toEqual([2_000, 3_000]))
  test('constant', () => expect(delays({ type: 'constant', base: 70 }, 9, 0.3)).toBe(70))
  test('decorrelated', () => {
    expect(delays({ type: 'decorrelated' }, 1, 0.5)).toBe(1_000)
    expect(delays({ type: 'decorrelated' }, 2, 0.5, 'network', 2_000)).toBe(3_500)
    expect(delays({ type: 'decorrelated', cap: 3_000 }, 2, 0.5, 'network', 2_000)).toBe(3_000)
  })
})

test('cap first, then jitter: at the cap no two clients wait alike', () => {
  for (const type of backoffTypes.filter((name) => name !== 'constant' && name !== 'decorrelated'))
    expect(delays({ type, cap: 5_000 }, 50, 0.25)).not.toBe(delays({ type, cap: 5_000 }, 50, 0.75))
})
