/**
 * Three thousand reconnects of one socket, and a thousand sockets: what they hold does not grow. `npm run test:soak` does
 * a million reconnects, or as many as EVEROPEN_SOAK says.
 */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { WebSocketServer } from 'ws'
import { type Bundle, bundle } from '../faults/bundle.js'

/** What a process held after so many rounds. */
export interface Sample {
  readonly done: number
  /** Bytes, after a garbage collection. */
  readonly heap: number
  readonly timers: number
  readonly handles: number
  readonly listeners: number
  /** Calls on the stack. */
  readonly depth: number
}

export interface Report {
  readonly samples: readonly Sample[]
}

/** Bytes that the heap may seem to grow by in a round: less than the smallest object that a round could leave behind. */
const NOISE = 16

// in few rounds without a compiler, whose code is on the heap too and comes and goes
const flags = (times: number): string[] => [
  '--expose-gc',
  ...(times < 100_000 ? ['--jitless', '--no-expose-wasm'] : []),
]

let server: WebSocketServer
let child: Bundle

beforeAll(async () => {
  server = new WebSocketServer({ port: 0, host: '127.0.0.1' })
  server.on('connection', (socket, { url }) => url === '/close' && socket.close(1001))
  await once(server, 'listening')
  child = await bundle('../soak/soak-child.ts')
})
afterAll(async () => {
  await new Promise((resolve) => server.close(resolve))
  await child.remove()
})

/** Runs a process to its natural end. */
async function soak(
  scenario: 'reconnects' | 'instances',
  times: number,
  leak = '',
): Promise<readonly Sample[]> {
  const { port } = server.address() as AddressInfo
  const url = `ws://127.0.0.1:${port}/${scenario === 'reconnects' ? 'close' : 'stay'}`
  const process = fork(child.file, [url, scenario, String(times), leak], { execArgv: flags(times) })
  const exit = once(process, 'exit')
  const [{ samples }] = (await once(process, 'message')) as [Report]
  expect(await exit).toEqual([0, null])
  return samples
}

/** What grew, if anything did. The first quarter is for engines to warm up. */
function grown(samples: readonly Sample[]): string[] {
  const settled = samples.slice(samples.length / 4)
  const half = settled.length / 2
  const top = (key: keyof Sample, part: readonly Sample[]) => Math.max(...part.map((sample) => sample[key]))
  const grew = (['timers', 'handles', 'listeners', 'depth'] as const).filter(
    // a connection may be found on its way out
    (key) => top(key, settled.slice(half)) > top(key, settled.slice(0, half)) + 1,
  )
  return slope(settled) > NOISE ? [...grew, 'heap'] : grew
}

/** Bytes of heap a round, by the median of the slopes between all pairs (Theil and Sen): deaf to a single outlier. */
function slope(samples: readonly Sample[]): number {
  const slopes = samples
    .flatMap((a, i) => samples.slice(i + 1).map((b) => (b.heap - a.heap) / (b.done - a.done)))
    .sort((a, b) => a - b)
  return slopes[Math.floor(slopes.length / 2)]!
}

const reconnects = Number(process.env.EVEROPEN_SOAK ?? 3_000)

describe('nothing grows', { timeout: Math.max(300_000, 20 * reconnects) }, () => {
  test(`in ${reconnects} reconnects of one socket`, async () => {
    const samples = await soak('reconnects', reconnects)
    console.log(`soak: ${slope(samples.slice(5)).toFixed(1)} bytes of heap for a reconnect`)
    expect(grown(samples)).toEqual([])
  })

  test('while 1,000 sockets are made, opened and closed', async () => {
    const samples = await soak('instances', 1_000)
    console.log(`soak: ${slope(samples.slice(5)).toFixed(1)} bytes of heap for a socket`)
    expect(grown(samples)).toEqual([])
  })

  test.each([
    ['object', ['heap']],
    ['listener', ['listeners', 'heap']],
    ['timer', ['timers', 'heap']],
  ])('and a leak of one %s a round would be noticed', async (leak, what) => {
    expect(grown(await soak('reconnects', 1_000, leak))).toEqual(what)
  })
})
