/** The rows of the ancestor's failures that are about a dial, a deadline or a listener; the others: ancestor.test.ts. */
import { beforeEach, describe, expect, test } from 'vitest'
import { CloseTimeoutError, ReconnectingSocket } from '../../src/index.js'
import { CLOSE, closeCode, encode, type RawConnection, serve, sparePort } from './raw-server.js'
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

beforeEach(takeBaseline)

const soon = { backoff: () => 1 }

describe('H', () => {
  test('close() during the backoff: the timer is gone, closed at once, no dial', async () => {
    const server = await serve((connection) => {
      void connection.accept().then(() => connection.close(1001))
    })
    const socket = new ReconnectingSocket(server.url, { retry: { backoff: () => 40 }, autoConnect: false })
    const seen = record(socket)
    socket.connect()
    await seen.until('close')
    await eventually(
      () => 'the end of the connection',
      () => server.live === 0,
    )
    // that of the backoff, and the one that watches the clocks
    expect(timers()).toBe(2)
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
    const elapsed = stopwatch()
    await seen.until('open', 3)
    expect(elapsed()).toBeLessThan(100 + SLACK)
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
    const socket = new ReconnectingSocket(server.url, {
      connectTimeout: 200,
      retry: soon,
      autoConnect: false,
    })
    const seen = record(socket)
    const start = performance.now()
    const elapsed = stopwatch()
    socket.connect()
    await seen.until('error')
    const took = performance.now() - start
    expect(took).toBeGreaterThan(195)
    expect(elapsed()).toBeLessThan(200 + SLACK)
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
        const more = (): unknown =>
          connection.tcp.writable && connection.send('x'.repeat(1_000)) && setImmediate(more)
        more()
      },
    ],
  ])('close() from elsewhere while open, when the peer %s: within closeTimeout', async (_, then) => {
    const server = await serve((connection) => void connection.accept().then(() => then(connection)))
    const socket = new ReconnectingSocket(server.url, { closeTimeout: 150, autoConnect: false })
    const seen = record(socket)
    socket.connect()
    await seen.until('open')
    const elapsed = stopwatch()
    setImmediate(() => socket.close(1000, 'done'))
    const end = await socket.closed
    expect(elapsed()).toBeLessThan(150 + SLACK)
    expect(end).toMatchObject({
      by: 'user',
      code: 1006,
      wasClean: false,
      cause: expect.any(CloseTimeoutError),
    })
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
    await eventually(
      () => 'every error',
      () => errors.length === expected.length,
    )
    expect(errors.map((error) => (error as Error).message)).toEqual(seen.events.map(({ type }) => type))
    await nothingLeft(socket, server)
  })
})

describe('P', () => {
  test('the server is down at first, then up: the first success is open, and no reconnect', async () => {
    const port = sparePort()
    const socket = new ReconnectingSocket(`ws://127.0.0.1:${port}/`, {
      retry: { backoff: () => 5 },
      autoConnect: false,
    })
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
