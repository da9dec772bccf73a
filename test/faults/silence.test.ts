/** Rows and lines about a peer that says nothing, over real connections: who is found dead, when, and who is not. */
import { beforeEach, describe, expect, test } from 'vitest'
import { HeartbeatError, type LogRecord, ReconnectingSocket } from '../../src/index.js'
import { PING, type RawConnection, serve, TEXT } from './raw-server.js'
import { nothingLeft, record, SLACK, stopwatch, takeBaseline, timers, uncaught } from './record.js'

beforeEach(takeBaseline)

const soon = { backoff: () => 1 }
const accept = (connection: RawConnection): void => void connection.accept()
const silently = (connection: RawConnection): void => {
  connection.answers = 'nothing'
  accept(connection)
}
/** The first connection is answered by nothing, those after it politely. */
const silentAtFirst = (connection: RawConnection, n: number): void =>
  n === 0 ? silently(connection) : accept(connection)

const verdict = ['open → connecting', 'close 1006 (client, unclean, retries)']
const opened = ['connecting → open', 'open 0']
const again = ['connecting → open', 'open 1 again']

test('a peer that does not answer the closing handshake is the reason told', async () => {
  const server = await serve(silently)
  const socket = new ReconnectingSocket(server.url, { closeTimeout: 100 })
  await socket.opened
  socket.close()
  expect(await socket.closed).toMatchObject({ code: 1006, cause: { code: 'ERR_CLOSE_TIMEOUT' } })
  await nothingLeft(socket, server)
})

describe('L', () => {
  test('the peer answers nothing any more: found within interval and timeout, and dialed again', async () => {
    const heartbeat = { interval: 80, timeout: 600 }
    const server = await serve(accept)
    const socket = new ReconnectingSocket(server.url, { heartbeat, retry: soon })
    const seen = record(socket)
    await seen.until('heartbeat', 2)
    server.connections[0]!.answers = 'nothing'
    const start = performance.now()
    const elapsed = stopwatch()
    const { cause } = await seen.until('close')
    const took = performance.now() - start
    expect(took).toBeGreaterThan(heartbeat.timeout - 5)
    expect(elapsed()).toBeLessThan(1.2 * heartbeat.interval + heartbeat.timeout + SLACK)
    expect(cause).toBeInstanceOf(HeartbeatError)
    await seen.until('open', 2)
    await server.connections[0]!.ended
    expect(seen.words.filter((word) => word !== 'heartbeat')).toEqual([...opened, ...verdict, ...again])
    socket.close()
    await socket.closed
    await nothingLeft(socket, server)
  })
})

describe('M', () => {
  const heartbeat = { interval: 30, timeout: 100 }

  test('the verdict of the heartbeat is a transition like any other: told in order, logged, nothing uncaught', async () => {
    const errors = uncaught()
    const server = await serve(silentAtFirst)
    const log: LogRecord[] = []
    const socket = new ReconnectingSocket(server.url, {
      heartbeat,
      retry: soon,
      log: (entry) => log.push(entry),
    })
    const seen = record(socket)
    const states: string[] = []
    socket.on('close', () => states.push(socket.state))
    await seen.until('open', 2)
    expect(seen.words).toEqual([...opened, ...verdict, ...again])
    expect(states).toEqual(['connecting'])
    const told = log.map((entry) => entry.type)
    expect(told.slice(told.indexOf('end'), told.indexOf('end') + 2)).toEqual(['end', 'transition'])
    socket.close()
    await socket.closed
    await nothingLeft(socket, server)
    expect(errors).toEqual([])
  })

  const calls: [string, (socket: ReconnectingSocket) => void, string[]][] = [
    ['close()', (socket) => socket.close(), ['connecting → closed']],
    ['terminate()', (socket) => socket.terminate(), ['connecting → closed']],
    ['reconnect()', (socket) => socket.reconnect(), again],
    ['connect()', (socket) => socket.connect(), again],
    [
      'close() and connect()',
      (socket) => (socket.close(), socket.connect()),
      ['connecting → closed', 'closed → connecting', 'connecting → open', 'open 0'],
    ],
  ]
  test.each(calls)('its listeners may call %s', async (_, call, words) => {
    const errors = uncaught()
    const server = await serve(silentAtFirst)
    const socket = new ReconnectingSocket(server.url, { heartbeat, retry: soon })
    const seen = record(socket)
    socket.on('close', ({ by }) => by === 'client' && call(socket))
    await seen.until('close')
    if (words.some((word) => word.startsWith('open'))) await seen.until('open', 2)
    else await socket.closed
    expect(seen.words).toEqual([...opened, ...verdict, ...words])
    socket.terminate()
    await nothingLeft(socket, server)
    expect(errors).toEqual([])
  })
})

describe('11: sending never extends the verdict, and receiving never suppresses a needed ping', () => {
  test('the client sends all the time: found dead as if it had not', async () => {
    const heartbeat = { interval: 50, timeout: 300 }
    const server = await serve(silentAtFirst)
    const socket = new ReconnectingSocket(server.url, { heartbeat, retry: soon, outbox: false })
    const seen = record(socket)
    await seen.until('open')
    const elapsed = stopwatch()
    let sent = 0
    const talk = setInterval(() => {
      if (socket.state === 'open' && seen.of('open').length === 1)
        sent += socket.send('hello') === 'sent' ? 1 : 0
    }, 5)
    await seen.until('close')
    clearInterval(talk)
    expect(elapsed()).toBeLessThan(1.2 * heartbeat.interval + heartbeat.timeout + SLACK)
    await seen.until('open', 2)
    expect(sent).toBeGreaterThan(0)
    expect(seen.words).toEqual([...opened, ...verdict, ...again])
    socket.close()
    await socket.closed
    await nothingLeft(socket, server)
  })

  test('the server speaks all the time and answers no ping: pinged all the same, and no verdict until it stops', async () => {
    const heartbeat = { interval: 40, timeout: 300 }
    const server = await serve(silentAtFirst)
    const socket = new ReconnectingSocket(server.url, { heartbeat, retry: soon })
    const seen = record(socket)
    const connection = await server.connection(0)
    await seen.until('open')
    const talk = setInterval(() => connection.send('news'), 5)
    // each is sent only after the one before was judged
    await connection.frame(PING, 4)
    clearInterval(talk)
    expect(seen.of('close')).toEqual([])
    const elapsed = stopwatch()
    await seen.until('close')
    expect(elapsed()).toBeLessThan(1.2 * heartbeat.interval + 2 * heartbeat.timeout + SLACK)
    await seen.until('open', 2)
    expect(seen.words.filter((word) => word !== 'message news')).toEqual([...opened, ...verdict, ...again])
    socket.close()
    await socket.closed
    await nothingLeft(socket, server)
  })
})

describe('12: an old heartbeat cannot kill a new connection', () => {
  const heartbeat = { interval: 60, timeout: 700 }
  const replacements: [string, (socket: ReconnectingSocket, old: RawConnection) => void, string[]][] = [
    [
      'lost to RST',
      (_, old) => old.rst(),
      ['open → connecting', 'close 1006 (network, unclean, retries)', ...again],
    ],
    [
      'lost to Close',
      (_, old) => old.close(1001),
      ['open → connecting', 'close 1001 (peer, clean, retries)', ...again],
    ],
    [
      'ended by terminate() and connect()',
      (socket) => (socket.terminate(), socket.connect()),
      [
        'open → closed',
        'close 1006 (user, unclean, final)',
        'closed → connecting',
        'connecting → open',
        'open 0',
      ],
    ],
    [
      'replaced by reconnect()',
      (socket, old) => {
        socket.reconnect()
        void old.frame(8).then(() => old.rst())
      },
      [
        'open → closing',
        'closing → connecting',
        'close 1006 (user, unclean, retries)',
        'connecting → open',
        'open 0 again',
      ],
    ],
  ]
  test.each(replacements)('with its ping out, the old one is %s', async (_, replace, words) => {
    const server = await serve(silentAtFirst)
    const socket = new ReconnectingSocket(server.url, { heartbeat, retry: soon })
    const seen = record(socket)
    const old = await server.connection(0)
    await old.frame(PING)
    const pinged = performance.now()
    replace(socket, old)
    await seen.until('open', 2)
    // of the heartbeat and the clocks: none of the old connection
    expect(timers()).toBe(2)
    // the new one lives beyond the moment of the old verdict
    for (let beats = 1; performance.now() - pinged < 1.5 * heartbeat.timeout; beats++)
      await seen.until('heartbeat', beats)
    expect(seen.words.filter((word) => word !== 'heartbeat')).toEqual([...opened, ...words])
    expect(server.connections).toHaveLength(2)
    socket.send('hello')
    expect((await server.connections[1]!.frame(TEXT)).payload.toString()).toBe('hello')
    socket.terminate()
    await nothingLeft(socket, server)
  })
})
