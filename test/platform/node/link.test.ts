/** Node's platform, over real connections. */
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest'
import { type ServerOptions, WebSocket, WebSocketServer } from 'ws'
import { HandshakeError } from '../../../src/diagnostics/errors.js'
import type { WebSocketClass } from '../../../src/options/options.js'
import type { NodeOptions } from '../../../src/options/node-options.js'
import { platform } from '../../../src/platform/node.js'
import type { DialOptions, Link } from '../../../src/platform/platform.js'
import {
  closeCode,
  CLOSE,
  encode,
  PING,
  PONG,
  type RawConnection,
  type RawServer,
  serve,
  TEXT,
} from '../../faults/raw-server.js'
import { loadWs } from '../../../src/platform/node/ws.js'
import { dialOptions, LinkRecorder } from '../../sim/listener.js'
import { URL_A } from '../../sim/socket.js'
import type { Sendable } from '../../../src/delivery/payload.js'

/** More than the network takes at once. */
const large = 'x'.repeat(12 * 2 ** 20)

beforeAll(loadWs)

const links: Link[] = []
afterEach(() => {
  for (const link of links.splice(0)) link.drop()
})

function dial(
  url: string,
  options: Partial<DialOptions> = {},
  target: { protocols?: string[]; headers?: Record<string, string> } = {},
) {
  const listener = new LinkRecorder()
  const link = platform.dial(
    { url, protocols: target.protocols, headers: target.headers },
    { ...dialOptions, ...options },
    listener,
  )
  links.push(link)
  return { link, listener }
}

const send = (link: Link, ...all: Sendable[]): void => {
  for (const data of all) link.send({ data, expires: Infinity })
}

/** A raw server that accepts, or does as it is told. */
async function raw(
  script: (connection: RawConnection) => void = (one) => void one.accept(),
): Promise<RawServer> {
  const server = await serve(script)
  onTestFinished(() => server.stop())
  return server
}

/** A server of `ws`, and its side of the next connection. */
async function library(options: ServerOptions = {}) {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0, ...options })
  onTestFinished(() => {
    for (const peer of server.clients) peer.terminate()
    return new Promise<void>((resolve) => void server.close(() => resolve()))
  })
  await once(server, 'listening')
  const peer = once(server, 'connection').then(([socket]) => socket as WebSocket)
  return { url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}/`, peer }
}

async function opened(node: NodeOptions = {}, script?: (connection: RawConnection) => void) {
  const server = await raw(script)
  const dialed = dial(server.url, { node })
  await dialed.listener.until('open')
  return { ...dialed, server, connection: server.connections[0]! }
}

describe('the handshake', () => {
  test('offers protocols and headers', async () => {
    const server = await raw((connection) => void connection.accept({ protocol: 'b' }))
    const { link, listener } = dial(
      server.url,
      { node: { headers: { 'x-ignored': 'a provider’s answer counts' } } },
      { protocols: ['a', 'b'], headers: { 'x-token': 't' } },
    )
    expect([link.ready, link.protocol, link.extensions]).toEqual([false, '', ''])
    expect([link.received!(), link.taken!()]).toEqual([0, 0])
    await listener.until('open')
    const head = (await server.connections[0]!.request).toLowerCase()
    expect(head).toContain('sec-websocket-protocol: a,b')
    expect(head).toContain('x-token: t')
    expect(head).not.toContain('x-ignored')
    expect([link.ready, link.protocol]).toEqual([true, 'b'])
  })

  test('offers no protocols where none are asked for', async () => {
    const { connection } = await opened()
    expect((await connection.request).toLowerCase()).not.toContain('sec-websocket-protocol')
  })

  test('says which extensions were accepted', async () => {
    const { url } = await library({ perMessageDeflate: true })
    const { link, listener } = dial(url)
    await listener.until('open')
    expect(link.extensions).toBe('permessage-deflate')
  })

  test('that is refused: the status, headers and body, then close 1006', async () => {
    const server = await raw(
      (connection) =>
        void connection.refuse(503, ['Retry-After: 7', 'X-Why: busy', 'Content-Length: 5'], 'later'),
    )
    const { listener } = dial(server.url)
    expect(await listener.until('close')).toEqual(['close', 1006, '', false])
    const [[, error]] = listener.all('error') as [['error', HandshakeError]]
    expect(error).toBeInstanceOf(HandshakeError)
    expect(error).toMatchObject({ status: 503, retryAfter: 7_000, body: 'later' })
    expect(error.headers['x-why']).toBe('busy')
    expect(listener.told.length).toBe(2)
  })

  test('that is answered with what is not HTTP: the error does not hold the answer', async () => {
    const answer = 'HTTP/1.1 401 No\r\nSet-Cookie: sid=hunter2\r\nno header\r\n\r\n'
    const server = await raw((connection) => void connection.request.then(() => connection.write(answer)))
    const { listener } = dial(server.url)
    await listener.until('close')
    const [[, error]] = listener.all('error') as [['error', Error]]
    expect(error).toMatchObject({ code: 'HPE_INVALID_HEADER_TOKEN' })
    const values = Object.values(Object.getOwnPropertyDescriptors(error)).map(({ value }) => value as unknown)
    expect(values.filter((value) => value instanceof Uint8Array)).toEqual([])
  })

  test('to nobody: the error, then close 1006', async () => {
    const server = await raw()
    await server.stop()
    const { listener } = dial(server.url)
    expect(await listener.until('close')).toEqual(['close', 1006, '', false])
    expect(listener.all('error')).toMatchObject([['error', { code: 'ECONNREFUSED' }]])
  })
})

describe('drop()', () => {
  test.each([
    ['before the TCP connection', async () => {}],
    [
      'while the server is silent',
      async (server: RawServer) => void (await (await server.connection(0)).request),
    ],
  ])('%s: nothing is told, nothing is uncaught, the connection ends', async (_, until) => {
    const server = await raw(() => {})
    const { link, listener } = dial(server.url)
    await until(server)
    link.drop()
    const connection = server.connections[0]
    if (connection) await connection.ended
    expect(listener.told).toEqual([])
  })

  test('while a refusal is being read', async () => {
    const server = await raw((connection) => void connection.refuse(503, ['Content-Length: 1000'], 'a bit'))
    const { link, listener } = dial(server.url)
    const connection = await server.connection(0)
    await connection.request
    link.drop()
    await connection.ended
    expect(listener.told).toEqual([])
  })

  test('while open: no closing handshake', async () => {
    const { link, listener, connection } = await opened()
    link.drop()
    await connection.ended
    expect(connection.frames).toEqual([])
    expect(listener.told).toEqual([['open']])
  })
})

describe('messages', () => {
  test('arrive as text, or as binaryType says', async () => {
    const { link, listener, connection } = await opened()
    connection.send('héllo')
    connection.send(Buffer.from([1, 2]))
    await listener.until('message', 2)
    expect(link.binaryType).toBe('arraybuffer')
    link.binaryType = 'blob'
    expect(link.binaryType).toBe('blob')
    connection.send(Buffer.from([3]))
    await listener.until('message', 3)
    const [text, buffer, blob] = listener.all('message').map(([, data]) => data)
    expect(text).toBe('héllo')
    expect(buffer).toBeInstanceOf(ArrayBuffer)
    expect([...new Uint8Array(buffer as ArrayBuffer)]).toEqual([1, 2])
    expect(blob).toBeInstanceOf(Blob)
  })

  test('binaryType of the options holds from the first on', async () => {
    const server = await raw((connection) => void connection.accept({ after: encode(2, Buffer.from([1])) }))
    const { listener } = dial(server.url, { binaryType: 'blob' })
    expect((await listener.until('message'))[1]).toBeInstanceOf(Blob)
  })

  test('received() grows with every byte, pings and pongs included', async () => {
    const { link, listener, connection } = await opened()
    const before = link.received!()
    expect(before).toBeGreaterThan(0)
    link.ping!()
    await listener.until('pong')
    expect(link.received!()).toBe(before + 2)
    connection.send('abc')
    await listener.until('message')
    expect(link.received!()).toBe(before + 2 + 5)
  })

  test('that were sent are not unsent', async () => {
    const { link, listener, connection } = await opened()
    send(link, 'a', Uint8Array.of(1, 2), new Blob(['b']), 'c')
    await connection.frame(TEXT, 2)
    await listener.until('room')
    expect(connection.frames.map(({ payload }) => payload.toString('latin1'))).toEqual([
      'a',
      '\x01\x02',
      'b',
      'c',
    ])
    expect([link.unsent(), link.bufferedAmount]).toEqual([[], 0])
  })

  test('a Blob that cannot be read is told of once, and what waited behind it is unsent', async () => {
    const { link, listener } = await opened()
    const unreadable = Object.assign(new Blob(['abc']), {
      arrayBuffer: () => Promise.reject(new Error('gone')),
    })
    send(link, unreadable, 'a', new Blob(['b']))
    await listener.until('error')
    expect(listener.all('lost')).toEqual([['lost', unreadable]])
    expect(link.unsent().map(({ data }) => data)).toEqual(['a', expect.any(Blob)])
  })

  test('a Blob that ws does not know for one is told of as one that cannot be read', async () => {
    const { link, listener, connection } = await opened()
    const strange = Object.assign(new Blob(['abc']), { stream: undefined }) as unknown as Blob
    send(link, 'a', strange, 'b')
    expect(listener.told).toEqual([['open']])
    await listener.until('lost')
    await connection.frame(TEXT, 2)
    expect([connection.texts, link.payloads, link.unsent()]).toEqual([['a', 'b'], 0, []])
    expect(listener.told).toEqual([['open'], ['lost', strange], ['room']])
  })

  test('and so is one behind what the network has not taken yet', async () => {
    const { link, listener } = await opened()
    const unreadable = Object.assign(new Blob(['abc']), {
      arrayBuffer: () => Promise.reject(new Error('gone')),
    })
    send(link, large, unreadable, 'a')
    await listener.until('error')
    expect(listener.all('lost')).toEqual([['lost', unreadable]])
    expect(link.unsent().map(({ data }) => data)).toEqual(['a'])
  })

  test('a burst costs the same for each message, however long', async () => {
    const { link, listener, connection } = await opened()
    const count = 30_000
    for (let i = 0; i < count; i++) link.send({ data: String(i), expires: Infinity })
    await connection.frame(TEXT, count)
    await listener.until('room')
    expect(link.unsent()).toEqual([])
    expect(connection.texts).toEqual(Array.from({ length: count }, (_, i) => String(i)))
  })

  test('many pings at once are all answered', async () => {
    const { connection } = await opened()
    connection.write(Buffer.concat(Array.from({ length: 200 }, () => encode(PING))))
    await connection.frame(PONG, 200)
    expect(connection.frames).toHaveLength(200)
  })

  test('heartbeats are sent like them, and are nobody’s loss', async () => {
    const { link, connection } = await opened()
    link.beat('beat')
    expect(link.unsent()).toEqual([])
    send(link, 'a')
    await connection.frame(TEXT, 2)
    expect(connection.texts).toEqual(['beat', 'a'])
    expect(link.unsent()).toEqual([])
  })

  test('are not read while it is paused', async () => {
    const { link, listener, connection, server } = await opened()
    const other = dial(server.url)
    await other.listener.until('open')
    link.pause!()
    connection.send('a')
    // what goes to the other afterwards arrives: so would this have
    server.connections[1]!.send('b')
    await other.listener.until('message')
    expect(listener.all('message')).toEqual([])
    link.resume!()
    expect(await listener.until('message')).toEqual(['message', 'a'])
  })

  test.each([
    ['behind a Blob', {}, new Blob(['x'])],
    ['where it is compressed', { perMessageDeflate: { threshold: 0 } }, 'x'],
  ])('as they were when they were sent: %s', async (_, options, first) => {
    const { url, peer } = await library(options)
    const { link, listener } = dial(url)
    const got: Buffer[] = []
    const two = peer.then(
      (socket) =>
        new Promise<void>((resolve) =>
          socket.on('message', (data) => got.push(data as Buffer) === 2 && resolve()),
        ),
    )
    await listener.until('open')
    const data = Uint8Array.of(1, 2, 3)
    send(link, first, data)
    data.fill(9)
    await two
    expect([...got[1]!]).toEqual([1, 2, 3])
  })
})

describe('a network that takes no more', () => {
  /** Open, with a peer that reads nothing, and a write that the network is busy with. */
  async function busy() {
    const started = await opened({}, (connection) => {
      connection.answers = 'nothing'
      void connection.accept().then(() => connection.tcp.pause())
    })
    send(started.link, large)
    expect(started.link.bufferedAmount).toBeGreaterThan(0)
    return started
  }

  test('what waits behind the write is unsent, with its age, as it was', async () => {
    const { link } = await busy()
    expect(link.unsent()).toEqual([])
    const data = Uint8Array.of(1, 2)
    link.send({ data, expires: 123 })
    send(link, 'b')
    data.fill(9)
    expect(link.unsent()).toEqual([
      { data: Uint8Array.of(1, 2), expires: 123 },
      { data: 'b', expires: Infinity },
    ])
  })

  test('the payload of messages is told apart from frames, pings and heartbeats', async () => {
    const { link, listener, connection } = await busy()
    expect(link.payloads).toBe(large.length)
    link.beat('beat')
    link.ping!()
    send(link, 'é', '')
    expect(link.payloads).toBe(large.length + 2)
    expect(link.bufferedAmount).toBe(large.length + 14 + 10 + 6 + 8 + 6)
    connection.tcp.resume()
    await listener.until('room')
    expect([link.payloads, link.bufferedAmount]).toEqual([0, 0])
    connection.tcp.pause()
    link.beat(large)
    expect([link.payloads, link.bufferedAmount > 0]).toEqual([0, true])
  })

  test('once it takes them, there is room', async () => {
    const { link, listener, connection } = await busy()
    send(link, 'b', new Blob(['c']), 'd')
    expect(link.unsent().length).toBe(3)
    expect(listener.all('room')).toEqual([])
    connection.tcp.resume()
    await connection.frame(TEXT, 3)
    await listener.until('room')
    expect([link.unsent(), link.bufferedAmount]).toEqual([[], 0])
  })

  test('after drop() nothing more counts as sent', async () => {
    const { link, listener, connection } = await busy()
    send(link, 'b', 'c')
    const before = link.unsent()
    link.drop()
    connection.tcp.resume()
    await connection.ended
    expect(listener.all('room')).toEqual([])
    expect(link.unsent()).toEqual(before)
  })

  test('what is sent when the connection is gone is still the caller’s', async () => {
    const { link, listener, connection } = await opened()
    connection.rst()
    await listener.until('close')
    expect(link.ready).toBe(false)
    expect(link.send({ data: 'late', expires: Infinity })).toBe(false)
    expect(link.unsent()).toEqual([])
  })
})

describe('the end', () => {
  test.each([
    [
      'a Close frame with a code',
      (peer: RawConnection) => peer.close(4_000, 'bye'),
      ['close', 4_000, 'bye', true],
    ],
    ['an empty Close frame', (peer: RawConnection) => peer.close(), ['close', 1005, '', true]],
    ['FIN', (peer: RawConnection) => peer.fin(), ['close', 1006, '', false]],
    ['RST', (peer: RawConnection) => peer.rst(), ['close', 1006, '', false]],
  ])('by %s', async (_, end, told) => {
    const { listener, connection } = await opened()
    end(connection)
    expect(await listener.until('close')).toEqual(told)
    expect(listener.all('error')).toEqual([])
  })

  test('FIN is told of before it, also where the peer reads no more and ws waits', async () => {
    const { link, listener, connection } = await opened({}, (connection) => {
      connection.answers = 'nothing'
      void connection.accept().then(() => connection.tcp.pause())
    })
    send(link, large)
    connection.fin()
    await listener.until('ending')
    expect(listener.told).toEqual([['open'], ['ending']])
  })

  test('by a frame that breaks the protocol: the error', async () => {
    const { listener, connection } = await opened()
    connection.write(Buffer.from([0xff, 0x00]))
    await listener.until('error')
    expect((await connection.frame(CLOSE)).payload.readUInt16BE()).toBe(1002)
  })

  test('by a message above maxPayload', async () => {
    const { listener, connection } = await opened({ maxPayload: 10 })
    connection.send('x'.repeat(11))
    await listener.until('error')
    expect(closeCode((await connection.frame(CLOSE)).payload)).toBe(1009)
  })

  test.each([
    [16_384, 'message'],
    [16_385, 'error'],
  ] as const)('or not, by a message of %d fragments: %s', async (count, told) => {
    const { listener, connection } = await opened()
    const fragments = Array.from({ length: count }, (_, i) => [i < count - 1 ? 0 : 0x80, 1, 97]).flat()
    fragments[0] = TEXT
    connection.write(Buffer.from(fragments))
    await listener.until(told)
    if (told === 'error') expect(closeCode((await connection.frame(CLOSE)).payload)).toBe(1008)
  })

  test('by a text longer than any string can be, where maxPayload lets it pass', async () => {
    const { listener, connection } = await opened({ maxPayload: Infinity })
    const { toString } = Buffer.prototype
    const tooLong = new Error('Cannot create a string longer than 0x1fffffe8 characters')
    vi.spyOn(Buffer.prototype, 'toString').mockImplementation(function (this: Buffer, ...args) {
      if (this.length === 123) throw tooLong
      return toString.apply(this, args)
    })
    onTestFinished(() => void vi.restoreAllMocks())
    connection.send('x'.repeat(123))
    expect(await listener.until('error')).toEqual(['error', tooLong])
    expect(closeCode((await connection.frame(CLOSE)).payload)).toBe(1009)
  })

  test.each([
    ['without a code', [], 1005, ''],
    ['with one', [3_000, 'done'], 3_000, 'done'],
  ])('by close() %s', async (_, args, code, reason) => {
    const { link, listener, connection } = await opened()
    link.close(...(args as [number?, string?]))
    const { payload } = await connection.frame(CLOSE)
    expect([closeCode(payload), payload.subarray(2).toString()]).toEqual([code, reason])
    expect(await listener.until('close')).toEqual(['close', code, reason, true])
  })
})

describe('the class of ws as the WebSocket option', () => {
  test('is dialed as the platform’s own is, with all that it can do', async () => {
    const { url, peer } = await library()
    const { link, listener } = dial(url, { WebSocket: WebSocket as unknown as WebSocketClass })
    await listener.until('open')
    link.ping!()
    await listener.until('pong')
    expect(listener.reports.handshake[0]!.timings.tcp).toBeGreaterThan(0)
    link.close(3_000)
    expect((await once(await peer, 'close'))[0]).toBe(3_000)
  })

  test('may be one that extends it and keeps options to itself', async () => {
    class Own extends WebSocket {
      constructor(url: string) {
        super(url)
      }
    }
    const { url } = await library()
    const { listener } = dial(url, { WebSocket: Own as unknown as WebSocketClass })
    await listener.until('open')
    expect(listener.reports.handshake[0]!.timings).toEqual({ dns: 0, tcp: 0, tls: 0, upgrade: 0 })
  })

  test('may give ws a callback of its own: what was compressed or read is not taken for unsent', async () => {
    class Own extends WebSocket {}
    Own.prototype.send = function (this: WebSocket, ...[data, done]: unknown[]) {
      const own = (error?: Error): void => (done as ((error?: Error) => void) | undefined)?.(error)
      Reflect.apply(WebSocket.prototype.send, this, [data, own])
    }
    const { url, peer } = await library({ perMessageDeflate: true })
    const { link, listener } = dial(url, { WebSocket: Own as unknown as WebSocketClass })
    await listener.until('open')
    const came = new Promise((resolve) => void peer.then((socket) => socket.once('message', resolve)))
    send(link, 'a', new Blob(['b']))
    await came
    await expect.poll(() => link.payloads).toBe(0)
    expect([link.unsent(), listener.all('lost')]).toEqual([[], []])
  })

  test('may throw in send(): that message is forgotten, and those behind it are sent', async () => {
    class Own extends WebSocket {}
    Own.prototype.send = function (this: WebSocket, ...args: unknown[]) {
      if (args[0] === 'bad') throw new Error('not that')
      Reflect.apply(WebSocket.prototype.send, this, args)
    }
    const { url, peer } = await library({ perMessageDeflate: true })
    const { link, listener } = dial(url, { WebSocket: Own as unknown as WebSocketClass })
    await listener.until('open')
    const came = once(await peer, 'message')
    expect(() => send(link, 'bad')).toThrow('not that')
    send(link, 'good')
    expect(String((await came)[0])).toBe('good')
    await listener.until('room')
    expect([link.unsent(), link.payloads]).toEqual([[], 0])
  })
})

test('a class that is given is dialed by its WHATWG interface', () => {
  const given: unknown[] = []
  class WebSocket {
    constructor(...args: unknown[]) {
      given.push(args)
    }
  }
  const { link } = dial(URL_A, { WebSocket })
  links.pop()
  expect(given).toEqual([[URL_A]])
  expect(link.ping).toBeUndefined()
})

test('its random numbers are in [0, 1), and differ', () => {
  const numbers = Array.from({ length: 100 }, () => platform.random())
  expect(numbers.every((number) => number >= 0 && number < 1)).toBe(true)
  expect(new Set(numbers).size).toBeGreaterThan(90)
})

test('its hints come from the clock, and stop', () => {
  const before = process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length
  const stop = platform.hints(() => {})
  const during = process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length
  stop()
  const after = process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length
  expect([during - before, after - before]).toEqual([1, 0])
})
