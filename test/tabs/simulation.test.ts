/** Seeds against the machine: up to five tabs that crash, sleep, stall and go, on a channel that may lose and double. */
import { expect, test } from 'vitest'
import * as machine from '../../src/tabs/member.js'
import { simulate, type Weather } from './simulate.js'

const runs = Number(process.env.EVEROPEN_TABS_RUNS ?? 100)
const seed = Number(process.env.EVEROPEN_TABS_SEED ?? Date.now() % 1_000_000_000)

for (const weather of ['pages', 'channel'] satisfies Weather[])
  test(
    `${runs} runs, trouble with ${weather}: once, in order, or known to be lost`,
    { timeout: 600_000 },
    () => {
      let received = 0
      let sunk = 0
      let leaders = 0
      for (let run = 0; run < runs; run++) {
        try {
          const result = simulate(machine, seed + run, weather, 300)
          received += result.received
          sunk += result.sunk
          leaders += result.leaders
        } catch (error) {
          throw new Error(
            `EVEROPEN_TABS_RUNS=1 EVEROPEN_TABS_SEED=${seed + run}: ${(error as Error).message}`,
            {
              cause: error,
            },
          )
        }
      }
      console.log(
        `${weather}: ${received} messages received, ${sunk} sunk, ${leaders} leaders (seed ${seed})`,
      )
      expect(received).toBeGreaterThan(runs)
      expect(leaders).toBeGreaterThanOrEqual(runs)
    },
  )
