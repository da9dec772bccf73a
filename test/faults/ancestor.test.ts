/** The rows of the ancestor's failures: what a peer and a user do there, and the whole sequence of events here. */
import { getEventListeners } from 'node:events'
import { beforeEach, describe, expect, test, vi } from 'vitest'
import { CloseTimeoutError, ReconnectingSocket } from '../../src/index.js'
import { CLOSE, CLOSE_WAIT, closeCode, closePayload, encode, kernelSockets, kernelTable } from './raw-server.js'
import { type RawConnection, serve, sparePort } from './raw-server.js'
import { eventually, nothingLeft, quiet, record, SLACK, takeBaseline, timers, uncaught } from './record.js'

// a real mitt, whose registries can be counted
const registries = vi.hoisted((): Map<unknown, unknown[] | undefined>[] => [])
vi.mock('mitt', async (original) => {
  const { default: mitt } = await original<typeof import('mitt')>()
  return {
    default: () => {
      const emitter = mitt()
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

test.skipIf(!kernelTable)('CLOSE_WAIT is seen in the table of the kernel (Linux only: there is none elsewhere)', async () => {
  const server = await serve((connection) => {
    connection.answers = 'nothing'
    void connection.accept()
  })
  const socket = new ReconnectingSocket(server.url)
  const seen = record(socket)
  await seen.until('open')
  socket.terminate()
  await eventually(() => 'CLOSE_WAIT', () => kernelSockets(server.port, CLOSE_WAIT, 'server') === 1)
  await nothingLeft(socket, server)
})

describe('A', () => {
  test('connect() again after each of 6 server closes: 6 opens, 6 closes, on one instance', async () => {
    const codes = [1000, 1001, 1005, 1011, 1012, 4321]
    const server = await serve(
      endsWhenTold(...codes.map((code) => (c: RawConnection) => (code === 1005 ? c.close() : c.close(code, 'bye')))),
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
      void connection.accept({ after: bye })
      void connection.frame(CLOSE).then(() => connection.rst())
    })
    const { signal } = new AbortController()
    registries.length = 0
    const socket = new ReconnectingSocket(server.url, { retry: false, signal })
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
  }, 30_000)
})

describe('C', () => {
  test('retry on, the server sends Close: every time one close, then a retry', async () => {
    const codes = [1000, 1001, 1005, 1011, 1014, 3008, 4321]
    const server = await serve(
      endsWhenTold(...codes.map((code) => (c: RawConnection) => (code === 1005 ? c.close() : c.close(code, 'bye')))),
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
    expect(seen.words.slice(-3)).toEqual(['open → closing', 'closing → closed', 'close 1005 (user, clean, final)'])
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

describe('H', () => {
  test('close() during the backoff: the timer is gone, closed at once, no dial', async () => {
    const server = await serve((connection) => {
      void connection.accept().then(() => connection.close(1001))
    })
    const socket = new ReconnectingSocket(server.url, { retry: { backoff: () => 40 }, autoConnect: false })
    const seen = record(socket)
    socket.connect()
    await seen.until('close')
    await eventually(() => 'the timer of the backoff alone', () => timers() === 1 && server.live === 0)
    expect(socket.snapshot.phase).toBe('waiting')
    socket.close()
    expect(socket.state).toBe('closed')
    expect(timers()).toBe(0)
    expect((await socket.closed).by).toBe('user')
    await quiet(100)
    expect(server.connections).toHaveLength(1)
    expect(seen.words).toEqual([
      'idle → connecting',
      'connecting → open',
      'open 0',
      'open → connecting',
      'close 1001 (peer, clean, retries)',
      'connecting → closed',
    ])
    await nothingLeft(socket, server)
  })
})

describe('I', () => {
  test('close() during a slow handshake: no open, nothing uncaught, the TCP connection ends', async () => {
    const errors = uncaught()
    const server = await serve()
    const socket = new ReconnectingSocket(server.url, { autoConnect: false })
    const seen = record(socket)
    socket.connect()
    const connection = await server.connection(0)
    await connection.request
    socket.close()
    expect(socket.state).toBe('closed')
    // the answer comes too late, and may cross the end
    await connection.accept({ after: encode(1, Buffer.from('late')) })
    await connection.ended
    await nothingLeft(socket, server)
    expect(seen.words).toEqual(['idle → connecting', 'connecting → closed'])
    expect(socket.snapshot.lastEnd).toMatchObject({ by: 'user', code: 1006 })
    expect(errors).toEqual([])
  })
})

describe('J', () => {
  test('the peer sends Close but leaves TCP open, after an earlier drop: over within closeTimeout, then a retry', async () => {
    const server = await serve((connection, n) => {
      if (n === 1) connection.answers = 'nothing'
      void connection.accept().then(() => {
        if (n === 0) connection.rst()
        if (n === 1) connection.sendClose(1000, 'bye')
      })
    })
    const socket = new ReconnectingSocket(server.url, { closeTimeout: 100, retry: soon, autoConnect: false })
    const seen = record(socket)
    socket.connect()
    await seen.until('open', 2)
    const start = performance.now()
    await seen.until('open', 3)
    expect(performance.now() - start).toBeLessThan(100 + SLACK)
    expect(seen.words).toEqual([
      'idle → connecting',
      'connecting → open',
      'open 0',
      'open → connecting',
      'close 1006 (network, unclean, retries)',
      'connecting → open',
      'open 1 again',
      'open → connecting',
      'close 1000 bye (peer, clean, retries)',
      'connecting → open',
      'open 2 again',
    ])
    socket.close()
    await socket.closed
    await nothingLeft(socket, server)
  })
})

describe('K', () => {
  test('TCP accepted, no HTTP answer: an error at connectTimeout, then a retry', async () => {
    const server = await serve((connection, n) => {
      connection.answers = n < 2 ? 'nothing' : 'politely'
      if (n === 2) void connection.accept()
    })
    const socket = new ReconnectingSocket(server.url, { connectTimeout: 200, retry: soon, autoConnect: false })
    const seen = record(socket)
    const start = performance.now()
    socket.connect()
    await seen.until('error')
    const took = performance.now() - start
    expect(took).toBeGreaterThan(195)
    expect(took).toBeLessThan(200 + SLACK)
    await seen.until('open')
    await server.connections[0]!.ended
    await server.connections[1]!.ended
    expect(seen.words).toEqual([
      'idle → connecting',
      'error ERR_CONNECT_TIMEOUT',
      'error ERR_CONNECT_TIMEOUT',
      'connecting → open',
      'open 2',
    ])
    socket.close()
    await socket.closed
    await nothingLeft(socket, server)
  })
})

describe('N', () => {
  test.each([
    ['says no word more', (connection: RawConnection) => (connection.answers = 'nothing')],
    [
      'is flooding us',
      (connection: RawConnection) => {
        connection.answers = 'nothing'
        const more = (): unknown => connection.tcp.writable && connection.send('x'.repeat(1_000)) && setImmediate(more)
        more()
      },
    ],
  ])('close() from elsewhere while open, when the peer %s: within closeTimeout', async (_, then) => {
    const server = await serve((connection) => void connection.accept().then(() => then(connection)))
    const socket = new ReconnectingSocket(server.url, { closeTimeout: 150, autoConnect: false })
    const seen = record(socket)
    socket.connect()
    await seen.until('open')
    const start = performance.now()
    setImmediate(() => socket.close(1000, 'done'))
    const end = await socket.closed
    expect(performance.now() - start).toBeLessThan(150 + SLACK)
    expect(end).toMatchObject({ by: 'user', code: 1006, wasClean: false, cause: expect.any(CloseTimeoutError) })
    expect(seen.words.filter((word) => !word.startsWith('message'))).toEqual([
      'idle → connecting',
      'connecting → open',
      'open 0',
      'open → closing',
      'closing → closed',
      'close 1006 (user, unclean, final)',
    ])
    await nothingLeft(socket, server)
  })

  test('close() towards a peer that answers: its code and reason arrive, and end the handshake', async () => {
    const server = await serve((connection) => void connection.accept())
    const socket = new ReconnectingSocket(server.url)
    const seen = record(socket)
    await seen.until('open')
    socket.close(4000, 'done')
    expect(socket.state).toBe('closing')
    await socket.closed
    const { payload } = await server.connections[0]!.frame(CLOSE)
    expect([closeCode(payload), payload.subarray(2).toString()]).toEqual([4000, 'done'])
    expect(seen.words.slice(2)).toEqual([
      'open → closing',
      'closing → closed',
      'close 4000 done (user, clean, final)',
    ])
    await nothingLeft(socket, server)
  })
})

describe('O', () => {
  test('a listener of any event throws: the next listener and the machine go on, and the error surfaces', async () => {
    const errors = uncaught()
    const server = await serve((connection, n) => {
      if (n === 0) return connection.rst()
      void connection.accept({ after: encode(1, Buffer.from('hello')) })
      void connection.frame(1).then(() => connection.close(1001))
    })
    const socket = new ReconnectingSocket(server.url, { retry: soon, autoConnect: false })
    for (const type of ['state', 'error', 'open', 'message', 'close'] as const)
      socket.on(type, () => {
        throw new Error(type)
      })
    const seen = record(socket)
    socket.on('message', () => socket.send('end'))
    socket.connect()
    await seen.until('message', 2)
    socket.terminate()
    const expected = [
      'idle → connecting',
      'error ERR_CONNECTION',
      'connecting → open',
      'open 1',
      'message hello',
      'open → connecting',
      'close 1001 (peer, clean, retries)',
      'connecting → open',
      'open 2 again',
      'message hello',
      'open → closed',
      'close 1006 (user, unclean, final)',
    ]
    expect(seen.words).toEqual(expected)
    await eventually(() => 'every error', () => errors.length === expected.length)
    expect(errors.map((error) => (error as Error).message)).toEqual(seen.events.map(({ type }) => type))
    await nothingLeft(socket, server)
  })
})

describe('P', () => {
  test('the server is down at first, then up: the first success is open, and no reconnect', async () => {
    const port = sparePort()
    const socket = new ReconnectingSocket(`ws://127.0.0.1:${port}/`, { retry: { backoff: () => 5 }, autoConnect: false })
    const seen = record(socket)
    socket.connect()
    await seen.until('error', 3)
    const server = await serve((connection) => void connection.accept(), port)
    const { attempt, reconnected } = await seen.until('open')
    expect(reconnected).toBe(false)
    expect(attempt).toBe(seen.of('error').length)
    expect(seen.words).toEqual([
      'idle → connecting',
      ...Array.from({ length: attempt }, () => 'error ERR_CONNECTION'),
      'connecting → open',
      `open ${attempt}`,
    ])
    socket.close()
    await socket.closed
    await nothingLeft(socket, server)
  })
})
