/**
 * Deterministic simulation: random users, servers and faults against the real socket. `npm run test:sim -- --minutes N`
 * runs as long as wanted; a failure prints the script that replays it.
 */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { found } from './found.js'
import { script } from './script.js'
import { simulate, type Subject } from './simulate.js'
import * as subject from './subject.js'

const minutes = Number(process.env.EVEROPEN_SIM_MINUTES ?? 0.5)
const seed = Number(process.env.EVEROPEN_SIM_SEED ?? Date.now() % 1_000_000_000)

test(
  `all laws hold through ${minutes} minutes of random use`,
  async () => {
    let runs = 0
    let steps = 0
    let virtualMs = 0
    await fc.assert(
      fc.asyncProperty(script, async (one) => {
        const result = await simulate(subject as unknown as Subject, one)
        runs++
        steps += result.steps
        virtualMs += result.virtualMs
      }),
      {
        seed,
        examples: found.map((one) => [one]),
        numRuns: 1e9,
        interruptAfterTimeLimit: minutes * 60_000,
        markInterruptAsFailure: false,
      },
    )
    console.log(
      `simulated ${runs} runs, ${steps} steps, ${(virtualMs / 3_600_000).toFixed(0)} virtual hours (seed ${seed})`,
    )
    expect(runs).toBeGreaterThan(10)
  },
  minutes * 60_000 + 60_000,
)
