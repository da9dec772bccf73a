/**
 * The simulation again, with the real link of Node, the real `ws` and Node's own HTTP client below the socket: only the
 * stream and the server are simulated. And bugs of its counting, planted one by one, are caught.
 */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { plantIn, type Change } from '../planted.js'
import { hunt } from './hunt.js'
import { script } from './script.js'
import { simulate, type Subject } from './simulate.js'
import * as subject from './subject.js'

const minutes = Number(process.env.EVEROPEN_SIM_MINUTES ?? 0.25)
// always the same where none is asked for; `npm run test:sim` draws one
const seed = Number(process.env.EVEROPEN_SIM_SEED ?? 1)

const scripts = script.map((one) => ({ ...one, link: 'net' as const }))

test(
  `all laws hold over simulated streams through ${minutes} minutes of random use`,
  async () => {
    let runs = 0
    await fc.assert(
      fc.asyncProperty(scripts, async (one) => {
        await simulate(subject as unknown as Subject, one)
        runs++
      }),
      { seed, numRuns: 1e9, interruptAfterTimeLimit: minutes * 60_000, markInterruptAsFailure: false },
    )
    console.log(`simulated ${runs} runs over streams (seed ${seed})`)
    expect(runs).toBeGreaterThan(10)
  },
  minutes * 60_000 + 60_000,
)

const bugs: Readonly<Record<string, readonly Change[]>> = {
  'what the system refuses counts as sent': [
    ['platform/node/counted.ts', 'if (!this.#stream.writable) return false', ''],
    ['platform/node/counted.ts', 'this.#refused = Math.min(this.#refused, this.#gathered)', ';'],
  ],
  'what the stream queues counts as sent': [
    ['platform/node/counted.ts', '...this.#queued.since(given),', ''],
  ],
  'what the system was given counts as not sent': [
    ['platform/node/counted.ts', 'this.#queued.since(given)', 'this.#queued.since(0)'],
  ],
  'a message begins where it ends': [
    ['platform/node/counted.ts', 'const start = this.#end', 'const start = this.#end + 40'],
  ],
  'a link that was dropped is still heard': [
    ['platform/node/link.ts', 'deafen(socket)\n', ''],
    ['connection/connection.ts', 'this.#audience = undefined', ''],
    ['machine/transition.ts', 'return (stale ?', 'return (stale && false ?'],
  ],
}

const load = plantIn<Subject>({
  src: 'src',
  entry: 'test/simulation/subject.ts',
  platform: 'node',
  packages: 'external',
})

describe('planted bugs are caught', () => {
  for (const [name, changes] of Object.entries(bugs)) {
    test(name, { timeout: 120_000 }, async () => {
      const finding = await hunt(await load(`net ${name}`, changes), scripts, 5_000)
      console.log(`${name} — ${finding?.split('\n')[0]?.slice(0, 100)}`)
      expect(finding).toBeDefined()
    })
  }
})
