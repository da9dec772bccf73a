/** ReconnectingWebSocket in the slot of another client: its third argument, and `with()`. */
import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { InvalidArgumentError } from '../../src/diagnostics/errors.js'
import { platform as nodePlatform } from '../../src/platform/node.js'
import { platform as pagePlatform } from '../../src/platform/browser.js'
import { ReconnectingWebSocket } from '../../src/websocket/websocket.js'
import type { ErrorEventLike, WebSocketOptions } from '../../src/websocket/types.js'
import { deadEnd, made, next, server, soon, tick, transcript, url } from './harness.js'

type Class = new (...args: unknown[]) => ReconnectingWebSocket
const Socket = ReconnectingWebSocket as unknown as Class

function make(Slot: unknown, ...args: unknown[]): ReconnectingWebSocket {
  const socket = new (Slot as Class)(...args)
  made.push(socket)
  return socket
}

async function request(): Promise<IncomingMessage> {
  const [, message] = (await once(server, 'connection')) as [unknown, IncomingMessage]
  return message
}

describe('the third argument of other classes', () => {
  it('in Node is honoured as the node option, which goes before it', async () => {
    const headers = { 'X-A': 'theirs', 'X-B': 'theirs', Connection: 'close' }
    make(Socket, url, [], {
      ...{ headers, origin: 'https://a.test', agent: false, rejectUnauthorized: false, protocolVersion: 13 },
      node: { headers: { 'X-B': 'ours' } },
    })
    const { headers: seen } = await request()
    expect(seen).toMatchObject({
      'x-a': 'theirs',
      'x-b': 'ours',
      origin: 'https://a.test',
      connection: 'Upgrade',
    })
  })

  it('gives a timeout, unless connectTimeout is given', async () => {
    const stuck = { url: () => new Promise<string>(() => {}) }
    const theirs = make(Socket, stuck.url, [], { handshakeTimeout: 20, retry: false })
    expect(((await next(theirs, 'error')) as ErrorEventLike & Event).message).toBe(
      'no connection within 20 ms',
    )
    const both = make(Socket, stuck.url, [], { handshakeTimeout: 1, connectTimeout: 30, retry: false })
    expect(((await next(both, 'error')) as ErrorEventLike & Event).message).toBe('no connection within 30 ms')
  })

  it('does not hide what is wrong with ours, nor a name that nobody has', () => {
    const wrong: [object, string][] = [
      [{ headers: {}, retyr: false }, 'retyr'],
      [{ agent: undefined, connectTimeout: -1 }, 'connectTimeout'],
      [{ node: 5 }, 'node'],
      [{ headers: { 'not a name': 'x' } }, 'node.headers'],
      [{ agent: {} }, 'node.agent'],
    ]
    for (const [options, argument] of wrong)
      expect(() => make(Socket, url, [], options)).toThrow(
        expect.objectContaining({ name: 'InvalidArgumentError', argument }),
      )
  })

  describe('in a browser', () => {
    const { adopt, errorEvents } = nodePlatform
    afterEach(() => void Object.assign(nodePlatform, { adopt, errorEvents }))

    it('is ignored, and error events say nothing', async () => {
      expect([pagePlatform.adopt, pagePlatform.errorEvents]).toEqual([undefined, undefined])
      Object.assign(nodePlatform, { adopt: undefined, errorEvents: undefined })
      make(Socket, url, [], { headers: { 'X-A': 'theirs' } })
      expect((await request()).headers).not.toHaveProperty('x-a')
      const event = await next(make(Socket, await deadEnd(), [], { retry: false }), 'error')
      expect(['error' in event, 'message' in event]).toEqual([false, false])
    })
  })
})

describe('error events in Node say what went wrong', () => {
  it('of a dial', async () => {
    const socket = make(Socket, await deadEnd(), [], { retry: false })
    const event = (await next(socket, 'error')) as unknown as ErrorEventLike
    expect(event.error).toMatchObject({ code: 'ERR_CONNECTION', cause: { code: 'ECONNREFUSED' } })
    expect(event.message).toBe('the connection failed (ECONNREFUSED)')
    expect(Object.keys(event)).toEqual(expect.arrayContaining(['error', 'message']))
  })

  it('of a protocol error on an open connection', async () => {
    const socket = make(Socket, url, [], { retry: false })
    const [other] = await once(server, 'connection')
    await next(socket, 'open')
    const lines = transcript(socket)
    const failed = next(socket, 'error')
    other._socket.write(Uint8Array.from([0xff, 0]))
    expect(((await failed) as unknown as ErrorEventLike).error).toMatchObject({
      code: 'ERR_CONNECTION',
      cause: { code: 'WS_ERR_UNEXPECTED_RSV_2_3' },
    })
    await tick()
    expect(lines).toEqual(['error 3', 'close 1006 3'])
  })

  it('of close() while connecting', async () => {
    const socket = make(Socket, url)
    socket.close()
    const event = (await next(socket, 'error')) as unknown as ErrorEventLike
    expect(event.message).toBe('the connection was closed before it was established')
  })

  it('of the end that an unanswered close() takes: none, as the platform told none', async () => {
    const socket = make(Socket, url, [], { closeTimeout: 20 })
    const [other] = await once(server, 'connection')
    await next(socket, 'open')
    other._socket.pause()
    const lines = transcript(socket)
    socket.close()
    await next(socket, 'close')
    expect(lines).toEqual(['close 1006 3'])
  })
})

describe('with()', () => {
  it('gives a class that is as any WebSocket class', () => {
    const Fixed = ReconnectingWebSocket.with({ retry: false })
    expect([Fixed.name, Fixed.length, Object.keys(Fixed)]).toEqual([
      'WebSocket',
      1,
      ['CONNECTING', 'OPEN', 'CLOSING', 'CLOSED'],
    ])
    expect([Fixed.CONNECTING, Fixed.OPEN, Fixed.CLOSING, Fixed.CLOSED]).toEqual([0, 1, 2, 3])
    expect(Fixed.prototype).toBe(ReconnectingWebSocket.prototype)
    const socket = make(Fixed, url)
    expect([socket instanceof Fixed, socket instanceof ReconnectingWebSocket]).toEqual([true, true])
    expect(() => new (Fixed as unknown as Class)()).toThrow(TypeError)
    expect(() => (Fixed as unknown as () => void)()).toThrow(TypeError)
  })

  it('fixes its options, joins headers by name, and leaves the rest to the client', async () => {
    const Fixed = ReconnectingWebSocket.with({
      retry: false,
      node: { headers: { 'X-A': 'fixed', 'X-B': 'fixed' } },
    })
    const seen = request()
    const socket = make(Fixed, url, ['one'], {
      ...{ retry: { ...soon }, binaryType: 'arraybuffer', origin: 'https://a.test' },
      headers: { 'X-B': 'theirs', 'X-C': 'theirs' },
    })
    expect(socket.binaryType).toBe('arraybuffer')
    expect((await seen).headers).toMatchObject({
      ...{ 'x-a': 'fixed', 'x-b': 'fixed', 'x-c': 'theirs' },
      ...{ origin: 'https://a.test', 'sec-websocket-protocol': 'one' },
    })
    const lines = transcript(socket)
    for (const other of server.clients) other.close(4000)
    await next(socket, 'close', true)
    expect(lines.at(-1)).toBe('close 4000 3')
  })

  it('takes a function for the headers, which then are these alone', async () => {
    const Fixed = ReconnectingWebSocket.with({ node: { headers: () => ({ 'X-A': 'fresh' }) } })
    const seen = request()
    make(Fixed, url, [], { headers: { 'X-B': 'theirs' } })
    const { headers } = await seen
    expect([headers['x-a'], headers['x-b']]).toEqual(['fresh', undefined])
  })

  it('of a class with options adds to them, and a subclass keeps both', async () => {
    const seen = request()
    class Loud extends ReconnectingWebSocket.with({ retry: false }).with({ origin: 'https://a.test' }) {
      loud = 'yes'
    }
    const socket = make(Loud, url) as Loud
    expect([socket.loud, socket instanceof Loud]).toEqual(['yes', true])
    expect(() => socket.send('x')).toThrow(expect.objectContaining({ name: 'InvalidStateError' }))
    expect((await seen).headers.origin).toBe('https://a.test')
  })

  it('refuses what cannot be used at once, by name', () => {
    const wrong: [unknown, string][] = [
      [undefined, 'options'],
      [{ retry: 5 }, 'retry'],
      [{ retyr: false }, 'retyr'],
      [{ protocols: 'a' }, 'protocols'],
      [{ node: { family: 5 } }, 'node.family'],
    ]
    for (const [options, argument] of wrong)
      expect(() => ReconnectingWebSocket.with(options as WebSocketOptions)).toThrow(
        expect.objectContaining({ constructor: InvalidArgumentError, argument }),
      )
  })

  it('asks nothing of a platform that has no checks of its own', () => {
    const { check } = nodePlatform
    Object.assign(nodePlatform, { check: undefined })
    try {
      expect(() => ReconnectingWebSocket.with({ retry: false })).not.toThrow()
    } finally {
      Object.assign(nodePlatform, { check })
      vi.restoreAllMocks()
    }
  })
})
