import { expect, test } from 'vitest'
import { simulateHerd } from '../../demo/herd.js'
import { createBackoff } from '../../src/retry/backoff.js'
import { backoffTypes } from '../../src/options/settings.js'

/** Mulberry32: the same numbers each time. */
function seeded(seed: number): () => number {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}

const base = { clients: 10_000, outage: 30, capacity: 100 }
const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0)

test.each(backoffTypes)('one client alone dials when its backoff, %s, says so', (type) => {
  const backoff = createBackoff({ type })
  const end = { by: 'network', code: 1006, reason: '', wasClean: false } as const
  const expected: number[] = []
  const random = seeded(1)
  for (let now = 0, retry = 1, previous = 0; now < 60; retry++) {
    previous = backoff({ retry, end, previous, random })
    now += previous / 1_000
    expected.push(Math.floor(now))
  }
  const { dials } = simulateHerd({
    clients: 1,
    outage: 60,
    capacity: 1,
    backoff: { type },
    random: seeded(1),
  })
  expect(dials.flatMap((count, second) => Array<number>(count).fill(second))).toEqual(expected)
})

test('each client is accepted once, never more in a second than the server can take, and none while it is down', () => {
  const { dials, accepted, wasted } = simulateHerd({ ...base, backoff: {}, random: seeded(2) })
  expect(sum(accepted)).toBe(base.clients)
  expect(Math.max(...accepted)).toBe(base.capacity)
  expect(sum(accepted.slice(0, base.outage))).toBe(0)
  expect(wasted).toBe((sum(dials) - base.clients) / base.clients)
})

test('the default spreads a herd as the design says, and a constant delay does not', () => {
  const spread = simulateHerd({ ...base, backoff: {}, random: seeded(3) })
  expect(spread.peak / base.clients).toBeCloseTo(0.36, 1)
  expect(spread.wasted).toBeCloseTo(9.3, 0)
  expect(spread.back).toBeGreaterThanOrEqual(129)
  const together = simulateHerd({ ...base, backoff: { type: 'constant' }, random: seeded(3) })
  expect(together.peak).toBe(base.clients)
})

test('a herd that cannot come back in time is told so', () => {
  const { back, accepted } = simulateHerd({
    clients: 100,
    outage: 1_799,
    capacity: 1,
    backoff: {},
    random: seeded(4),
  })
  expect(back).toBeUndefined()
  expect(sum(accepted)).toBeLessThanOrEqual(1)
})

test('progress grows to the end', () => {
  const shares: number[] = []
  simulateHerd({ ...base, backoff: {}, random: seeded(5) }, (share) => shares.push(share))
  expect(shares.length).toBeGreaterThan(2)
  expect(shares).toEqual([...shares].sort((a, b) => a - b))
  expect(shares.at(-1)).toBe(1)
})
