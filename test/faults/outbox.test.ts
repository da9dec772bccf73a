/** More lines of the list of peers: what waits, what is reported, and what is retried. */
import { beforeEach, describe, expect, test } from 'vitest'
import { HandshakeError, OutboxFullError, ReconnectingSocket } from '../../src/index.js'
import { BINARY, type RawConnection, serve, TEXT } from './raw-server.js'
import { nothingLeft, quiet, record, takeBaseline, uncaught } from './record.js'

beforeEach(takeBaseline)

const soon = { backoff: () => 1 }
const accept = (connection: RawConnection): void => void connection.accept()

describe('16: the outbox is bounded in count and bytes, and the outcome of send is visible', () => {
  const texts = async (socket: ReconnectingSocket): Promise<string[]> => {
    const server = serverOf.get(socket)!
    socket.connect()
    const connection = await server.connection(0)
    await socket.opened
    socket.send('last')
    for (let n = 1; connection.texts.at(-1) !== 'last'; n++) await connection.frame(TEXT, n)
    socket.close()
    await socket.closed
    await nothingLeft(socket, server)
    return connection.texts
  }
  const serverOf = new WeakMap<ReconnectingSocket, Awaited<ReturnType<typeof serve>>>()
  const make = async (outbox: object): Promise<ReconnectingSocket> => {
    const server = await serve(accept)
    const socket = new ReconnectingSocket(server.url, { autoConnect: false, outbox })
    serverOf.set(socket, server)
    return socket
  }

  test('in count: the one too many is refused with an error, and not accepted', async () => {
    const socket = await make({ maxMessages: 3 })
    expect(['a', 'b', 'c'].map((text) => socket.send(text))).toEqual(['queued', 'queued', 'queued'])
    expect(() => socket.send('d')).toThrow(OutboxFullError)
    expect(socket.bufferedAmount).toBe(3)
    expect(await texts(socket)).toEqual(['a', 'b', 'c', 'last'])
  })

  test('in bytes, as they are on the wire', async () => {
    const socket = await make({ maxBytes: 10 })
    expect(socket.send('ééé')).toBe('queued')
    expect(socket.bufferedAmount).toBe(6)
    expect(() => socket.send('12345')).toThrow(OutboxFullError)
    expect(socket.send('1234')).toBe('queued')
    expect(() => socket.send('5')).toThrow(OutboxFullError)
    expect(await texts(socket)).toEqual(['ééé', '1234', 'last'])
  })

  test('drop-newest: dropped, with an event', async () => {
    const socket = await make({ maxMessages: 2, overflow: 'drop-newest' })
    const seen = record(socket)
    expect(['a', 'b', 'c'].map((text) => socket.send(text))).toEqual(['queued', 'queued', 'dropped'])
    expect(seen.of('drop')).toEqual([{ data: 'c', reason: 'overflow' }])
    expect(await texts(socket)).toEqual(['a', 'b', 'last'])
  })

  test('drop-oldest: the oldest make room, each with an event', async () => {
    const socket = await make({ maxBytes: 6, overflow: 'drop-oldest' })
    const seen = record(socket)
    expect(['aa', 'bb', 'cc', 'dddd'].map((text) => socket.send(text))).toEqual(Array(4).fill('queued'))
    expect(seen.of('drop').map(({ data }) => data)).toEqual(['aa', 'bb'])
    expect(socket.send('far too long')).toBe('dropped')
    expect(seen.of('drop').map(({ data }) => data)).toEqual(['aa', 'bb', 'far too long'])
    expect(await texts(socket)).toEqual(['cc', 'dddd', 'last'])
  })

  test('by default 1,000 messages and 1 MiB', async () => {
    const many = new ReconnectingSocket('ws://127.0.0.1/', { autoConnect: false })
    for (let i = 0; i < 1_000; i++) many.send('')
    expect(() => many.send('')).toThrow(OutboxFullError)
    const big = new ReconnectingSocket('ws://127.0.0.1/', { autoConnect: false })
    expect(big.send(new Uint8Array(2 ** 20))).toBe('queued')
    expect(() => big.send('x')).toThrow(OutboxFullError)
  })

  test('while open it is sent, and the outbox stays empty', async () => {
    const socket = await make({ maxMessages: 0 })
    expect(() => socket.send('early')).toThrow(OutboxFullError)
    socket.connect()
    await socket.opened
    expect(socket.send('now')).toBe('sent')
    const server = serverOf.get(socket)!
    expect((await server.connections[0]!.frame(TEXT)).payload.toString()).toBe('now')
    socket.close()
    await socket.closed
    await nothingLeft(socket, server)
  })

  test('while open it bounds what the platform holds for a peer that does not read', async () => {
    const server = await serve((connection) => {
      void connection.accept().then(() => connection.tcp.pause())
    })
    const most = 2 ** 20
    const socket = new ReconnectingSocket(server.url, { heartbeat: false, outbox: { maxBytes: most } })
    await socket.opened
    const data = 'x'.repeat(10_000)
    // more than the system's own buffers take
    let sent = 0
    const fill = async (): Promise<void> => {
      for (let turn = 0; turn < 20_000; turn++) {
        if (socket.send(data) === 'sent') sent++
        if (turn % 100 === 0) await new Promise(setImmediate)
      }
    }
    await expect(fill()).rejects.toThrow(OutboxFullError)
    expect(socket.bufferedAmount).toBeGreaterThan(most / 2)
    expect(socket.bufferedAmount).toBeLessThanOrEqual(most)
    expect(socket.outbox.size).toBe(0)
    // the peer reads on, and there is room for more
    server.connections[0]!.tcp.resume()
    await socket.drain()
    expect(socket.send(new Uint8Array(3 * most))).toBe('sent')
    await server.connections[0]!.frame(BINARY)
    expect(server.connections[0]!.texts).toHaveLength(sent)
    socket.close()
    await socket.closed
    await nothingLeft(socket, server)
  })

  test('by default that is 16 MiB, and 1 MiB of them may wait', async () => {
    const server = await serve((connection) => {
      void connection.accept().then(() => connection.tcp.pause())
    })
    const socket = new ReconnectingSocket(server.url, { heartbeat: false })
    await socket.opened
    const data = new Uint8Array(2 ** 20)
    const fill = async (): Promise<void> => {
      for (;;) {
        socket.send(data)
        await new Promise(setImmediate)
      }
    }
    await expect(fill()).rejects.toThrow(OutboxFullError)
    expect(socket.bufferedAmount).toBeGreaterThan(15 * 2 ** 20 - 1)
    expect(socket.bufferedAmount).toBeLessThanOrEqual(16 * 2 ** 20)
    socket.terminate()
    await nothingLeft(socket, server)
  })

  test('outbox: false refuses what cannot be sent now', async () => {
    const server = await serve(accept)
    const socket = new ReconnectingSocket(server.url, { outbox: false })
    expect(() => socket.send('early')).toThrow(expect.objectContaining({ code: 'ERR_NOT_OPEN' }))
    await socket.opened
    expect(socket.send('now')).toBe('sent')
    socket.close()
    expect(() => socket.send('late')).toThrow(expect.objectContaining({ code: 'ERR_NOT_OPEN' }))
    await socket.closed
    expect(server.connections[0]!.texts).toEqual(['now'])
    await nothingLeft(socket, server)
  })
})

describe('17: ending an attempt while dialing raises nothing uncaught', () => {
  test.each([
    ['its timeout', {}],
    ['close()', { close: true }],
    ['terminate()', { terminate: true }],
    ['reconnect()', { reconnect: true }],
  ])('%s', async (_, what) => {
    const errors = uncaught()
    const server = await serve((connection) => {
      connection.answers = 'nothing'
    })
    const socket = new ReconnectingSocket(server.url, {
      connectTimeout: 'close' in what ? 10_000 : 60,
      retry: soon,
    })
    const seen = record(socket)
    await (
      await server.connection(0)
    ).request
    if ('close' in what) socket.close()
    else if ('terminate' in what) socket.terminate()
    else if ('reconnect' in what) socket.reconnect()
    if (socket.state === 'connecting') await seen.until('error', 2)
    socket.close()
    for (const connection of server.connections) await connection.ended
    // whatever is to be uncaught has had its turn
    await quiet(20)
    expect(errors).toEqual([])
    await nothingLeft(socket, server)
  })
})

describe('18: closed is said only when it will not dial again, and connect() after close() works', () => {
  test('through drops, refusals and a new run', async () => {
    const server = await serve((connection, n) => {
      if (n % 2 === 1) return connection.rst()
      void connection.accept().then(() => n < 4 && connection.close(1001))
    })
    const socket = new ReconnectingSocket(server.url, { retry: soon, autoConnect: false })
    const seen = record(socket)
    const states = new Set<string>()
    socket.on('*', (type) => {
      if (type === 'close' || type === 'error') states.add(socket.state)
    })
    socket.connect()
    await seen.until('open', 3)
    expect([...states]).toEqual(['connecting'])
    expect(seen.of('state').map(({ to }) => to)).not.toContain('closed')
    socket.close()
    const first = await socket.closed
    expect(seen.of('close').at(-1)).toMatchObject({ willRetry: false, by: 'user' })
    const told = seen.events.length
    await quiet(30)
    expect(seen.events).toHaveLength(told)
    socket.connect()
    expect(socket.state).toBe('connecting')
    await seen.until('open', 4)
    expect(seen.words.slice(told)).toEqual([
      'closed → connecting',
      'error ERR_CONNECTION',
      'connecting → open',
      'open 1',
    ])
    socket.close()
    expect(await socket.closed).not.toBe(first)
    await nothingLeft(socket, server)
  })

  test('connect() while closing: closed first, then a new run', async () => {
    const server = await serve(accept)
    const socket = new ReconnectingSocket(server.url)
    const seen = record(socket)
    await seen.until('open')
    socket.close(4000)
    socket.connect()
    await seen.until('open', 2)
    expect(seen.words).toEqual([
      'connecting → open',
      'open 0',
      'open → closing',
      'closing → closed',
      'close 4000 (user, clean, final)',
      'closed → connecting',
      'connecting → open',
      'open 0',
    ])
    socket.close()
    await socket.closed
    await nothingLeft(socket, server)
  })
})

describe('22: a captive portal answers HTTP: retried, never fatal, never open', () => {
  const page = '<html>' + 'sign in here '.repeat(1_000)
  const answers: [string, number, string[]][] = [
    ['200 with a body', 200, [`Content-Length: ${page.length}`, 'Content-Type: text/html']],
    ['200 with a body that never ends', 200, ['Content-Length: 999999999']],
    ['200 with a body that the connection ends', 200, ['Connection: close']],
    ['302 with a body', 302, ['Location: http://127.0.0.1/sign-in', `Content-Length: ${page.length}`]],
    ['302 to a WebSocket', 302, ['Location: ws://127.0.0.1/', 'Content-Length: 99999']],
  ]
  test.each(answers)('%s', async (_, status, headers) => {
    const errors = uncaught()
    const server = await serve((connection, n) => {
      if (n < 3) void connection.refuse(status, headers, page)
      else void connection.accept()
    })
    const socket = new ReconnectingSocket(server.url, { retry: soon, autoConnect: false })
    const seen = record(socket)
    socket.connect()
    await seen.until('open')
    expect(seen.words).toEqual([
      'idle → connecting',
      ...Array(3).fill('error ERR_HANDSHAKE'),
      'connecting → open',
      'open 3',
    ])
    for (const error of seen.of('error')) {
      expect(error).toBeInstanceOf(HandshakeError)
      expect((error as HandshakeError).status).toBe(status)
    }
    for (const connection of server.connections.slice(0, 3)) await connection.ended
    socket.close()
    await socket.closed
    await nothingLeft(socket, server)
    expect(errors).toEqual([])
  })
})
