/** 1,000 clients of one dead server: they must not come back together, at the cap neither. */
import { expect, test } from 'vitest'
import type { Options } from '../../src/index.js'
import { seeded } from '../simulation/clock.js'
import { settled } from '../sim/clock.js'
import { SimPlatform } from '../sim/platform.js'
import { simulate, URL_A } from '../sim/socket.js'

const CLIENTS = 1_000

/** For each of `rounds` ends in a row that all clients see at once, how long each of them waits. */
async function waits(options: Options, rounds: number): Promise<number[][]> {
  const all: number[][] = Array.from({ length: rounds }, () => [])
  for (let client = 0; client < CLIENTS; client++) {
    const platform = new SimPlatform()
    platform.random = seeded(client)
    const { socket, link, clock } = await opened(options, platform)
    for (let round = 0; round < rounds; round++) {
      if (round === 0) link.fail()
      else platform.link.fail()
      const wait = socket.snapshot.nextDialAt! - clock.date()
      all[round]!.push(wait)
      // dials at once, as if the wait were over
      platform.hint('wake')
      clock.sleep(5_000)
      await settled()
    }
    socket.terminate()
  }
  return all
}

async function opened(options: Options, platform: SimPlatform) {
  const simulated = simulate(options, URL_A, platform)
  await settled()
  return { ...simulated, link: platform.link.open() }
}

/** The busiest second, as a multiple of what it would be if all were spread evenly between the first and the last. */
function crowding(waits: readonly number[]): number {
  const buckets = new Map<number, number>()
  for (const wait of waits)
    buckets.set(Math.floor(wait / 1_000), (buckets.get(Math.floor(wait / 1_000)) ?? 0) + 1)
  const seconds = (Math.max(...waits) - Math.min(...waits)) / 1_000
  return Math.max(...buckets.values()) / (waits.length / Math.max(1, seconds))
}

test('1: 1,000 clients dropped together: no 1 s bucket holds more than twice the uniform share, at the cap neither', async () => {
  const rounds = await waits({}, 10)
  for (const [round, given] of rounds.entries()) {
    expect([round, crowding(given) <= 2]).toEqual([round, true])
    expect(Math.max(...given)).toBeLessThanOrEqual(12_000)
  }
  // the first round begins at 0, the last is at the cap: 6.6 to 12 s
  expect(Math.min(...rounds[0]!)).toBeLessThan(100)
  expect(Math.min(...rounds[9]!)).toBeGreaterThanOrEqual(6_600)
  expect(Math.max(...rounds[9]!)).toBeGreaterThan(11_900)
  expect(rounds.every((given) => Math.max(...given) - Math.min(...given) > 2_000)).toBe(true)
}, 60_000)

test('1: a crowd would be seen: a constant wait is one', async () => {
  const [first] = await waits({ retry: { backoff: { type: 'constant', base: 15_000 } } }, 1)
  expect(Math.max(...first!) - Math.min(...first!)).toBe(0)
})
