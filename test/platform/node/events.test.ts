/** What Node alone can tell: pings, pongs, the handshake, and the kind of a message. */
import { EventEmitter } from 'node:events'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { Emitter } from '../../../src/socket/emitter.js'
import type { DataDetail, NodeEvents, ReconnectingSocket } from '../../../src/index.js'
import { watch } from '../../../src/platform/node/handshake.js'
import { BINARY, encode, PING, PONG } from '../../faults/raw-server.js'
import { selfSigned, serveTls } from '../../faults/tls.js'
import { open } from '../../sim/socket.js'
import { dial, raw } from './meet.js'
import type { HandshakeDetail } from '../../../src/platform/platform.js'

const once = <K extends keyof NodeEvents>(
  socket: ReconnectingSocket<NodeEvents>,
  type: K,
): Promise<NodeEvents[K]> => new Promise((resolve) => socket.on(type, resolve))

describe('ping and pong', () => {
  test('a ping is told with its payload, and answered', async () => {
    const server = await raw()
    const socket = dial(server.url)
    const ping = once(socket, 'ping')
    await socket.opened
    server.connections[0]!.write(encode(PING, Buffer.from('there?')))
    expect(Buffer.from(await ping).toString()).toBe('there?')
    expect((await server.connections[0]!.frame(PONG)).payload.toString()).toBe('there?')
  })

  test('a pong is told with its payload, asked for or not', async () => {
    const server = await raw()
    const socket = dial(server.url, { pingPayload: 'mine' }, { heartbeat: { interval: 10 } })
    const unseen = new Set(['unasked', 'mine'])
    const both = new Promise<void>((resolve) =>
      socket.on('pong', (payload) => {
        unseen.delete(Buffer.from(payload).toString())
        if (unseen.size === 0) resolve()
      }),
    )
    await socket.opened
    server.connections[0]!.write(encode(PONG, Buffer.from('unasked')))
    await both
  })
})

describe('handshake', () => {
  test('tells what the server answered, before the socket is open', async () => {
    const server = await raw((connection) => void connection.accept({ protocol: 'chat' }))
    const socket = dial(server.url, {}, { protocols: ['chat'] })
    const order: string[] = []
    socket.on('handshake', () => order.push('handshake'))
    socket.on('state', ({ to }) => order.push(to))
    socket.on('open', () => order.push('open'))
    const detail = await once(socket, 'handshake')
    expect(detail).toMatchObject({
      status: 101,
      protocol: 'chat',
      extensions: '',
      headers: { upgrade: 'websocket', 'sec-websocket-protocol': 'chat' },
    })
    await socket.opened
    expect(order).toEqual(['handshake', 'open', 'open'])
  })

  test('once for each connection', async () => {
    const server = await raw((one, n) => void one.accept().then(() => n < 2 && one.close(4000)))
    const socket = dial(server.url, {}, { retry: { backoff: () => 1 } })
    const told: HandshakeDetail[] = []
    socket.on('handshake', (detail) => told.push(detail))
    const third = new Promise<void>((resolve) => socket.on('open', () => told.length === 3 && resolve()))
    await third
    expect(told.map(({ status }) => status)).toEqual([101, 101, 101])
  })

  test('its headers are bounded in number and length, and cannot be changed', async () => {
    const long = `X-Long: ${'y'.repeat(9_000)}\r\n`
    const cookies = 'Set-Cookie: a=1\r\nSet-Cookie: b=2\r\n'
    const many = Array.from({ length: 150 }, (_, i) => `X-${i}: z\r\n`).join('')
    const server = await raw((connection) => {
      const write = connection.write.bind(connection)
      // within the head of the answer, behind its first line
      connection.write = (bytes) =>
        write(Buffer.from(bytes.toString('latin1').replace('\r\n', `\r\n${long}${cookies}${many}`), 'latin1'))
      void connection.accept()
    })
    const { headers } = await once(dial(server.url), 'handshake')
    expect(headers['x-long']).toBe('y'.repeat(4_096))
    expect(headers['set-cookie']).toEqual(['a=1', 'b=2'])
    expect(Object.keys(headers).length).toBe(100)
    expect(Object.isFrozen(headers)).toBe(true)
  })

  test('timings: names, TCP and the upgrade take time, TLS only where it is', async () => {
    const server = await raw()
    const { timings } = await once(
      dial(server.url.replace('127.0.0.1', 'localhost'), { family: 4 }),
      'handshake',
    )
    expect(timings).toEqual({
      dns: expect.any(Number) as number,
      tcp: expect.any(Number) as number,
      tls: 0,
      upgrade: expect.any(Number) as number,
    })
    expect(Math.min(timings.dns, timings.tcp, timings.upgrade)).toBeGreaterThan(0)
    const { timings: direct } = await once(dial(server.url), 'handshake')
    expect(direct.dns).toBe(0)

    const day = 86_400_000
    const local = selfSigned('127.0.0.1', new Date(Date.now() - day), new Date(Date.now() + day))
    const secure = await serveTls(local, (connection) => void connection.accept())
    onTestFinished(() => secure.stop())
    const { timings: over } = await once(dial(secure.url, { ca: local.cert }), 'handshake')
    expect(Math.min(over.tcp, over.tls, over.upgrade)).toBeGreaterThan(0)
  })

  test('timings of a slow answer are the upgrade’s, of a socket that was connected before none', async () => {
    const SLOW = 60
    const server = await raw((one) => void one.request.then(() => setTimeout(() => void one.accept(), SLOW)))
    const { timings: slow } = await once(dial(server.url), 'handshake')
    // a timer may be early by what the clocks differ
    expect(slow.upgrade).toBeGreaterThan(SLOW - 5)
    const kept = Object.assign(new EventEmitter(), { connecting: false })
    const request = { once: (_: string, listener: (socket: object) => void) => listener(kept) }
    const timings = watch(request as never)
    expect(kept.eventNames()).toEqual(['lookup', 'connect', 'secureConnect'])
    const taken = timings()
    expect([taken.dns, taken.tls]).toEqual([0, 0])
    // an agent may use it for the next request
    expect(kept.eventNames()).toEqual([])
  })

  test('a listener that closes: there is no `open`', async () => {
    const server = await raw()
    const socket = dial(server.url)
    const told: string[] = []
    socket.on('*', (type) => told.push(type))
    socket.on('handshake', () => socket.close())
    await socket.closed
    expect(told).toEqual(['state'])
  })
})

describe('data', () => {
  test('tells the kind of each message, just before it', async () => {
    const server = await raw()
    const socket = dial(server.url)
    const told: [string, unknown][] = []
    socket.on('message', (data) => told.push(['message', data]))
    socket.on('data', (detail) => told.push(['data', detail]))
    await socket.opened
    const two = new Promise<void>((resolve) => socket.on('message', () => told.length === 4 && resolve()))
    const [connection] = server.connections
    connection!.send('text')
    connection!.write(encode(BINARY, Buffer.of(1, 2)))
    await two
    expect(told).toEqual([
      ['data', { opcode: 1, data: 'text' }],
      ['message', 'text'],
      ['data', { opcode: 2, data: expect.any(ArrayBuffer) as ArrayBuffer }],
      ['message', expect.any(ArrayBuffer)],
    ])
    expect((told[2]![1] as DataDetail).data).toBe(told[3]![1])
  })

  test('nothing is made for it where nobody listens', async () => {
    const { socket, platform } = await open()
    const spy = vi.spyOn(Emitter.prototype, 'tell')
    onTestFinished(() => spy.mockRestore())
    const made = (): number => spy.mock.calls.filter(([type]) => type === ('data' as never)).length
    const node = socket as unknown as ReconnectingSocket<NodeEvents>
    platform.link.message('a')
    expect(made()).toBe(0)
    const undo = node.on('data', () => {})
    platform.link.message('b')
    expect(made()).toBe(1)
    undo()
    platform.link.message('c')
    expect(made()).toBe(1)
  })
})

test.each(['terminate', 'reconnect'] as const)('nothing is told of an attempt after %s()', async (method) => {
  const { socket, platform } = await open()
  const told: unknown[] = []
  const node = socket as unknown as ReconnectingSocket<NodeEvents>
  node.on('ping', (payload) => told.push(payload))
  const { link } = platform
  node.on('message', () => {
    socket[method]()
    if (method === 'reconnect') link.end()
    link.listener.onReport('ping', Uint8Array.of(2))
  })
  link.listener.onReport('ping', Uint8Array.of(1))
  link.message('x')
  link.listener.onReport('ping', Uint8Array.of(3))
  expect(told).toEqual([Uint8Array.of(1)])
})

test('`*` hears what all platforms tell, and not these', async () => {
  const server = await raw()
  const socket = dial(server.url)
  const told: string[] = []
  socket.on('*', (type) => told.push(type))
  const both = Promise.all([once(socket, 'ping'), once(socket, 'message')])
  socket.on('data', () => {})
  await socket.opened
  server.connections[0]!.write(encode(PING))
  server.connections[0]!.send('x')
  await both
  expect(told).toEqual(['state', 'open', 'message'])
})
