/** The rows of the ancestor's failures: what a peer or a user does there, and the whole sequence of events here. */
import { getEventListeners } from 'node:events'
import { beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import { ReconnectingSocket } from '../../src/index.js'
import { CLOSE, CLOSE_WAIT, closePayload, encode, kernelSockets, kernelTable } from './raw-server.js'
import { type RawConnection, serve } from './raw-server.js'
import { eventually, nothingLeft, record, takeBaseline, timers } from './record.js'

// a real mitt, whose registries can be counted
const registries = vi.hoisted((): Map<unknown, unknown[] | undefined>[] => [])
vi.mock('mitt', async (original) => {
  const { default: mitt } = await original<typeof import('mitt')>()
  return {
    default: (all?: Parameters<typeof mitt>[0]) => {
      const emitter = mitt(all)
      registries.push(emitter.all)
      return emitter
    },
  }
})

beforeEach(takeBaseline)

const soon = { backoff: () => 1 }

/** Accepts, and ends the connection when the client says its first word. */
function endsWhenTold(...ends: ((connection: RawConnection) => void)[]) {
  return (connection: RawConnection, n: number): void => {
    void connection.accept()
    const end = ends[n]
    if (end) void connection.frame(1).then(() => end(connection))
  }
}

test.skipIf(!kernelTable)(
  'CLOSE_WAIT is seen in the table of the kernel (Linux only: there is none elsewhere)',
  async () => {
    const server = await serve((connection) => {
      connection.answers = 'nothing'
      void connection.accept()
    })
    const socket = new ReconnectingSocket(server.url)
    const seen = record(socket)
    await seen.until('open')
    socket.terminate()
    await eventually(
      () => 'CLOSE_WAIT',
      () => kernelSockets(server.port, CLOSE_WAIT, 'server') === 1,
    )
    await nothingLeft(socket, server)
  },
)

describe('A', () => {
  test('connect() again after each of 6 server closes: 6 opens, 6 closes, on one instance', async () => {
    const codes = [1000, 1001, 1005, 1011, 1012, 4321]
    const server = await serve(
      endsWhenTold(
        ...codes.map((code) => (c: RawConnection) => (code === 1005 ? c.close() : c.close(code, 'bye'))),
      ),
    )
    const socket = new ReconnectingSocket(server.url, { retry: false, autoConnect: false })
    const seen = record(socket)
    for (let round = 1; round <= codes.length; round++) {
      socket.connect()
      await seen.until('open', round)
      socket.send('end')
      await seen.until('close', round)
      expect(socket.state).toBe('closed')
      expect(kernelSockets(server.port, CLOSE_WAIT, 'client')).toBe(0)
    }
    expect(seen.words).toEqual(
      codes.flatMap((code, i) => [
        `${i === 0 ? 'idle' : 'closed'} → connecting`,
        'connecting → open',
        'open 0',
        'open → closed',
        `close ${code === 1005 ? '1005' : `${code} bye`} (peer, clean, final)`,
      ]),
    )
    expect(server.connections).toHaveLength(6)
    await nothingLeft(socket, server)
  })
})

describe('B', () => {
  test('connect() inside the close listener, 10,000 times: constant stack and listener counts', async () => {
    const rounds = 10_000
    const bye = encode(CLOSE, closePayload(1000))
    // a RST after it leaves no TIME_WAIT: 10,000 of them would use up the ports of the machine
    const server = await serve((connection) => {
      connection.answers = 'nothing'
      void connection.accept({ after: bye })
      void connection.frame(CLOSE).then(() => connection.rst())
    })
    const abort = new AbortController()
    const { signal } = abort
    // whatever ends the test, what it leaves disturbs no other
    onTestFinished(() => abort.abort())
    registries.length = 0
    const socket = new ReconnectingSocket(server.url, {
      retry: false,
      signal,
      node: { perMessageDeflate: false },
    })
    const count = { open: 0, close: 0, error: 0, state: 0 }
    const codes = new Set<number>()
    const depths = new Set<number>()
    const listeners = new Set<string>()
    const { stackTraceLimit } = Error
    Error.stackTraceLimit = 200
    socket.on('open', () => count.open++)
    socket.on('error', () => count.error++)
    socket.on('state', () => count.state++)
    await new Promise<void>((resolve) => {
      socket.on('close', ({ code }) => {
        codes.add(code)
        if (++count.close % 100 === 0) {
          depths.add(new Error().stack!.split('\n').length)
          const own = [...registries[0]!.values()].map((list) => list!.length)
          listeners.add(`${own} ${getEventListeners(signal, 'abort').length} ${timers()}`)
        }
        if (count.close === rounds) resolve()
        else socket.connect()
      })
    })
    Error.stackTraceLimit = stackTraceLimit
    expect(count).toEqual({ open: rounds, close: rounds, error: 0, state: 3 * rounds - 1 })
    expect([...codes]).toEqual([1000])
    expect(Math.max(...depths)).toBeLessThan(60)
    expect(depths.size).toBeLessThanOrEqual(3)
    expect(listeners.size, [...listeners].join(' | ')).toBe(1)
    expect(server.connections).toHaveLength(rounds)
    await nothingLeft(socket, server)
  }, 600_000)
})

describe('C', () => {
  test('retry on, the server sends Close: every time one close, then a retry', async () => {
    const codes = [1000, 1001, 1005, 1011, 1014, 3008, 4321]
    const server = await serve(
      endsWhenTold(
        ...codes.map((code) => (c: RawConnection) => (code === 1005 ? c.close() : c.close(code, 'bye'))),
      ),
    )
    const socket = new ReconnectingSocket(server.url, { retry: soon, autoConnect: false })
    const seen = record(socket)
    socket.on('open', () => socket.send('end'))
    socket.connect()
    await seen.until('open', codes.length + 1)
    expect(seen.words).toEqual([
      'idle → connecting',
      ...codes.flatMap((code, i) => [
        'connecting → open',
        i === 0 ? 'open 0' : `open ${i} again`,
        'open → connecting',
        `close ${code === 1005 ? '1005' : `${code} bye`} (peer, clean, retries)`,
      ]),
      'connecting → open',
      `open ${codes.length} again`,
    ])
    socket.close()
    await socket.closed
    expect(seen.words.slice(-3)).toEqual([
      'open → closing',
      'closing → closed',
      'close 1005 (user, clean, final)',
    ])
    await nothingLeft(socket, server)
  })
})

describe('D', () => {
  test('retry on, the server sends FIN: one close (1006) for each connection', async () => {
    const fin = (connection: RawConnection): void => connection.fin()
    const server = await serve(endsWhenTold(fin, fin, fin))
    const socket = new ReconnectingSocket(server.url, { retry: soon, autoConnect: false })
    const seen = record(socket)
    socket.on('open', () => socket.send('end'))
    socket.connect()
    await seen.until('open', 4)
    const lost = ['open → connecting', 'close 1006 (network, unclean, retries)', 'connecting → open']
    expect(seen.words).toEqual(
      ['idle → connecting', 'connecting → open', 'open 0', ...lost, 'open 1 again'].concat(
        [...lost, 'open 2 again'],
        [...lost, 'open 3 again'],
      ),
    )
    socket.close()
    await socket.closed
    await nothingLeft(socket, server)
  })
})

describe('E', () => {
  test.each([
    ['FIN', (connection: RawConnection) => connection.fin()],
    ['RST', (connection: RawConnection) => connection.rst()],
  ])('connect() again after each of 6 ends by %s: code 1006', async (_, end) => {
    const server = await serve(endsWhenTold(end, end, end, end, end, end))
    const socket = new ReconnectingSocket(server.url, { retry: false, autoConnect: false })
    const seen = record(socket)
    for (let round = 1; round <= 6; round++) {
      socket.connect()
      await seen.until('open', round)
      socket.send('end')
      await seen.until('close', round)
    }
    const rest = ['connecting → open', 'open 0', 'open → closed', 'close 1006 (network, unclean, final)']
    expect(seen.words).toEqual(
      [0, 1, 2, 3, 4, 5].flatMap((i) => [`${i === 0 ? 'idle' : 'closed'} → connecting`, ...rest]),
    )
    await nothingLeft(socket, server)
  })
})
