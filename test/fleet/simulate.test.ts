/** The simulation counts right, and the default is what docs/backoff.md says of it. */
import { describe, expect, test } from 'vitest'
import { everopen, policies, type Policy } from '../../bench/fleet/policies.js'
import { again, alone, herd, simulate } from '../../bench/fleet/simulate.js'
import { median } from '../../bench/report.js'

const always = (ms: number, limit = Infinity): Policy => ({
  name: 'always',
  stableAfter: 0,
  limit,
  own: false,
  client: () => () => ms,
})
const usual = { name: '', outage: 30_000, accepts: 0.01 }

describe('what can be counted by hand', () => {
  test('all that wait a second dial 29 times for nothing, and then one in a hundred is taken each second', () => {
    const { peak, wasted, half, all, gaveUp } = simulate(always(1_000), usual, 1_000)
    expect(peak).toBe(1)
    // 29 rounds in the outage, and 990 + 980 + … + 0 of 1,000 in the 100 s after it; the room grows in slots of 10 ms
    expect(wasted).toBeGreaterThan(29 + 48)
    expect(wasted).toBeLessThan(29 + 51)
    expect([half / 1_000, all / 1_000].map(Math.round)).toEqual([50, 100])
    expect(gaveUp).toBe(0)
  })

  test('who gives up never comes back', () => {
    const { all, gaveUp, wasted } = simulate(always(1_000, 5), usual, 100)
    expect([all, gaveUp, wasted]).toEqual([Infinity, 1, 5])
    expect(alone(always(1_000, 5), 60_000)).toBe(Infinity)
  })

  test('a herd of clients that all wait the same comes as one', () => {
    expect(herd(always(1_000), 1_000, 3_000)).toEqual({ peak: 1_000, back: 0 })
    expect(again(always(1_000), 1_000)).toBe(1_000)
    expect([alone(always(700), 0), alone(always(700), 1_000)]).toEqual([700, 400])
  })

  test('accept-then-close is dialed as long as it lasts, and each of 20 servers takes its clients along', () => {
    const closing = simulate(always(1_000), { name: '', outage: 0, accepts: 1, closes: 10_000 }, 100)
    expect(closing.wasted).toBeGreaterThan(8)
    expect(closing.wasted).toBeLessThan(10)
    const rolling = { servers: 20, every: 1_000 }
    expect(simulate(always(500), { name: '', outage: 0, accepts: 1, rolling }, 1_000)).toMatchObject({
      peak: 0.05,
      wasted: 0,
      gaveUp: 0,
    })
  })

  test('the same seed, the same outcome; another, another', () => {
    const run = (seed: number): unknown => simulate(everopen(), usual, 500, seed)
    expect(run(1)).toEqual(run(1))
    expect(run(1)).not.toEqual(run(2))
  })
})

describe('the default', () => {
  const ours = policies[0]!
  const of = (policy: Policy, figure: (seed: number) => number): number =>
    median(Array.from({ length: 21 }, (_, seed) => figure(seed + 1)))

  test('brings 1,000 clients back within 5.5 s, with at most 60 dials in 100 ms, the second time too', () => {
    expect(of(ours, (seed) => herd(ours, 1_000, 3_000, seed).peak)).toBeLessThanOrEqual(60)
    expect(of(ours, (seed) => herd(ours, 1_000, 3_000, seed).back)).toBeLessThanOrEqual(5_500)
    expect(of(ours, (seed) => again(ours, 1_000, seed))).toBeLessThanOrEqual(60)
  })

  test('brings a fleet back about as soon as its server can, at ten dials each', () => {
    const { peak, wasted, most } = simulate(ours, usual, 20_000)
    expect(peak).toBeLessThan(0.36)
    expect(wasted).toBeLessThan(10)
    expect(most).toBeLessThan(104_000)
  })

  test('one client alone waits 2 s after a blip, and less than 5 s after a minute', () => {
    expect(Math.abs(alone(ours, 0) - 2_000)).toBeLessThan(100)
    expect(alone(ours, 60_000)).toBeLessThan(5_200)
  })

  test('no peer that stays has a lower peak with fewer dials', () => {
    const mine = simulate(ours, usual, 5_000)
    for (const policy of policies.slice(1)) {
      const theirs = simulate(policy, usual, 5_000)
      if (theirs.gaveUp > 0.5) continue
      expect([policy.name, theirs.peak < mine.peak && theirs.wasted < mine.wasted]).toEqual([
        policy.name,
        false,
      ])
    }
  })
})
