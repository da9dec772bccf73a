/** The formulas of the simulated fleet are what the libraries do: each is driven, under a clock of the test's own. */
import { createRequire } from 'node:module'
import type ReconnectingWebSocket from 'reconnecting-websocket'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { policies, type Policy } from '../../bench/fleet/policies.js'
import { testServer } from '../../src/testing/index.js'

/** The time of each dial, and what becomes of it: open for so many ms, or refused. */
const dials: number[] = []
let fate: (dial: number) => number | 'refused'

/** Its events come in tasks of their own. */
const server = testServer({ latency: 1 })

/** A WebSocket whose server does as `fate` says. */
class Scripted extends (server.WebSocket as unknown as typeof WebSocket) {
  constructor(...args: ConstructorParameters<typeof WebSocket>) {
    dials.push(performance.now())
    const open = fate(dials.length)
    if (open === 'refused') server.refuse()
    else server.accept()
    super(...args)
    if (open === 'refused') return
    this.addEventListener('open', () => {
      const connection = server.connections.at(-1)!
      setTimeout(() => connection.drop(), open)
    })
  }
}

/** Makes a client that dials `Scripted` by its defaults. */
const clients: Readonly<Record<string, () => Promise<unknown>>> = {
  async everopen() {
    const { ReconnectingSocket } = await import('../../src/index.js')
    return new ReconnectingSocket('ws://a.test/', { WebSocket: Scripted, hints: false, heartbeat: false })
  },
  async 'reconnecting-websocket'() {
    // it draws when it is loaded, which it is to be anew
    const require = createRequire(import.meta.url)
    const file = require.resolve('reconnecting-websocket')
    delete require.cache[file]
    const Peer = require(file) as typeof ReconnectingWebSocket
    return new Peer('ws://a.test/', [], { WebSocket: Scripted })
  },
  async partysocket() {
    const { default: Peer } = await import('partysocket/ws')
    return new Peer('ws://a.test/', [], { WebSocket: Scripted })
  },
  async '@nktkas/rews'() {
    const { ReconnectingWebSocket } = await import('@nktkas/rews')
    return new ReconnectingWebSocket('ws://a.test/', { WebSocket: Scripted as never })
  },
  async 'websocket-ts, constant'() {
    const { ConstantBackoff, WebsocketBuilder } = await import('websocket-ts')
    return new WebsocketBuilder('ws://a.test/').withBackoff(new ConstantBackoff(1_000)).build()
  },
  async 'robust-websocket'() {
    const { default: Peer } = (await import('robust-websocket' as string)) as {
      default: new (url: string, protocols: null, options: object) => unknown
    }
    return new Peer('ws://a.test/', null, { ignoreConnectivityEvents: true })
  },
  async 'sturdy-websocket'() {
    const { default: Peer } = await import('sturdy-websocket')
    return new Peer('ws://a.test/', { wsConstructor: Scripted as never })
  },
  async '@anephenix/sarus'() {
    const { default: Sarus } = await import('@anephenix/sarus')
    return new Sarus({ url: 'ws://a.test/' })
  },
  async phoenix() {
    const { Socket } = (await import('phoenix' as string)) as {
      Socket: new (url: string, options: object) => { connect(): void }
    }
    const socket = new Socket('ws://a.test/', { transport: Scripted })
    socket.connect()
    return socket
  },
  async centrifuge() {
    const { Centrifuge } = await import('centrifuge')
    const centrifuge = new Centrifuge('ws://a.test/', { websocket: Scripted })
    centrifuge.connect()
    return centrifuge
  },
  async 'graphql-ws'() {
    const { createClient } = await import('graphql-ws')
    const client = createClient({ url: 'ws://a.test/', webSocketImpl: Scripted })
    return client.subscribe({ query: '{ a }' }, { next() {}, error() {}, complete() {} })
  },
}

/** What a library would wait, from its own object, where it cannot be given another WebSocket. */
const asked: Readonly<Record<string, () => Promise<(retry: number) => number>>> = {
  async 'socket.io-client'() {
    const { Manager } = await import('socket.io-client')
    const { backoff } = new Manager('ws://a.test/', { autoConnect: false }) as unknown as {
      backoff: { duration(): number }
    }
    return () => backoff.duration()
  },
  async '@microsoft/signalr'() {
    const { HubConnectionBuilder } = await import('@microsoft/signalr')
    const builder = new HubConnectionBuilder().withAutomaticReconnect()
    const { reconnectPolicy } = builder as unknown as {
      reconnectPolicy: {
        nextRetryDelayInMilliseconds(context: { previousRetryCount: number }): number | null
      }
    }
    return (retry) =>
      reconnectPolicy.nextRetryDelayInMilliseconds({ previousRetryCount: retry - 1 }) ?? Infinity
  },
}

const draws = [0, 0.31, 0.72, 0.999]
const HOURS = 3 * 3_600_000
/** Retries that are compared. */
const MOST = 12

/** What the formula says: the waits of the first retries, as long as it does not give up. */
function formula({ client, limit }: Policy, draw: number, count = MOST): number[] {
  const waits = client(() => draw)
  const all: number[] = []
  for (let retry = 1; retry <= Math.min(limit, count); retry++) all.push(waits(retry, all.at(-1) ?? 0))
  return all
}

beforeEach(() => {
  dials.length = 0
  vi.resetModules()
  vi.useFakeTimers()
  vi.stubGlobal('WebSocket', Scripted)
  vi.stubGlobal('navigator', { onLine: true })
  vi.stubGlobal('addEventListener', () => {})
  vi.spyOn(console, 'error').mockImplementation(() => {})
})
afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
  vi.unstubAllGlobals()
})

/** Waits between the dials of a client, in ms, while `fate` says what becomes of them. */
async function gaps(name: string, draw: number, count: number): Promise<number[]> {
  vi.spyOn(Math, 'random').mockReturnValue(draw)
  await clients[name]!()
  const until = performance.now() + HOURS
  while (dials.length < count + 1 && performance.now() < until) {
    await vi.advanceTimersToNextTimerAsync()
    // a library of promises sets its timer a few turns later
    for (let turn = 0; turn < 50; turn++) await Promise.resolve()
    if (vi.getTimerCount() === 0) break
  }
  return dials.slice(1, count + 1).map((at, index) => at - dials[index]!)
}

const named = (name: string): Policy => policies.find((policy) => policy.name === name)!

test('each policy has its library here', () => {
  const names = policies.map(({ name }) => name).sort()
  expect([...Object.keys(clients), ...Object.keys(asked)].sort()).toEqual(names)
})

describe.each(Object.keys(clients))('%s', (name) => {
  /** Beside the wait: the tasks in which the script tells what has happened. */
  const SLACK = 3
  // these count a connection as such only after an answer that the script does not give
  const answered = ['centrifuge', 'graphql-ws'].includes(name)

  test.each(draws)(
    'waits what the formula says after a connection that lasted, at the draw %d',
    async (draw) => {
      fate = (dial) => (dial > 1 ? 'refused' : answered ? 0 : 20_000)
      const expected = formula(named(name), draw)
      const waits = await gaps(name, draw, MOST)
      const lived = answered ? 0 : 20_000
      expect(waits).toHaveLength(expected.length)
      for (const [index, wait] of expected.entries()) {
        const waited = waits[index]! - (index === 0 ? lived : 0)
        expect(waited).toBeGreaterThanOrEqual(Math.floor(wait))
        expect(waited).toBeLessThanOrEqual(wait + SLACK)
      }
    },
  )

  if (answered) return

  test('forgets its retries as soon as the formula says: accept-then-close', async () => {
    const { stableAfter, limit } = named(name)
    fate = () => 1_000
    const waits = await gaps(name, 0.31, 6)
    const expected =
      stableAfter > 1_000
        ? formula(named(name), 0.31, 6)
        : Array<number>(6).fill(formula(named(name), 0.31, 1)[0]!)
    expect(waits).toHaveLength(stableAfter > 1_000 ? Math.min(6, limit) : 6)
    for (const [index, wait] of expected.entries()) {
      expect(waits[index]! - 1_000).toBeGreaterThanOrEqual(Math.floor(wait))
      expect(waits[index]! - 1_000).toBeLessThanOrEqual(wait + SLACK)
    }
  })
})

describe.each(Object.keys(asked))('%s', (name) => {
  test.each(draws)('waits what the formula says, at the draw %d', async (draw) => {
    vi.spyOn(Math, 'random').mockReturnValue(draw)
    const wait = await asked[name]!()
    const expected = formula(named(name), draw)
    expect(expected.map((_, index) => wait(index + 1))).toEqual(expected.map(Math.trunc))
    if (expected.length < MOST) expect(wait(expected.length + 1)).toBe(Infinity)
  })
})
