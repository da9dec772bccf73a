/** The failures of peers and realtime clients, by their line in the list. Those about the process: process.test.ts. */
import { beforeEach, describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { HeartbeatError, type Options, ReconnectingSocket } from '../../src/index.js'
import {
  encode,
  ESTABLISHED,
  kernelLines,
  kernelSockets,
  kernelTable,
  type RawConnection,
  serve,
  TEXT,
} from './raw-server.js'
import {
  eventually,
  nothingLeft,
  quiet,
  record,
  SLACK,
  stopwatch,
  takeBaseline,
  timers,
  uncaught,
} from './record.js'
import { seeded } from '../simulation/clock.js'
import { simulate } from './simulated.js'

beforeEach(takeBaseline)

const soon = { backoff: () => 1 }
const accept = (connection: RawConnection): void => void connection.accept()

describe('2: against accept-then-close the gaps grow; the count resets only after stableAfter', () => {
  test('real connections, a backoff of our own', async () => {
    const stableAfter = 1_000
    const server = await serve((connection, n) => {
      void connection.accept().then(async () => {
        // one connection out of the row lasts
        if (n === 6) await quiet(stableAfter + 50)
        connection.close(1011)
      })
    })
    const asked: number[] = []
    const backoff = (attempt: number): number => {
      asked.push(attempt)
      return 4 * 2 ** attempt
    }
    const socket = new ReconnectingSocket(server.url, { retry: { stableAfter, backoff } })
    const seen = record(socket)
    await seen.until('open', 9)
    socket.terminate()
    expect(asked.slice(0, 8)).toEqual([1, 2, 3, 4, 5, 6, 1, 2])
    expect(seen.of('open').map(({ attempt }) => attempt)).toEqual([0, 1, 2, 3, 4, 5, 6, 1, 2])
    const gaps = server.connections.slice(1, 7).map(({ at }, i) => at - server.connections[i]!.at)
    gaps.forEach((gap, i) => expect(gap).toBeGreaterThan(4 * 2 ** (i + 1) - 2))
    await nothingLeft(socket, server)
  })

  test('the default backoff: each wait is in its own band, and the bands grow to the cap', async () => {
    for (let seed = 1; seed <= 200; seed++) {
      const { socket, clock, dials } = simulate(
        {},
        ({ listener }) =>
          queueMicrotask(() => {
            listener.onOpen()
            listener.onClose(1011, '', true)
          }),
        seeded(seed),
      )
      await clock.advance(120_000)
      socket.terminate()
      const gaps = dials.slice(1).map((at, i) => at - dials[i]!)
      expect(gaps.length).toBeGreaterThan(7)
      expect(gaps[0]).toBeLessThan(4_000)
      gaps.forEach((gap, i) => {
        const most = Math.min(12_000, 4_000 * 1.3 ** i)
        expect(gap).toBeLessThanOrEqual(most)
        if (i > 0) expect(gap).toBeGreaterThanOrEqual(0.55 * most)
      })
    }
  })

  test('the default backoff: accept-then-1013 is dialed no more than twice in 3 s, and then every 5 to 30 s', async () => {
    for (let seed = 1; seed <= 200; seed++) {
      const { socket, clock, dials } = simulate(
        {},
        ({ listener }) => {
          listener.onOpen()
          listener.onClose(1013, '', true)
        },
        seeded(seed),
      )
      await clock.advance(3_000)
      expect(dials.length).toBeLessThanOrEqual(2)
      await clock.advance(300_000)
      socket.terminate()
      dials.slice(1).forEach((at, i) => {
        expect(at - dials[i]!).toBeGreaterThanOrEqual(5_000)
        expect(at - dials[i]!).toBeLessThanOrEqual(30_000)
      })
    }
  })

  test('the default backoff: 4,999 ms do not reset the count, 5,000 ms do', async () => {
    const lasts = [0, 0, 0, 4_999, 5_000, 0, 0]
    const { socket, clock } = simulate({ heartbeat: false }, ({ listener }, clock, n) => {
      queueMicrotask(() => listener.onOpen())
      if (n < lasts.length) clock.setTimeout(() => listener.onClose(1011, '', true), lasts[n]!)
    })
    const seen = record(socket)
    await clock.advance(200_000)
    expect(seen.of('open').map(({ attempt }) => attempt)).toEqual([0, 1, 2, 3, 4, 1, 2, 3])
    socket.terminate()
  })
})

describe('4: an attempt takes at most connectTimeout', () => {
  const never = new Promise<never>(() => {})
  const silences: [string, Options, (() => Promise<never>)?][] = [
    ['TCP accepted and silent', {}],
    ['a URL provider that never settles', {}, () => never],
    ['a protocol provider that never settles', { protocols: () => never }],
    ['a header provider that never settles', { node: { headers: () => never } }],
  ]
  test.each(silences)('%s', async (_, options, url) => {
    const errors = uncaught()
    const server = await serve((connection) => {
      connection.answers = 'nothing'
    })
    const given = { ...options, connectTimeout: 150, retry: soon, autoConnect: false }
    const socket = new ReconnectingSocket(url ?? server.url, given)
    const seen = record(socket)
    const start = performance.now()
    const elapsed = stopwatch()
    socket.connect()
    await seen.until('error')
    expect(performance.now() - start).toBeGreaterThan(145)
    expect(elapsed()).toBeLessThan(150 + SLACK)
    await seen.until('error', 2)
    expect(seen.words).toEqual([
      'idle → connecting',
      'error ERR_CONNECT_TIMEOUT',
      'error ERR_CONNECT_TIMEOUT',
    ])
    socket.close()
    expect(timers()).toBe(0)
    for (const connection of server.connections) await connection.ended
    await nothingLeft(socket, server)
    expect(errors).toEqual([])
  })

  test('the provider hears of it, and its late answer is not used', async () => {
    const server = await serve(accept)
    const signals: { readonly aborted: boolean }[] = []
    const answers: ((url: string) => void)[] = []
    const socket = new ReconnectingSocket(
      ({ signal }) => {
        signals.push(signal)
        return signals.length > 1 ? server.url : new Promise<string>((resolve) => answers.push(resolve))
      },
      { connectTimeout: 300, retry: soon },
    )
    const seen = record(socket)
    await seen.until('error')
    expect(signals[0]!.aborted).toBe(true)
    answers[0]!(`${server.url}late`)
    await seen.until('open')
    expect(socket.url).toBe(server.url)
    socket.close()
    await socket.closed
    expect(server.connections).toHaveLength(1)
    await nothingLeft(socket, server)
  })
})

describe('8: abandoning a connection does not wait for its close event', () => {
  const silently = (connection: RawConnection): void => {
    connection.answers = 'nothing'
    void connection.accept()
  }

  test('terminate() towards a silent peer is over at once', async () => {
    const server = await serve(silently)
    const socket = new ReconnectingSocket(server.url, { closeTimeout: 60_000 })
    const seen = record(socket)
    await seen.until('open')
    socket.terminate()
    expect(seen.words.slice(-2)).toEqual(['open → closed', 'close 1006 (user, unclean, final)'])
    await server.connections[0]!.ended
    await nothingLeft(socket, server)
  })

  test('the verdict of the heartbeat is a close at once, and a dial', async () => {
    const server = await serve((connection, n) => (n === 0 ? silently(connection) : accept(connection)))
    const heartbeat = { interval: 50, timeout: 300 }
    const socket = new ReconnectingSocket(server.url, { closeTimeout: 60_000, heartbeat, retry: soon })
    const seen = record(socket)
    await seen.until('open', 2)
    await server.connections[0]!.ended
    expect(seen.words.slice(0, 6)).toEqual([
      'connecting → open',
      'open 0',
      'open → connecting',
      'close 1006 (client, unclean, retries)',
      'connecting → open',
      'open 1 again',
    ])
    expect(seen.of('close')[0]!.cause).toBeInstanceOf(HeartbeatError)
    socket.close()
    await socket.closed
    await nothingLeft(socket, server)
  })

  test('nor does reconnect() need it, where the platform never gives one', async () => {
    class Forgetful extends WebSocket {}
    Object.defineProperty(Forgetful.prototype, 'onclose', { set() {} })
    // a class with the WHATWG interface and no more: that of ws itself is dialed as Node's own
    Object.defineProperty(Forgetful.prototype, 'ping', { value: undefined })
    const server = await serve(accept)
    const socket = new ReconnectingSocket(server.url, { WebSocket: Forgetful, closeTimeout: 50 })
    const seen = record(socket)
    await seen.until('open')
    socket.reconnect(4000)
    await seen.until('open', 2)
    expect(seen.words).toEqual([
      'connecting → open',
      'open 0',
      'open → closing',
      'closing → connecting',
      'close 1006 (user, unclean, retries)',
      'connecting → open',
      'open 0 again',
    ])
    socket.close()
    await socket.closed
    await nothingLeft(socket, server)
  })
})

describe('9: at most one live connection, and the retired one is really gone', () => {
  test('reconnect() again and again while open', async () => {
    const server = await serve(accept)
    const socket = new ReconnectingSocket(server.url)
    const live: string[][] = []
    socket.on('open', () => live.push(kernelLines(server.port, ESTABLISHED, 'client')))
    const seen = record(socket)
    for (let round = 1; round <= 20; round++) {
      await seen.until('open', round)
      socket.reconnect()
    }
    await seen.until('open', 21)
    expect(server.connections).toHaveLength(21)
    expect(live).toHaveLength(21)
    if (kernelTable) expect(live.filter((lines) => lines.length !== 1)).toEqual([])
    await eventually(
      () => `${server.live} live`,
      () => server.live === 1,
    )
    socket.close()
    await socket.closed
    await nothingLeft(socket, server)
  })

  test('retired while dialing, in each part of the handshake', async () => {
    const errors = uncaught()
    const server = await serve((connection) => {
      connection.answers = 'nothing'
    })
    const socket = new ReconnectingSocket(server.url, { autoConnect: false })
    const seen = record(socket)
    for (let n = 0; n < 20; n++) {
      socket.reconnect()
      const connection = await server.connection(n)
      // with the request sent; before it is; and with an answer half given
      if (n % 3 > 0) await connection.request
      if (n % 3 === 2) connection.write('HTTP/1.1 101 Switching Protocols\r\nUpg')
    }
    const last = server.connections[19]!
    last.answers = 'politely'
    await last.accept({ after: encode(TEXT, Buffer.from('hello')) })
    await seen.until('message')
    await Promise.all(server.connections.slice(0, 19).map(({ ended }) => ended))
    expect(kernelSockets(server.port, ESTABLISHED, 'client')).toBe(kernelTable ? 1 : 0)
    expect(seen.words).toEqual(['idle → connecting', 'connecting → open', 'open 0', 'message hello'])
    expect(server.connections).toHaveLength(20)
    socket.close()
    await socket.closed
    await nothingLeft(socket, server)
    expect(errors).toEqual([])
  })
})
