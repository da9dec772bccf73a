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
    const headers = { 'X-A': 'theirs', 'X-B': 'theirs', Connection: 'close', ['__proto__']: '1' }
    make(Socket, url, [], {
      ...{ headers, origin: 'https://a.test', agent: false, rejectUnauthorized: false, protocolVersion: 13 },
      node: { headers: { 'X-B': 'ours' } },
    })
    const { headers: seen, rawHeaders } = await request()
    expect(seen).toMatchObject({
      'x-a': 'theirs',
      'x-b': 'ours',
      origin: 'https://a.test',
      connection: 'Upgrade',
    })
    expect(rawHeaders).toContain('__proto__')
  })

  it('is not overruled by options that are undefined, neither given nor fixed', async () => {
    const Fixed = ReconnectingWebSocket.with({
      connectTimeout: undefined,
      node: { headers: { 'X-B': 'ours' }, origin: undefined },
    })
    const ours = { connectTimeout: undefined, node: { origin: undefined } }
    const theirs = { handshakeTimeout: 20, retry: false, origin: 'https://a.test' }
    for (const Slot of [Fixed, Socket]) {
      const stuck = make(Slot, () => new Promise<string>(() => {}), [], { ...theirs, ...ours })
      expect(((await next(stuck, 'error')) as ErrorEventLike & Event).message).toBe(
        'no connection within 20 ms (connectTimeout)',
      )
      make(Slot, url, [], { ...theirs, ...ours })
      expect((await request()).headers).toMatchObject({ origin: 'https://a.test' })
    }
  })

  it('gives a timeout, unless connectTimeout is given', async () => {
    const stuck = { url: () => new Promise<string>(() => {}) }
    const theirs = make(Socket, stuck.url, [], { handshakeTimeout: 20, retry: false })
    expect(((await next(theirs, 'error')) as ErrorEventLike & Event).message).toBe(
      'no connection within 20 ms (connectTimeout)',
    )
    const both = make(Socket, stuck.url, [], { handshakeTimeout: 1, connectTimeout: 30, retry: false })
    expect(((await next(both, 'error')) as ErrorEventLike & Event).message).toBe(
      'no connection within 30 ms (connectTimeout)',
    )
  })

  it('may have any of their names', () => {
    const names =
      'allowSynchronousEvents autoPong followRedirects generateMask handshakeTimeout maxBufferedChunks maxFragments ' +
      'maxPayload maxRedirects origin perMessageDeflate protocolVersion skipUTF8Validation finishRequest agent auth ' +
      'createConnection family headers host hostname localAddress localPort lookup method path port socketPath ' +
      'timeout keepAlive noDelay ALPNProtocols ca cert checkServerIdentity ciphers crl dhparam ecdhCurve ' +
      'honorCipherOrder key maxVersion minVersion passphrase pfx rejectUnauthorized secureContext secureOptions ' +
      'secureProtocol servername session sessionIdContext sigalgs dispatcher proxy tls extensions maxLength ping'
    for (const name of names.split(' '))
      expect(() => ReconnectingWebSocket.with({ [name]: undefined } as WebSocketOptions)).not.toThrow()
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

  it('may be the second, with the subprotocols in it, as in ws and undici', async () => {
    const theirs = { protocols: ['a', 'b'], headers: { 'X-A': 'theirs' }, dispatcher: {} }
    const opened = next(make(Socket, url, theirs), 'open')
    expect((await request()).headers).toMatchObject({ 'sec-websocket-protocol': 'a,b', 'x-a': 'theirs' })
    await opened
    make(ReconnectingWebSocket.with({ retry: false, node: { headers: { 'X-A': 'ours' } } }), url, {
      headers: { 'X-B': 'theirs' },
    })
    const { headers } = await request()
    expect(headers).toMatchObject({ 'x-a': 'ours', 'x-b': 'theirs' })
    expect(headers).not.toHaveProperty('sec-websocket-protocol')
    await next(make(Socket, url, {}), 'open')
    expect(() => make(Socket, url, { retyr: false })).toThrow(expect.objectContaining({ argument: 'retyr' }))
    expect(() => make(Socket, url, { protocols: 'not a token' })).toThrow(
      expect.objectContaining({ name: 'SyntaxError' }),
    )
    for (const list of [[{}], new Set([{}])])
      expect(() => make(Socket, url, list)).toThrow(expect.objectContaining({ name: 'SyntaxError' }))
  })

  describe('in a browser', () => {
    const { adopt, merge, split, errorEvents } = nodePlatform
    afterEach(() => void Object.assign(nodePlatform, { adopt, merge, split, errorEvents }))

    it('is ignored, and error events say nothing', async () => {
      const { adopt, merge, split, errorEvents } = pagePlatform
      expect([adopt, merge, split, errorEvents]).toEqual(Array(4).fill(undefined))
      Object.assign(nodePlatform, { adopt, merge, split, errorEvents })
      expect(() => make(Socket, url, {})).toThrow(expect.objectContaining({ name: 'SyntaxError' }))
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
    // as Web IDL has it: one prototype a class
    expect(Fixed.prototype.constructor).toBe(Fixed)
    expect(Object.getPrototypeOf(Fixed)).toBe(EventTarget)
    expect(Object.getPrototypeOf(Fixed.prototype)).toBe(EventTarget.prototype)
    expect(Object.keys(Fixed.prototype)).toEqual(Object.keys(ReconnectingWebSocket.prototype))
    expect(() => Fixed.prototype.url).toThrow(TypeError)
    const socket = make(Fixed, url)
    expect(socket.constructor).toBe(Fixed)
    expect([socket instanceof Fixed, socket instanceof ReconnectingWebSocket]).toEqual([true, true])
    expect(make(ReconnectingWebSocket as unknown as typeof Fixed, url) instanceof Fixed).toBe(true)
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

  const forms: Record<string, (headers: Record<string, string>) => unknown> = {
    'an object': (headers) => headers,
    'a Map': (headers) => new Map(Object.entries(headers)),
    Headers: (headers) => new Headers(headers),
    'a function': (headers) => () => headers,
    'an async function': (headers) => () => Promise.resolve(new Headers(headers)),
  }
  const names = Object.keys(forms)

  it.each(names.flatMap((ours) => names.map((theirs) => [ours, theirs])))(
    'joins headers by name, whatever their case: %s, and of the client %s',
    async (ours, theirs) => {
      const headers = forms[ours]!({ 'X-A': 'fixed' })
      const Fixed = ReconnectingWebSocket.with({ node: { headers } } as WebSocketOptions)
      const seen = request()
      make(Fixed, url, [], { headers: forms[theirs]!({ 'x-a': 'theirs', 'X-B': 'theirs' }) })
      expect((await seen).headers).toMatchObject({ 'x-a': 'fixed', 'x-b': 'theirs' })
    },
  )

  it('asks each function for headers before every attempt', async () => {
    const asked: unknown[] = []
    const count = (who: string) => (attempt: { number: number }) => {
      asked.push([who, attempt.number])
      return { [`X-${who}`]: String(asked.length) }
    }
    const Fixed = ReconnectingWebSocket.with({ node: { headers: count('Ours') } })
    make(Fixed, url, [], { headers: count('Theirs'), retry: soon })
    const first = await request()
    for (const client of server.clients) client.close(4000)
    await request()
    expect(first.headers).toMatchObject({ 'x-ours': '2', 'x-theirs': '1' })
    expect(asked).toEqual([
      ['Theirs', 0],
      ['Ours', 0],
      ['Theirs', 1],
      ['Ours', 1],
    ])
  })

  it('keeps the client’s headers where its own are undefined', async () => {
    const seen = request()
    make(ReconnectingWebSocket.with({ node: { headers: undefined } }), url, [], {
      headers: { 'X-B': 'theirs' },
    })
    expect((await seen).headers['x-b']).toBe('theirs')
  })

  it('refuses headers that cannot be sent at once, and those of a function with its attempt', async () => {
    const Fixed = ReconnectingWebSocket.with({ retry: false, node: { headers: () => ({ 'X-A': 'fixed' }) } })
    expect(() => make(Fixed, url, [], { headers: { 'not a name': 'x' } })).toThrow(
      expect.objectContaining({ name: 'InvalidArgumentError', argument: 'node.headers' }),
    )
    const { error } = (await next(
      make(Fixed, url, [], { headers: () => ({ 'not a name': 'x' }) }),
      'error',
    )) as ErrorEventLike & Event
    expect(error).toMatchObject({ code: 'ERR_PROVIDER', cause: { argument: 'headers' } })
    const rejects = (): Promise<never> => Promise.reject(new Error('theirs'))
    const throws = (): never => {
      throw new Error('ours')
    }
    const Throwing = ReconnectingWebSocket.with({ retry: false, node: { headers: throws } })
    const both = (await next(make(Throwing, url, [], { headers: rejects }), 'error')) as ErrorEventLike &
      Event
    expect(both.error).toMatchObject({ code: 'ERR_PROVIDER', cause: { message: 'ours' } })
  })

  it('says by name that null is no headers, whoever gives it', () => {
    const named = expect.objectContaining({ name: 'InvalidArgumentError', argument: 'node.headers' }) as Error
    const Fixed = ReconnectingWebSocket.with({ node: { headers: { 'X-A': 'fixed' } } })
    expect(() => make(Socket, url, [], { headers: { a: 'b' }, node: { headers: null } })).toThrow(named)
    expect(() => make(Fixed, url, [], { headers: null })).not.toThrow()
  })

  it('is a method as any other', () => {
    expect(Object.getOwnPropertyDescriptor(ReconnectingWebSocket, 'with')).toEqual({
      value: expect.any(Function) as unknown,
      configurable: true,
      enumerable: false,
      writable: true,
    })
  })

  it('of a class with options adds to them, and a subclass keeps both', async () => {
    const seen = request()
    class Loud extends ReconnectingWebSocket.with({ retry: false }).with({ origin: 'https://a.test' }) {
      loud = 'yes'
    }
    const socket = make(Loud, url) as Loud
    expect([socket.loud, socket instanceof Loud, socket instanceof ReconnectingWebSocket]).toEqual([
      'yes',
      true,
      true,
    ])
    expect([make(ReconnectingWebSocket, url), {}, null, 'Loud'].some((one) => one instanceof Loud)).toBe(
      false,
    )
    expect(() => socket.send('x')).toThrow(expect.objectContaining({ name: 'InvalidStateError' }))
    expect((await seen).headers.origin).toBe('https://a.test')
  })

  it('of a subclass has what the subclass has', () => {
    class Loud extends ReconnectingWebSocket {
      static volume = 11
      get loud(): string {
        return `${this.readyState}, loudly`
      }
    }
    const Fixed = Loud.with({ retry: false })
    const socket = make(Fixed as unknown as Class, url) as Loud
    expect([socket.loud, (Fixed as typeof Loud).volume, socket.binaryType]).toEqual(['0, loudly', 11, 'blob'])
    expect([socket instanceof Loud, socket instanceof ReconnectingWebSocket]).toEqual([true, true])
    expect(() => socket.send('x')).toThrow(expect.objectContaining({ name: 'InvalidStateError' }))
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
    expect(() => ReconnectingWebSocket.with(undefined as never)).toThrow('options must be an object')
    expect(() => make(Socket, url, [], { protocols: 'a' })).toThrow(
      'protocols must be passed as the second argument',
    )
    expect(() => make(Socket, url, [], { codec: {} })).toThrow(
      'codec is not supported here; use ReconnectingSocket',
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
