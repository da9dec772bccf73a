/** SessionSocket over real sockets: lost connections, servers that die, sessions that end. */
import { once as emitted } from 'node:events'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import { WebSocketServer } from 'ws'
import { DrainError } from '../../src/index.js'
import { SessionLostError } from '../../src/session/errors.js'
import { SessionSocket } from '../../src/session/socket.js'
import type { SessionSocketOptions } from '../../src/session/options.js'
import { type ServerOptions, TestServer } from './server.js'

const quick = { backoff: { type: 'constant', base: 20 } } as const

const running: { stop(): Promise<void> | void }[] = []
afterEach(async () => {
  for (const { stop } of running.splice(0).reverse()) await stop()
})

async function serve(options: ServerOptions = {}): Promise<TestServer> {
  const server = await new TestServer(options).start()
  running.push({ stop: () => server.kill() })
  return server
}

function connect(server: TestServer, options: SessionSocketOptions = {}): SessionSocket {
  const socket = new SessionSocket(server.url, { retry: quick, ...options })
  running.push({ stop: () => socket.terminate() })
  return socket
}

const heard = (socket: SessionSocket): unknown[] => {
  const messages: unknown[] = []
  socket.on('message', (data) => messages.push(data))
  return messages
}
const once = <K extends 'open' | 'close' | 'lost' | 'resumed' | 'message'>(socket: SessionSocket, type: K) =>
  new Promise((resolve) => {
    const undo = socket.on(type, (detail) => (undo(), resolve(detail)))
  })

describe('messages', () => {
  test('are numbered, delivered and forgotten, before and after the first connection', async () => {
    const server = await serve()
    const socket = connect(server)
    expect(socket.send('one')).toBe(1)
    await socket.opened
    expect(socket.send('two')).toBe(2)
    await socket.delivered(2)
    expect(server.all[0]!.messages).toEqual(['one', 'two'])
    expect(server.all[0]!.numbers).toEqual([1, 2])
    expect(socket.held).toMatchObject({ size: 0, bytes: 0 })
    expect(socket.id).toBe(server.all[0]!.id)
  })

  test('are drained when the server has taken them over, and not when they have left', async () => {
    const server = await serve()
    const socket = connect(server)
    socket.send('one')
    await socket.drain()
    expect([server.all[0]!.messages, socket.held.size]).toEqual([['one'], 0])
    await server.kill()
    socket.send('two')
    const error = await socket.drain({ timeout: 50 }).catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(DrainError)
    expect(error).toMatchObject({ messages: 1, bytes: 3 })
    expect((error as DrainError).message).toMatch(/with 1 message \(3 bytes\) not acknowledged/)
    socket.close()
    await expect(socket.drain()).rejects.toThrow(DrainError)
    expect(() => socket.drain({ timeout: -1 })).toThrow('timeout')
  })

  test('sent while others are drained are drained too, and drain() rejects if they are lost', async () => {
    const handle = (_session: unknown, data: unknown): Promise<void> | void =>
      data === 'two' ? new Promise(() => {}) : undefined
    const server = await serve({ handle })
    const socket = connect(server)
    await socket.opened
    const first = socket.send('one')
    const drained = expect(socket.drain()).rejects.toMatchObject({
      code: 'ERR_SESSION_LOST',
      reason: 'ended',
    })
    socket.send('two')
    await socket.delivered(first)
    server.all[0]!.end()
    await drained
  })

  test('arrive as they are: what looks like control, binary, empty', async () => {
    const server = await serve()
    const socket = connect(server)
    const messages = heard(socket)
    const texts = ['', '\u0001', '\u0001a5', '\u0001\u0001h{}', 'ä\u0001', '\ud83d\ude00']
    for (const text of texts) socket.send(text)
    const last = socket.send(new Uint8Array([1, 97, 53]).subarray(1))
    await socket.delivered(last)
    const [session] = server.all
    expect(session!.messages).toEqual([...texts, Buffer.from([97, 53])])
    for (const text of texts) session!.send(text)
    session!.send(Buffer.from([1, 104]))
    await server.until(() => messages.length > texts.length || session!.messages.length > 7)
    while (messages.length <= texts.length) await once(socket, 'message')
    expect(messages.slice(0, -1)).toEqual(texts)
    expect(new Uint8Array(messages.at(-1) as ArrayBuffer)).toEqual(new Uint8Array([1, 104]))
    expect(socket.received).toBe(7)
  })

  test('cross losses of the connection once each, in order, both ways', async () => {
    const server = await serve({ window: 500 })
    const socket = connect(server)
    const down = heard(socket)
    await socket.opened
    const session = server.all[0]!
    const N = 400
    const want: string[] = []
    for (let i = 0; i < N; i++) {
      want.push(`message ${i}`)
      socket.send(`message ${i}`)
      session.send(`message ${i}`)
      if (i % 37 === 0) {
        for (const client of server.clients) client.terminate()
        await once(socket, 'open')
      }
    }
    await socket.delivered(N)
    while (down.length < N) await once(socket, 'message')
    expect(session.messages).toEqual(want)
    expect(down).toEqual(want)
  })

  test('cross deaths of the server', async () => {
    const server = await serve()
    const socket = connect(server)
    const want: string[] = []
    for (let death = 0; death < 5; death++) {
      for (let i = 0; i < 50; i++) {
        want.push(`${death}.${i}`)
        socket.send(want.at(-1)!)
      }
      if (death % 2 === 0) await server.until(() => server.sessions.size > 0)
      await server.kill()
      await server.start()
    }
    await socket.delivered(want.length)
    // what was in a handler's hands when its server died is given again, with the same number
    const taken = new Map<number, unknown>()
    for (const { numbers, messages } of server.all)
      numbers.forEach((number, index) => taken.set(number, messages[index]))
    expect([...taken.values()]).toEqual(want)
  })

  test('wait for a handler, and no more than the window are on their way', async () => {
    let release!: () => void
    const gate = new Promise<void>((resolve) => (release = resolve))
    const server = await serve({ window: 100, handle: () => gate })
    const socket = connect(server)
    for (let i = 0; i < 50; i++) socket.send('x'.repeat(10))
    await socket.opened
    await server.until(() => (server.all[0]?.messages.length ?? 0) >= 10)
    expect(server.all[0]!.messages).toHaveLength(10)
    expect(socket.held).toMatchObject({ size: 50, bytes: 500 })
    release()
    await socket.delivered(50)
    expect(server.all[0]!.messages).toHaveLength(50)
  })

  test('are copies: what happens to a buffer afterwards is not sent', async () => {
    const server = await serve()
    const socket = connect(server, { autoConnect: false })
    const bytes = new Uint8Array([1, 2, 3])
    const number = socket.send(bytes)
    bytes.fill(0)
    socket.connect()
    await socket.delivered(number)
    expect(server.all[0]!.messages).toEqual([Buffer.from([1, 2, 3])])
  })
})

describe('a session', () => {
  test('that a plain server is asked for fails with what is missing: the answer to the hello', async () => {
    const server = new WebSocketServer({ host: '127.0.0.1', port: 0 })
    await emitted(server, 'listening')
    running.push({ stop: () => server.close() })
    const { port } = server.address() as AddressInfo
    const socket = new SessionSocket(`ws://127.0.0.1:${port}`, { retry: quick, connectTimeout: 200 })
    running.push({ stop: () => socket.terminate() })
    // the machine may be so busy that the time is over while dialing: then the next attempt tells it
    const error = await new Promise<Error>((resolve) =>
      socket.on('error', (reason) => reason.cause !== undefined && resolve(reason)),
    )
    expect(error).toMatchObject({ code: 'ERR_CONNECT_TIMEOUT' })
    expect(error.cause).toMatchObject({ code: 'ERR_HELLO' })
    expect((error.cause as Error).message).toContain('the server may not have answered')
  })

  test('that comes back tells resumed before open, and what is sent again', async () => {
    const server = await serve({ handle: () => new Promise(() => {}) })
    const socket = connect(server)
    await socket.opened
    socket.send('a')
    socket.send('b')
    await server.until(() => server.all[0]!.messages.length === 2)
    const order: unknown[] = []
    socket.on('*', (type, detail) => {
      if (type === 'open' || type === 'resumed') order.push(type, detail)
    })
    const opened = once(socket, 'open')
    server.clients[0]!.terminate()
    await opened
    expect(order).toEqual(['resumed', { missed: 2 }, 'open', expect.anything()])
    expect(server.all[0]!.messages).toEqual(['a', 'b'])
  })

  test('goes on after close() and connect()', async () => {
    const server = await serve()
    const socket = connect(server)
    await socket.delivered(socket.send('a'))
    socket.close()
    await socket.closed
    const number = socket.send('b')
    socket.connect()
    await socket.delivered(number)
    expect(server.all).toHaveLength(1)
    expect(server.all[0]!.messages).toEqual(['a', 'b'])
  })

  test('that the server has forgotten is lost: what was held is told by number, and not sent', async () => {
    const server = await serve({ handle: () => new Promise(() => {}) })
    const socket = connect(server)
    await socket.opened
    const { id } = socket
    const [first, second] = [socket.send('a'), socket.send('b')]
    const rejected = expect(socket.delivered(second)).rejects.toThrow(SessionLostError)
    const again = new Promise<number>((resolve) =>
      socket.on('lost', ({ messages }) => resolve(socket.send(`again ${messages.length}`))),
    )
    const lost = once(socket, 'lost')
    server.forget()
    server.clients[0]!.terminate()
    expect(await lost).toEqual({
      reason: 'expired',
      session: id,
      messages: [
        { number: first, data: 'a' },
        { number: second, data: 'b' },
      ],
    })
    await rejected
    await expect(socket.delivered(first)).rejects.toMatchObject({
      code: 'ERR_SESSION_LOST',
      reason: 'expired',
    })
    expect(await again).toBe(3)
    await server.until(() => server.all[1]?.messages.length === 1)
    expect(server.all[1]!.messages).toEqual(['again 2'])
    expect(server.all[1]!.numbers).toEqual([1])
    expect(socket.id).not.toBe(id)
  })

  test.each([
    ['ended', 4101],
    ['limits', 4102],
  ] as const)('that the server ends is lost (%s), and not begun anew unasked', async (reason, code) => {
    const server = await serve()
    const socket = connect(server)
    await socket.delivered(socket.send('a'))
    const lost = once(socket, 'lost')
    server.all[0]!.end(reason)
    expect(await lost).toMatchObject({ reason, messages: [] })
    expect(await socket.closed).toMatchObject({ code, by: 'peer' })
    socket.connect()
    await socket.delivered(socket.send('b'))
    expect(server.all[1]!.messages).toEqual(['b'])
  })

  test('that its user ends is forgotten by the server', async () => {
    const server = await serve()
    const socket = connect(server)
    await socket.delivered(socket.send('a'))
    expect(server.sessions.size).toBe(1)
    socket.end()
    await socket.closed
    await server.until(() => server.sessions.size === 0)
    expect(socket.id).toBeUndefined()
  })

  test('that another connection takes over is taken back once, and then left', async () => {
    const server = await serve()
    const socket = connect(server)
    await socket.opened
    const takeOver = (): void => server.clients.at(-1)!.close(4100)
    const opened = once(socket, 'open')
    takeOver()
    await opened
    takeOver()
    expect(await socket.closed).toMatchObject({ code: 4100 })
    socket.connect()
    await socket.delivered(socket.send('a'))
  })
})
