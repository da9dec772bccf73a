/** What else the ancestor's tracker tells of, each line a test. */
import { getEventListeners } from 'node:events'
import { beforeEach, describe, expect, test } from 'vitest'
import { EveropenError, InvalidArgumentError, type Options, ReconnectingSocket } from '../../src/index.js'
import { type RawConnection, serve, sparePort } from './raw-server.js'
import { eventually, nothingLeft, record, takeBaseline, timers } from './record.js'
import { simulate } from './simulated.js'
import type { Attempt } from '../../src/options/provider.js'

beforeEach(takeBaseline)

const soon = { backoff: () => 1 }
const silent = (connection: RawConnection): void => {
  connection.answers = 'nothing'
}

test('#970: an error for every failed attempt, whatever its number', async () => {
  const refused = new ReconnectingSocket(`ws://127.0.0.1:${sparePort()}/`, { retry: { ...soon, limit: 20 } })
  const seen = record(refused)
  const end = await refused.closed
  expect(seen.words).toEqual([
    ...Array.from({ length: 20 }, () => 'error ERR_CONNECTION'),
    'connecting → closed',
    'error ERR_CONNECTION',
  ])
  expect(end.cause).toMatchObject({ code: 'ERR_RETRY_LIMIT', cause: { code: 'ERR_CONNECTION' } })
  await nothingLeft(refused)
})

test('#1038: a clean 1000 close is no error, and every error payload is an Error', async () => {
  const server = await serve((connection, n) => {
    if (n === 0) void connection.accept().then(() => connection.close(1000))
    if (n === 1) connection.rst()
    if (n === 2) void connection.refuse(503).then(() => connection.fin())
    if (n === 3) connection.write('nonsense\r\n\r\n')
    if (n === 4) connection.fin()
    if (n === 5) silent(connection)
    if (n === 6)
      void connection.request.then(() =>
        connection.write('HTTP/1.1 101 Test\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n'),
      )
    if (n === 7) void connection.accept()
  })
  const options = { retry: soon, connectTimeout: 300 }
  const socket = new ReconnectingSocket(server.url, options)
  const seen = record(socket)
  await seen.until('open', 2)
  const [close] = seen.of('close')
  expect(close).toEqual({ by: 'peer', code: 1000, reason: '', wasClean: true, willRetry: true })
  expect(seen.of('error').map(({ code }) => code)).toEqual([
    'ERR_CONNECTION',
    'ERR_HANDSHAKE',
    'ERR_CONNECTION',
    'ERR_CONNECTION',
    'ERR_CONNECT_TIMEOUT',
    'ERR_CONNECTION',
  ])
  for (const error of seen.of('error')) {
    expect(error).toBeInstanceOf(Error)
    expect(error).toBeInstanceOf(EveropenError)
  }
  socket.close()
  await socket.closed
  await nothingLeft(socket, server)
})

test('#686, #1044: code and reason of the peer are kept; no frame is 1006, an empty frame 1005', async () => {
  const longest = 'é'.repeat(61)
  const ends: [(connection: RawConnection) => void, number, string][] = [
    [(c) => c.close(4000, 'why'), 4000, 'why'],
    [(c) => c.close(1011, longest), 1011, longest],
    [(c) => c.close(1001), 1001, ''],
    [(c) => c.close(), 1005, ''],
    [(c) => c.fin(), 1006, ''],
    [(c) => c.rst(), 1006, ''],
  ]
  const server = await serve((connection, n) => void connection.accept().then(() => ends[n]?.[0](connection)))
  const socket = new ReconnectingSocket(server.url, { retry: soon })
  const seen = record(socket)
  await seen.until('open', ends.length + 1)
  expect(seen.of('close').map(({ code, reason }) => [code, reason])).toEqual(
    ends.map(([, code, reason]) => [code, reason]),
  )
  socket.terminate()
  await nothingLeft(socket, server)
})

/** The interval as it is asked for: chance only makes it shorter. */
const longest = (): number => 1

test('#867, #891, #395: heartbeat state belongs to one connection', async () => {
  const heartbeat = { interval: 1_000, timeout: 400 }
  const { socket, clock, links } = simulate(
    { heartbeat, retry: { backoff: () => 0 } },
    ({ listener }) => queueMicrotask(() => listener.onOpen()),
    longest,
  )
  const seen = record(socket)
  // the first connection is lost with a ping under way, 100 ms before its verdict
  await clock.advance(1_300)
  expect(links[0]!.pings).toBe(1)
  links[0]!.listener.onClose(1006, '', false)
  await clock.advance(0)
  // at the moment of the old verdict, and until the first ping of its own, the second is left alone
  await clock.advance(999)
  expect(seen.words.slice(-1)).toEqual(['open 1 again'])
  expect(links).toHaveLength(2)
  expect(links[1]!.pings).toBe(0)
  await clock.advance(1)
  expect(links[1]!.pings).toBe(1)
  // and a pong that comes from the first is no answer for the second
  links[0]!.listener.onPong()
  await clock.advance(500)
  expect(seen.of('heartbeat')).toEqual([])
  expect(seen.of('close').map(({ by }) => by)).toEqual(['network', 'client'])
  socket.terminate()
  expect(links.map(({ drops }) => drops)).toEqual(links.map(() => 1))
})

test('#1018: the first ping comes after one interval, not two', async () => {
  const { socket, clock, links } = simulate(
    { heartbeat: { interval: 1_000, timeout: 400 } },
    ({ listener }) => queueMicrotask(() => listener.onOpen()),
    longest,
  )
  await clock.advance(999)
  expect(links[0]!.pings).toBe(0)
  await clock.advance(1)
  expect(links[0]!.pings).toBe(1)
  socket.terminate()

  const server = await serve((connection) => void connection.accept())
  const real = new ReconnectingSocket(server.url, { heartbeat: { interval: 50, timeout: 5_000 } })
  const seen = record(real)
  expect((await seen.until('heartbeat', 2)).rtt).toBeGreaterThan(0)
  real.close()
  await real.closed
  await nothingLeft(real, server)
})

describe('#917: all exits share one cleanup', () => {
  const accept = (connection: RawConnection): void => void connection.accept()
  const acceptSilently = (connection: RawConnection): void => {
    silent(connection)
    void connection.accept()
  }
  type Exit = [string, (connection: RawConnection) => void, Options, ((socket: ReconnectingSocket) => void)?]
  const exits: Exit[] = [
    ['Close from the peer', (c) => void c.accept().then(() => c.close(1000)), {}],
    ['a final close code', (c) => void c.accept().then(() => c.close(1008)), { retry: true }],
    ['FIN', (c) => void c.accept().then(() => c.fin()), {}],
    ['RST', (c) => void c.accept().then(() => c.rst()), {}],
    ['a malformed frame', (c) => void c.accept().then(() => c.write(Buffer.from([0xff, 0xff]))), {}],
    ['a malformed frame from a silent peer', (c) => void c.accept({ after: Buffer.from([0xff, 0xff]) }), {}],
    ['close()', accept, {}, (socket) => socket.close()],
    ['close() twice', accept, {}, (socket) => (socket.close(), socket.close())],
    ['close() and terminate()', acceptSilently, {}, (socket) => (socket.close(), socket.terminate())],
    ['close() towards silence', acceptSilently, { closeTimeout: 50 }, (socket) => socket.close()],
    ['terminate()', accept, {}, (socket) => socket.terminate()],
    ['the heartbeat', acceptSilently, { heartbeat: { interval: 20, timeout: 20 } }],
    ['HTTP 401', (c) => void c.refuse(401), { retry: true }],
    ['HTTP 500', (c) => void c.refuse(500), {}],
    ['connectTimeout', silent, { connectTimeout: 300 }],
    ['retry.limit', (c) => c.rst(), { retry: { ...soon, limit: 3 } }],
    ['retry.maxElapsed', (c) => c.rst(), { retry: { ...soon, maxElapsed: 20 } }],
    ['retry.decide', (c) => c.rst(), { retry: { decide: async () => 'stop' as const } }],
    ['a provider that fails', accept, { protocols: () => Promise.reject(new Error('no')) }],
  ]
  test.each(exits)('%s', async (_, script, options, exit) => {
    const server = await serve(script)
    const { signal } = new AbortController()
    const socket = new ReconnectingSocket(server.url, { retry: false, signal, ...options })
    if (exit) socket.on('open', () => exit(socket))
    const seen = record(socket)
    const end = await socket.closed
    expect(seen.of('state').at(-1)?.to).toBe('closed')
    expect(seen.of('close')).toHaveLength(seen.of('open').length)
    expect(socket.snapshot).toMatchObject({ state: 'closed', lastEnd: end, nextDialAt: undefined })
    expect(getEventListeners(signal, 'abort')).toEqual([])
    await nothingLeft(socket, server)
  })

  test('abort', async () => {
    const server = await serve(accept)
    const controller = new AbortController()
    const socket = new ReconnectingSocket(server.url, { signal: controller.signal })
    const seen = record(socket)
    await seen.until('open')
    controller.abort()
    await socket.closed
    expect(seen.words.slice(-3)).toEqual([
      'open → closing',
      'closing → closed',
      'close 1005 (user, clean, final)',
    ])
    expect(getEventListeners(controller.signal, 'abort')).toEqual([])
    await nothingLeft(socket, server)
  })
})

test('#1051: at most one retry timer exists, whatever is called meanwhile', async () => {
  const server = await serve((connection, n) => void (n === 0 ? connection.rst() : connection.accept()))
  const socket = new ReconnectingSocket(server.url, { retry: { backoff: () => 60_000 } })
  const seen = record(socket)
  await seen.until('error')
  await eventually(
    () => 'the end of the first connection',
    () => server.live === 0,
  )
  // beside it there is the one that watches the clocks
  expect(timers()).toBe(2)
  for (let i = 0; i < 50; i++) {
    socket.connect()
    socket.send('waits')
    expect(timers()).toBe(2)
  }
  // each replaces the attempt of the one before, and there is one deadline
  for (let i = 0; i < 50; i++) {
    socket.reconnect()
    expect(timers()).toBe(2)
  }
  await seen.until('open')
  expect(server.connections).toHaveLength(2)
  socket.terminate()
  expect(timers()).toBe(0)
  await nothingLeft(socket, server)
})

test('#964: no signal handlers, nor any other listener on the process', async () => {
  const counts = (): unknown => process.eventNames().map((name) => [name, process.listenerCount(name)])
  const before = counts()
  const server = await serve((connection) => void connection.accept())
  const socket = new ReconnectingSocket(server.url)
  await socket.opened
  expect(counts()).toEqual(before)
  socket.close()
  await socket.closed
  expect(counts()).toEqual(before)
  await nothingLeft(socket, server)
})

test('#932: URL, header and protocol providers run on every attempt', async () => {
  const requests: string[] = []
  const server = await serve((connection, n) => {
    void connection.request.then((head) => requests.push(head))
    if (n === 0) connection.rst()
    if (n === 1) void connection.accept({ protocol: 'p1' }).then(() => connection.close(1001, 'again'))
    if (n > 1) void connection.accept({ protocol: `p${n}` })
  })
  const attempts: Attempt[] = []
  let asked = 0
  const socket = new ReconnectingSocket(
    async (attempt) => {
      attempts.push(attempt)
      return `${server.url}?token=${asked++}`
    },
    {
      retry: soon,
      protocols: ({ number }) => `p${number}`,
      node: { headers: async ({ number }: Attempt) => ({ authorization: `token ${number}` }) },
    },
  )
  const seen = record(socket)
  await seen.until('open', 2)
  expect(attempts.map(({ number, lastEnd }) => [number, lastEnd?.code, lastEnd?.reason])).toEqual([
    [0, undefined, undefined],
    [1, 1006, ''],
    [2, 1001, 'again'],
  ])
  const given = requests.slice(-2).map((head) => ({
    url: /\?token=(\d+)/.exec(head)?.[1],
    header: /^authorization: *token (\d+)/im.exec(head)?.[1],
    protocol: /^sec-websocket-protocol: *p(\d+)/im.exec(head)?.[1],
  }))
  expect(given).toEqual(['1', '2'].map((n) => ({ url: n, header: n, protocol: n })))
  socket.close()
  await socket.closed
  expect(attempts.map(({ signal }) => signal.aborted)).toEqual([true, true, true])
  await nothingLeft(socket, server)
})

test.each([
  ['heartbeat.interval', { interval: 0 }],
  ['heartbeat.interval', { interval: '10' as unknown as number }],
  ['heartbeat.timeout', { timeout: -1 }],
  ['heartbeat.timeout', { timeout: NaN }],
  ['heartbeat.message', { message: 5 as unknown as string }],
  ['heartbeat.isReply', { isReply: 'pong' as unknown as () => boolean }],
  ['heartbeat.intervall', { intervall: 5 }],
])('bad heartbeat options are rejected at once, by name: %s %o', (argument, heartbeat) => {
  const make = (): unknown => new ReconnectingSocket('ws://127.0.0.1/', { heartbeat: heartbeat as object })
  expect(make).toThrow(InvalidArgumentError)
  expect(make).toThrow(expect.objectContaining({ code: 'ERR_INVALID_ARGUMENT', argument }))
})
