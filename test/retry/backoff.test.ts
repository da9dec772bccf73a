import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { End } from '../../src/machine/state.js'
import { createBackoff, type Moment, readBackoff } from '../../src/retry/backoff.js'
import type { BackoffOptions } from '../../src/options/options.js'
import { backoffTypes } from '../../src/options/settings.js'
import { catchReports } from '../sim/socket.js'

const lost: End = { by: 'network', code: 1006, reason: '', wasClean: false }
const own: End = { ...lost, by: 'client' }

const at = (retry: number, random = 0.5, end = lost, previous = 0): Moment => ({
  retry,
  end,
  previous,
  random: () => random,
})

/** Uniform in [0, 1), as Math.random() is. */
const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })
const retry = fc.oneof(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 1, max: 5_000 }))
const ms = fc.oneof(fc.integer({ min: 0, max: 100_000 }), fc.constantFrom(0, 1, 2 ** 31 - 1))
const end = fc.constantFrom<End>(lost, own, { ...lost, by: 'peer', code: 1000 }, { ...lost, by: 'user' })

/** Shortest and longest wait that a backoff can give. */
const band = (options: BackoffOptions, retry: number, end = lost, previous = 0): number[] =>
  [0, 1].map((random) => createBackoff(options)(at(retry, random, end, previous)))

describe('exponential', () => {
  test('is the default', () => {
    expect(createBackoff()(at(3))).toBe(createBackoff({ type: 'exponential' })(at(3)))
  })

  test('the first dial: anywhere from 0 to 4 s, and to 0.5 s after an end that only this client saw', () => {
    expect(band({}, 1)).toEqual([0, 4_000])
    expect(band({}, 1, own)).toEqual([0, 500])
    for (const by of ['peer', 'user'] as const) expect(band({}, 1, { ...lost, by })).toEqual([0, 4_000])
  })

  test('the n-th after that: from 55 % to 100 % of min(12 s, 4 s · 1.3ⁿ), whoever ended it', () => {
    for (const end of [lost, own])
      for (let n = 1; n < 12; n++) {
        const most = Math.min(12_000, 4_000 * 1.3 ** n)
        const [low, high] = band({}, n + 1, end)
        expect(low).toBeCloseTo(0.55 * most)
        expect(high).toBeCloseTo(most)
      }
  })

  test('by its parameters', () => {
    const options = { base: 100, factor: 3, cap: 1_000, floor: 0.5, ownBase: 10 }
    expect(band(options, 1)).toEqual([0, 100])
    expect(band(options, 1, own)).toEqual([0, 10])
    expect(band(options, 2)).toEqual([150, 300])
    expect(band(options, 4)).toEqual([500, 1_000])
  })

  test('a base below ownBase is the base of both', () => {
    expect(band({ base: 100 }, 1, own)).toEqual([0, 100])
  })

  test('is spread evenly over its band', () => {
    fc.assert(
      fc.property(retry, random, (n, share) => {
        const [low, high] = band({}, n) as [number, number]
        expect(createBackoff()(at(n, share))).toBeCloseTo(low + share * (high - low), 6)
      }),
    )
  })
})

describe('the others', () => {
  test('full: from 0 to 100 %', () => {
    expect([1, 2, 3, 9].map((n) => band({ type: 'full' }, n))).toEqual([
      [0, 1_000],
      [0, 2_000],
      [0, 4_000],
      [0, 30_000],
    ])
  })

  test('equal: from 50 % to 100 %', () => {
    expect([1, 2, 3, 9].map((n) => band({ type: 'equal' }, n))).toEqual([
      [500, 1_000],
      [1_000, 2_000],
      [2_000, 4_000],
      [15_000, 30_000],
    ])
  })

  test('decorrelated: from base to three times the wait before, or three times base', () => {
    expect(band({ type: 'decorrelated' }, 1)).toEqual([1_000, 3_000])
    expect(band({ type: 'decorrelated' }, 2, lost, 1_000)).toEqual([1_000, 3_000])
    expect(band({ type: 'decorrelated' }, 3, lost, 100)).toEqual([1_000, 3_000])
    expect(band({ type: 'decorrelated' }, 3, lost, 2_000)).toEqual([1_000, 6_000])
    expect(band({ type: 'decorrelated' }, 9, lost, 30_000)).toEqual([1_000, 30_000])
  })

  test('constant: base', () => {
    for (const n of [1, 2, 50]) expect(band({ type: 'constant', base: 5_000 }, n)).toEqual([5_000, 5_000])
    expect(band({ type: 'constant' }, 1)).toEqual([1_000, 1_000])
  })

  test('a factor of 1 does not grow', () => {
    expect(band({ type: 'full', factor: 1 }, 99)).toEqual([0, 1_000])
  })
})

test('there is one of each name', () => {
  expect(backoffTypes).toEqual(['exponential', 'full', 'equal', 'decorrelated', 'constant'])
})

describe.each(backoffTypes)('%s', (type) => {
  const options = fc.record(
    {
      base: ms,
      factor: fc.double({ min: 1, max: 1_000, noNaN: true }),
      cap: ms,
      floor: fc.double({ min: 0, max: 1, noNaN: true }),
      ownBase: ms,
    },
    { requiredKeys: [] },
  )

  test('is a delay that a timer takes, for any parameters that are allowed', () => {
    fc.assert(
      fc.property(options, retry, random, end, ms, (given, n, share, ended, previous) => {
        const delay = createBackoff({ type, ...given })(at(n, share, ended, previous))
        expect(delay).toBeGreaterThanOrEqual(0)
        expect(delay).toBeLessThan(2 ** 31)
      }),
      { numRuns: 500 },
    )
  })

  if (type === 'constant') return

  test('is never above the cap', () => {
    fc.assert(
      fc.property(options, retry, random, end, (given, n, share, ended) => {
        const cap = given.cap ?? (type === 'exponential' ? 12_000 : 30_000)
        expect(createBackoff({ type, ...given })(at(n, share, ended, cap))).toBeLessThanOrEqual(
          cap * (1 + 1e-12),
        )
      }),
      { numRuns: 500 },
    )
  })

  test('jitter comes after the cap: no two clients wait the same at the cap', () => {
    const cap = 30_000
    fc.assert(
      fc.property(random, random, fc.integer({ min: 30, max: 5_000 }), (one, other, n) => {
        fc.pre(Math.abs(one - other) > 1e-6)
        const backoff = createBackoff({ type, cap })
        expect(backoff(at(n, one, lost, cap))).not.toBe(backoff(at(n, other, lost, cap)))
      }),
    )
  })
})

test('a function that throws is reported, and the default waits in its place', () => {
  const reports = catchReports()
  const error = new Error('of the user')
  const backoff = readBackoff(() => {
    throw error
  })
  expect(backoff(at(3))).toBe(createBackoff()(at(3)))
  expect(reports).toEqual([error])
})

test('what a function gives that is no wait is reported by its name', () => {
  const reports = catchReports()
  expect(readBackoff(() => -1)(at(3))).toBe(createBackoff()(at(3)))
  expect(reports).toEqual([
    expect.objectContaining({ message: expect.stringContaining('retry.backoff()') as unknown }),
  ])
})
