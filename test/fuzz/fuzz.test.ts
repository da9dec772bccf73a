/**
 * Fuzz over real sockets: what is sent through connections that break at any byte, by whatever transport, is received
 * once at most, in order, and what the system was not given is still here or was told of. `npm run test:fuzz -- --minutes
 * N --seed S` runs as long as wanted, from that seed on; a failure prints the seed that replays it.
 */
import { expect, test } from 'vitest'
import { ReconnectingSocket } from '../../src/index.js'
import { run, type SocketClass } from './run.js'

const seconds = Number(process.env.EVEROPEN_FUZZ_MINUTES ?? 0.5) * 60
const first = Number(process.env.EVEROPEN_FUZZ_SEED ?? Date.now() % 1_000_000_000)
/** Runs at a time: most of the time each waits for something. */
const LANES = 4

test(
  `nothing vanishes and nothing doubles through ${seconds} s of broken connections`,
  async () => {
    const end = performance.now() + seconds * 1_000
    let seed = first
    let runs = 0
    const totals = { messages: 0, bytes: 0, connections: 0 }
    const lane = async (): Promise<void> => {
      do {
        const mine = seed++
        try {
          const result = await run(ReconnectingSocket as unknown as SocketClass, mine)
          for (const key of ['messages', 'bytes', 'connections'] as const) totals[key] += result[key]
          runs++
        } catch (error) {
          throw new Error(`seed ${mine}: ${(error as Error).message}`, { cause: error })
        }
      } while (performance.now() < end)
    }
    await Promise.all(Array.from({ length: LANES }, lane))
    console.log(
      `fuzzed ${runs} runs, ${totals.messages} messages, ${(totals.bytes / 1e6).toFixed(0)} MB, ${totals.connections} connections (seeds from ${first})`,
    )
    expect(runs).toBeGreaterThan(3)
  },
  seconds * 1_000 + 120_000,
)
