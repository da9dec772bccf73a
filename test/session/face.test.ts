/** What a SessionSocket takes, refuses and tells. */
import { afterEach, describe, expect, test, vi } from 'vitest'
import { WebSocketServer, type WebSocket } from 'ws'
import type { AddressInfo } from 'node:net'
import type { NodeSessionEvents } from '../../src/session/events.js'
import { tabs } from '../../src/tabs/index.js'
import { SessionSocket } from '../../src/session/socket.js'
import type { SessionSocketOptions } from '../../src/session/options.js'
import { TestServer, type ServerOptions } from './server.js'

const quick = { backoff: { type: 'constant', base: 20 } } as const
const stops: (() => Promise<void> | void)[] = []
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop()
})

async function serve(options?: ServerOptions): Promise<TestServer> {
  const server = await new TestServer(options).start()
  stops.push(() => server.kill())
  return server
}

function connect(url: string, options: SessionSocketOptions = {}): SessionSocket<NodeSessionEvents> {
  const socket = new SessionSocket<NodeSessionEvents>(url, { retry: quick, ...options })
  stops.push(() => socket.terminate())
  return socket
}

/** A server that says what it likes. */
async function rogue(script: (socket: WebSocket, connection: number) => void): Promise<string> {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0 })
  let connections = 0
  server.on('connection', (socket) => {
    socket.on('error', () => {})
    socket.once('message', () => script(socket, connections++))
  })
  await new Promise((resolve) => server.once('listening', resolve))
  stops.push(() => {
    for (const client of server.clients) client.terminate()
    server.close()
  })
  return `ws://127.0.0.1:${(server.address() as AddressInfo).port}/`
}

const welcome = '\u0001w{"id":"i","token":"t","received":0,"resumed":false,"ttl":1000,"window":1000}'

describe('options', () => {
  const make = (options: unknown) => () => new SessionSocket('ws://a.test/', options as SessionSocketOptions)

  test.each([
    [{ hello: 'x' }, 'hello'],
    [{ outbox: false }, 'outbox'],
    [{ codec: { encode: String, decode: String } }, 'codec'],
    [{ heartbeat: { message: 'ping' } }, 'heartbeat.message'],
    [{ heartbeat: { isReply: () => true } }, 'heartbeat.isReply'],
    [{ heartbeat: 1 }, 'heartbeat'],
    [{ session: 1 }, 'session'],
    [{ session: { store: {} } }, 'session.store'],
    [{ session: { store: null } }, 'session.store'],
    [{ session: { maxMessages: -1 } }, 'session.maxMessages'],
    [{ session: { maxBytes: '1' } }, 'session.maxBytes'],
    [{ session: { more: 1 } }, 'session.more'],
    [{ protocols: 1 }, 'protocols'],
    [{ WebSocket: tabs() }, 'WebSocket'],
    [{ WebSocket: class extends tabs() {} }, 'WebSocket'],
    [{ WebSocket: 1 }, 'WebSocket'],
    [{ connectTimeout: -1 }, 'connectTimeout'],
    ['chat', 'options'],
  ])('%j are refused at once', (options, argument) => {
    expect(make(options)).toThrow(
      expect.objectContaining({ code: 'ERR_INVALID_ARGUMENT', argument }) as Error,
    )
  })

  test('protocols are offered beside the session’s own, from a function too', async () => {
    const server = await serve()
    for (const protocols of ['chat', () => ['chat'], undefined]) {
      const socket = connect(server.url, { protocols, heartbeat: { interval: 1_000 } })
      await socket.opened
      expect(socket.protocol).toBe('everopen.session.1')
    }
  })

  test('an aborted signal dials nothing', async () => {
    const server = await serve()
    const socket = connect(server.url, { signal: AbortSignal.abort() })
    expect(socket.state).toBe('closed')
    expect(server.clients).toEqual([])
  })
})

describe('send() and delivered()', () => {
  test('refuse what cannot be held, and lose nothing by it', async () => {
    const server = await serve()
    const socket = connect(server.url, { session: { maxMessages: 2, maxBytes: 5 }, autoConnect: false })
    expect(() => socket.send(new Blob(['x']) as never)).toThrow('data must not be a Blob')
    expect(() => socket.send(1 as never)).toThrow('data must be')
    expect(() => socket.send('123456')).toThrow(expect.objectContaining({ code: 'ERR_OUTBOX_FULL' }) as Error)
    expect(socket.send('1234')).toBe(1)
    expect(() => socket.send('ä')).toThrow('full')
    expect(socket.send('')).toBe(2)
    expect(() => socket.send('')).toThrow('full')
    for (const number of [3, 1.5, '1', undefined])
      expect(() => socket.delivered(number as number)).toThrow(
        'number must be a number that send() has returned',
      )
    socket.connect()
    await Promise.all([socket.delivered(1), socket.delivered(1), socket.delivered(2)])
    await socket.delivered(1)
    expect(server.all[0]!.messages).toEqual(['1234', ''])
  })
})

describe('events', () => {
  test('of the socket and of the session, by name and all; off() ends them', async () => {
    const server = await serve()
    const socket = connect(server.url)
    const told: unknown[] = []
    const data: unknown[] = []
    const heard: unknown[] = []
    socket.on('*', (type) => told.push(type))
    socket.on('data', (detail) => data.push(detail))
    const listener = (message: unknown): void => void heard.push(message)
    socket.on('message', listener)
    await socket.opened
    server.all[0]!.send('a')
    server.all[0]!.send(Buffer.from([1]))
    while (data.length < 2) await new Promise((resolve) => socket.on('message', resolve))
    socket.off('message', listener)
    server.all[0]!.send('b')
    await new Promise((resolve) => socket.on('message', resolve))
    expect(heard).toHaveLength(2)
    expect(data.slice(0, 2)).toMatchObject([{ opcode: 1, data: 'a' }, { opcode: 2 }])
    // no word of control
    expect(told).toEqual(['state', 'open', 'message', 'message', 'message'])
  })

  test('that Node alone has come too', async () => {
    const server = await serve()
    const socket = connect(server.url)
    const ping = new Promise((resolve) => socket.on('ping', resolve))
    const never = (): void => expect.fail('it was removed')
    socket.on('ping', never)
    socket.off('ping', never)
    await socket.opened
    server.clients[0]!.ping('x')
    expect(String(await ping)).toBe('x')
  })

  test('methods can be called unbound', async () => {
    const server = await serve()
    const socket = connect(server.url)
    const { on, off, close } = socket
    const heard: unknown[] = []
    const listener = (message: unknown): void => void heard.push(message)
    const more = new Promise((resolve) => on('message', resolve))
    on('message', listener)
    await socket.opened
    server.all[0]!.send('a')
    await more
    off('message', listener)
    close()
    await socket.closed
    expect(heard).toEqual(['a'])
  })

  test('that there are not are refused', () => {
    const socket = connect('ws://a.test/', { autoConnect: false })
    expect(() => socket.on('opened' as never, () => {})).toThrow('type must be one of')
    expect(() => socket.off('opened' as never, () => {})).toThrow('type must be one of')
    expect(() => socket.on('open', 1 as never)).toThrow('listener must be a function')
    expect(() => socket.off('open', 1 as never)).toThrow('listener must be a function')
  })

  test('iteration gives messages alone', async () => {
    const server = await serve()
    const socket = connect(server.url)
    const iterator = socket[Symbol.asyncIterator]()
    await socket.opened
    server.all[0]!.send('\u0001a')
    expect(await iterator.next()).toEqual({ done: false, value: '\u0001a' })
  })

  test('a message sent from a listener of resumed goes behind those that are sent again', async () => {
    const server = await serve({ handle: () => new Promise(() => {}) })
    const socket = connect(server.url)
    await socket.opened
    for (const text of ['a', 'b']) socket.send(text)
    await server.until(() => server.all[0]!.messages.length === 2)
    await server.kill()
    socket.on('resumed', () => void socket.send('c'))
    await server.start()
    await server.until(() => server.all[1]?.messages.length === 3)
    expect(server.all[1]!.messages).toEqual(['a', 'b', 'c'])
  })

  test('nothing is told of what a lost connection held: it is sent again', async () => {
    const server = await serve()
    const socket = connect(server.url)
    const dropped: unknown[] = []
    socket.on('drop', (detail) => dropped.push(detail))
    await socket.opened
    server.clients[0]!.pause()
    for (let i = 0; i < 50; i++) socket.send('x'.repeat(1_000_0))
    server.clients[0]!.terminate()
    await socket.delivered(50)
    expect(dropped).toEqual([])
    expect(server.all[0]!.messages).toHaveLength(50)
  })
})

describe('a server that breaks a rule', () => {
  test('in its welcome fails the attempt', async () => {
    const url = await rogue((socket, connection) => socket.send(connection === 0 ? 'no welcome' : welcome))
    const socket = connect(url)
    const error = await new Promise((resolve) => socket.on('error', resolve))
    expect(error).toMatchObject({ code: 'ERR_HELLO', cause: { code: 'ERR_SESSION_PROTOCOL' } })
    await socket.opened
  })

  test('while open is closed with 4002, and its session resumed after the backoff', async () => {
    const codes: unknown[] = []
    const url = await rogue((socket, connection) => {
      socket.on('close', (code) => codes.push(code))
      socket.send(connection === 0 ? welcome : welcome.replace('false', 'true'))
      if (connection < 2) socket.send('\u0001a9')
    })
    const attempts: number[] = []
    const decide = (_end: unknown, attempt: number): undefined => void attempts.push(attempt)
    const socket = connect(url, { retry: { ...quick, decide } })
    const ends: unknown[] = []
    const lost = new Promise<void>((resolve) =>
      socket.on('close', (end) => {
        if (ends.push(end) === 2) resolve()
      }),
    )
    const cause = expect.objectContaining({ code: 'ERR_SESSION_PROTOCOL' }) as Error
    await lost
    expect(ends).toMatchObject([
      { by: 'peer', code: 4002, willRetry: true, cause },
      { by: 'peer', code: 4002, willRetry: true, cause },
    ])
    await socket.opened
    expect([socket.id, codes, attempts]).toEqual(['i', [4002, 4002], [1, 2]])
  })

  test('closing before the welcome is retried, whatever it says', async () => {
    const url = await rogue((socket, connection) =>
      connection < 2 ? socket.close(4102 - connection) : socket.send(welcome),
    )
    const socket = connect(url)
    await socket.opened
    expect(socket.id).toBe('i')
  })
})

describe('retry', () => {
  test.each([
    ['what decide says holds', () => 'retry' as const, 2],
    ['also later', () => Promise.resolve('retry' as const), 2],
    ['nothing leaves it to the session', () => undefined, 1],
    ['also later', () => Promise.resolve(undefined), 1],
  ])('%s', async (_what, decide, connections) => {
    const server = await serve()
    const socket = connect(server.url, { retry: { ...quick, decide } })
    await socket.opened
    const ends = new Promise((resolve) => socket.on('close', resolve))
    server.all[0]!.end()
    await ends
    if (connections === 2) await socket.opened
    else await socket.closed
    expect(server.all).toHaveLength(connections)
  })

  const bug = new Error('a bug')
  test.each([
    [
      'throws',
      () => {
        throw bug
      },
    ],
    ['rejects', () => Promise.reject(bug)],
    ['returns nonsense', () => 'nonsense' as 'stop', expect.objectContaining({ argument: 'retry.decide()' })],
    [
      'resolves with nonsense',
      () => Promise.resolve('nonsense' as 'stop'),
      expect.objectContaining({ argument: 'retry.decide()' }),
    ],
  ])('decide that %s is reported, and leaves it to the session', async (_how, decide, error = bug) => {
    const reported: unknown[] = []
    vi.stubGlobal('reportError', (error: unknown) => reported.push(error))
    stops.push(() => void vi.unstubAllGlobals())
    const server = await serve()
    const socket = connect(server.url, { retry: { ...quick, decide } })
    await socket.opened
    const next = Promise.race([
      socket.closed.then(() => 'closed'),
      new Promise((resolve) => socket.on('open', () => resolve('a new session'))),
    ])
    server.all[0]!.end()
    expect(await next).toBe('closed')
    expect(reported).toEqual([error])
  })

  test('decide that does not answer leaves it to the session', async () => {
    const server = await serve()
    const decide = (): Promise<undefined> => new Promise(() => {})
    const socket = connect(server.url, { connectTimeout: 500, retry: { ...quick, decide } })
    await socket.opened
    server.all[0]!.end()
    await socket.closed
    expect(server.all).toHaveLength(1)
  })

  test('false: the session is kept, for connect() to go on with', async () => {
    const server = await serve()
    const socket = connect(server.url, { retry: false })
    await socket.opened
    server.clients[0]!.terminate()
    await socket.closed
    socket.send('a')
    socket.connect()
    await socket.delivered(1)
    expect(server.all).toHaveLength(1)
  })

  test('a server that says goodbye is dialed again', async () => {
    const server = await serve()
    const socket = connect(server.url)
    await socket.opened
    const opened = new Promise((resolve) => socket.on('open', resolve))
    server.clients[0]!.close(1001)
    await opened
    expect(server.all).toHaveLength(1)
  })

  test('a session taken over from a connection that was stable is taken back', async () => {
    const server = await serve()
    const socket = connect(server.url)
    for (let i = 0; i < 2; i++) {
      await socket.opened
      const opened = new Promise((resolve) => socket.on('open', resolve))
      // by the clock of the test, each was
      const { now } = performance
      const ahead = now.call(performance) + 6_000
      performance.now = () => ahead + i * 10_000
      try {
        server.clients.at(-1)!.close(4100)
        await opened
      } finally {
        performance.now = now
      }
    }
    expect(socket.state).toBe('open')
  })

  test('reconnect() acknowledges, and goes on', async () => {
    const server = await serve()
    const socket = connect(server.url)
    await socket.opened
    server.all[0]!.send('a')
    await new Promise((resolve) => socket.on('message', resolve))
    socket.reconnect()
    await server.until(() => server.all[0]!.held === 0)
    await socket.opened
    expect(() => socket.reconnect(1)).toThrow('code must be')
    expect(() => socket.close(1)).toThrow('code must be')
  })
})

test('much is acknowledged at once', async () => {
  const server = await serve({ window: 1_000 })
  const socket = connect(server.url)
  await socket.opened
  for (let i = 0; i < 100; i++) server.all[0]!.send('x'.repeat(100))
  await server.until(() => server.all[0]!.held === 0)
  expect(socket.received).toBe(100)
})

test('end() and close() right behind send(): the server has it', async () => {
  const server = await serve()
  for (const leave of ['end', 'close'] as const) {
    const socket = connect(server.url)
    await socket.opened
    socket.send(leave)
    socket[leave]()
    await socket.closed
  }
  await expect.poll(() => server.all.flatMap(({ messages }) => messages)).toEqual(['end', 'close'])
})

describe('the heartbeat', () => {
  const heartbeat = { interval: 30, timeout: 1_000 }

  test('asks in words of the session, which are no messages', async () => {
    const server = await serve()
    const socket = connect(server.url, { heartbeat })
    const heard: unknown[] = []
    socket.on('message', (data) => heard.push(data))
    for (let beat = 0; beat < 2; beat++)
      expect(await new Promise((resolve) => socket.on('heartbeat', resolve))).toMatchObject({
        rtt: expect.any(Number) as number,
      })
    socket.send('a')
    await socket.delivered(1)
    server.all[0]!.send('b')
    await expect.poll(() => heard).toEqual(['b'])
    expect(server.all[0]!.messages).toEqual(['a'])
    expect(socket.received).toBe(1)
  })

  test('finds out that nobody is there any more', async () => {
    const url = await rogue((peer) => peer.send(welcome))
    const socket = connect(url, { heartbeat: { interval: 30, timeout: 30 }, retry: false })
    expect(await socket.closed).toMatchObject({ by: 'client', cause: { code: 'ERR_HEARTBEAT' } })
  })

  test('is off where it is switched off', async () => {
    const said: string[] = []
    const url = await rogue((peer) => {
      peer.on('message', (data: Buffer) => said.push(data.toString()))
      peer.send(welcome)
    })
    const socket = connect(url, { heartbeat: false })
    await socket.opened
    socket.send('a')
    await expect.poll(() => said).toEqual(['a'])
  })
})

test('close() with drain waits until the server has acknowledged all', async () => {
  const server = await serve()
  const socket = connect(server.url)
  await socket.opened
  const number = socket.send('a')
  socket.close(undefined, undefined, { drain: 5_000 })
  const delivered = socket.delivered(number)
  await socket.closed
  await delivered
  expect(socket.held.size).toBe(0)
  expect(server.all[0]!.messages).toEqual(['a'])
})
