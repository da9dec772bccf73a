/** ReconnectingWebSocket: what the standard does not know. See conformance/ for the rest. */
import { once } from 'node:events'
import { describe, expect, it, vi } from 'vitest'
import type { WebSocket as Peer } from 'ws'
import { OutboxFullError } from '../../src/diagnostics/errors.js'
import { ReconnectingWebSocket } from '../../src/websocket/websocket.js'
import type { WebSocketOptions } from '../../src/websocket/types.js'
import { deadEnd, dial, made, next, peer, server, soon, tick, transcript, url } from './harness.js'

describe('between connections', () => {
  it('it is CONNECTING, and each ended connection gives close', async () => {
    const socket = dial()
    const lines = transcript(socket)
    for (const code of [1000, 4000]) {
      const [other] = await Promise.all([peer(), next(socket, 'open')])
      other.close(code)
    }
    await next(socket, 'open')
    await expect.poll(() => lines).toHaveLength(5)
    expect(lines).toEqual(['open 1', 'close 1000 0', 'open 1', 'close 4000 0', 'open 1'])
  })

  it('a connection that is cut gives close alone, as ws tells it', async () => {
    const socket = dial()
    const lines = transcript(socket)
    const [other] = await Promise.all([peer(), next(socket, 'open')])
    other.terminate()
    await next(socket, 'open')
    await tick()
    expect(lines).toEqual(['open 1', 'close 1006 0', 'open 1'])
  })

  it('each failed attempt gives error and close 1006, and the last one CLOSED', async () => {
    const socket = dial({ retry: { ...soon, limit: 2 } }, await deadEnd())
    const lines = transcript(socket)
    await next(socket, 'close', true)
    expect(lines).toEqual(['error 0', 'close 1006 0', 'error 0', 'close 1006 0', 'error 3', 'close 1006 3'])
  })

  it('send() waits for the connection, in order, and counts in bufferedAmount', async () => {
    const socket = dial()
    socket.send('one')
    const bytes = Uint8Array.from([1, 2])
    socket.send(bytes)
    bytes[0] = 9
    expect(socket.bufferedAmount).toBe(5)
    const other = await peer()
    const got: string[] = []
    other.on('message', (data, binary) => got.push(binary ? (data as Buffer).join(' ') : String(data)))
    await next(socket, 'open')
    socket.send('three')
    await expect.poll(() => got).toEqual(['one', '1 2', 'three'])
    expect(socket.bufferedAmount).toBe(0)
  })

  it('send() throws InvalidStateError without an outbox, OutboxFullError with a full one', () => {
    for (const options of [{ outbox: false }, { retry: false }, { retry: false, outbox: {} }] as const)
      expect(() => dial(options).send('x')).toThrow(
        expect.objectContaining({ name: 'InvalidStateError', code: 11 }),
      )
    expect(() => dial({ outbox: { maxMessages: 0 } }).send('x')).toThrow(OutboxFullError)
  })

  it('what is missing is named', () => {
    const Class = ReconnectingWebSocket as unknown as new () => unknown
    expect(() => new Class()).toThrow(new TypeError('WebSocket needs a URL'))
    const socket = dial({ retry: false })
    expect(() => (socket.send as () => void)()).toThrow(new TypeError('send() needs data'))
    expect(() => socket.send('x')).toThrow('the connection is not open yet')
  })

  it('a message that makes room for another is not told of: WebSocket has no event for it', async () => {
    const socket = dial({ retry: soon, outbox: { maxMessages: 1, overflow: 'drop-oldest' } })
    const lines = transcript(socket)
    socket.addEventListener('drop' as 'error', () => lines.push('drop'))
    socket.send('one')
    socket.send('two')
    expect(socket.bufferedAmount).toBe(3)
    const other = await peer()
    const [got] = (await once(other, 'message')) as [Buffer]
    expect([String(got), lines]).toEqual(['two', ['open 1']])
  })

  it('what is sent in CLOSED is counted, and goes on no later connection', async () => {
    const socket = dial()
    await next(socket, 'open')
    socket.close()
    await next(socket, 'close', true)
    socket.send('abc')
    expect(socket.bufferedAmount).toBe(3)
    const dialed = peer()
    socket.reconnect()
    const other = await dialed
    const got: string[] = []
    other.on('message', (data) => got.push(String(data)))
    await next(socket, 'open')
    socket.send('later')
    await expect.poll(() => got).toEqual(['later'])
  })

  it('a listener that is removed from another type still hears messages', async () => {
    server.on('connection', (other: Peer) => other.send('x'))
    const socket = dial({ retry: false })
    const heard: string[] = []
    const listener = ({ type }: Event): void => void heard.push(type)
    for (const type of ['open', 'message']) socket.addEventListener(type as 'open', listener)
    socket.removeEventListener('open', listener)
    await next(socket, 'message')
    expect(heard).toEqual(['message'])
  })

  it('messages of the next connection arrive, with its origin', async () => {
    server.on('connection', (other: Peer) => other.send('hello'))
    const socket = dial()
    const first = (await next(socket, 'message')) as MessageEvent
    const again = next(socket, 'message')
    for (const other of server.clients) other.close()
    const second = (await again) as MessageEvent
    expect([first.data, second.data, first.origin, second.origin]).toEqual([
      'hello',
      'hello',
      url.slice(0, -1),
      url.slice(0, -1),
    ])
  })

  it('protocol and extensions are those of the current connection', async () => {
    const socket = new ReconnectingWebSocket(url, ['a', 'b'], { retry: soon })
    made.push(socket)
    expect([socket.protocol, socket.extensions]).toEqual(['', ''])
    await next(socket, 'open')
    expect([socket.protocol, socket.extensions]).toEqual(['a', ''])
  })
})

describe('beyond the standard, the constructor', () => {
  it('takes a function for the URL, and for the protocols', async () => {
    const socket = new ReconnectingWebSocket(
      async () => `${url}fresh`,
      () => ['token'],
      { retry: soon },
    )
    made.push(socket)
    expect(socket.url).toBe('')
    await next(socket, 'open')
    expect([socket.url, socket.protocol]).toEqual([`${url}fresh`, 'token'])
  })

  it('takes endpoints that are tried in turn', async () => {
    const socket = dial({ retry: soon }, [await deadEnd(), url])
    const lines = transcript(socket)
    await next(socket, 'open')
    expect([socket.url, lines]).toEqual([url, ['error 0', 'close 1006 0', 'open 1']])
    expect(() => dial({}, [url, 'no url:'])).toThrow(expect.objectContaining({ name: 'SyntaxError' }))
  })

  it('takes the options of ReconnectingSocket, but for the protocols, and nothing else', () => {
    expect(dial({ binaryType: 'arraybuffer' }).binaryType).toBe('arraybuffer')
    expect(dial({ binaryType: undefined }).binaryType).toBe('blob')
    expect(() => dial({ protocols: 'a' } as WebSocketOptions)).toThrow(
      expect.objectContaining({ name: 'InvalidArgumentError', argument: 'protocols' }),
    )
    expect(() => dial({ retries: 1 } as WebSocketOptions)).toThrow(
      expect.objectContaining({ name: 'InvalidArgumentError', argument: 'retries' }),
    )
    const Class = ReconnectingWebSocket as unknown as new (...args: unknown[]) => ReconnectingWebSocket
    for (const stray of ['text', null, 5]) made.push(new Class(url, [], stray))
  })

  it('with autoConnect: false takes a relative URL where there is no page, and resolves it when it dials', async () => {
    const socket = dial({ autoConnect: false, retry: false }, '/live')
    expect([socket.readyState, socket.url]).toEqual([3, '/live'])
    expect(() => socket.reconnect()).toThrow(expect.objectContaining({ argument: 'url' }))
    vi.stubGlobal('location', { href: url.replace('ws:', 'http:') })
    socket.reconnect()
    await next(socket, 'open')
    expect(socket.url).toBe(`${url}live`)
    vi.unstubAllGlobals()
    expect(dial({ autoConnect: false }, 'HTTP://A.test').url).toBe('ws://a.test/')
    for (const wrong of ['ftp://a.test', '/live#part'])
      expect(() => dial({ autoConnect: false }, wrong)).toThrow(
        expect.objectContaining({ name: 'SyntaxError' }),
      )
    expect(() => dial({}, '/live')).toThrow(expect.objectContaining({ name: 'SyntaxError' }))
  })

  it('with autoConnect: false waits, CLOSED, for reconnect()', async () => {
    const socket = dial({ autoConnect: false })
    const lines = transcript(socket)
    expect(socket.readyState).toBe(3)
    socket.close()
    await tick()
    socket.reconnect()
    await next(socket, 'open')
    expect(lines).toEqual(['open 1'])
  })

  it('can be extended', async () => {
    class Loud extends ReconnectingWebSocket {
      override send(data: string): void {
        super.send(data.toUpperCase())
      }
    }
    const socket = new Loud(url)
    made.push(socket)
    const other = await peer()
    const message = once(other, 'message')
    socket.send('hello')
    expect(String((await message)[0])).toBe('HELLO')
    expect(socket).toBeInstanceOf(EventTarget)
  })
})

describe('a dial', () => {
  class Refusing {
    static dials = 0
    constructor(url: string) {
      Refusing.dials++
      throw new DOMException(`insecure: ${url}`, 'SecurityError')
    }
  }

  it('is made in the task of the constructor', () => {
    const made: unknown[][] = []
    class Dialed {
      constructor(...args: unknown[]) {
        made.push(args)
      }
      close(): void {}
    }
    const socket = new ReconnectingWebSocket('ws://a.test/', 'p', { WebSocket: Dialed })
    expect(made).toEqual([['ws://a.test/', ['p']]])
    socket.close()
  })

  it.each([{ retry: false }, {}])(
    'that the platform refuses is thrown by the constructor: %j',
    async (options) => {
      Refusing.dials = 0
      const Class = { WebSocket: Refusing }
      expect(() => new ReconnectingWebSocket('ws://a.test/', [], { ...options, ...Class })).toThrow(
        expect.objectContaining({ name: 'SecurityError', message: 'insecure: ws://a.test/' }),
      )
      await tick()
      expect(Refusing.dials).toBe(1)
    },
  )

  it('that the platform refuses later on is final', async () => {
    Refusing.dials = 0
    const socket = new ReconnectingWebSocket(() => 'ws://a.test/', [], { WebSocket: Refusing, retry: soon })
    const lines = transcript(socket)
    await next(socket, 'close', true)
    // a function may give another URL the next time
    expect([Refusing.dials, lines]).toEqual([2, ['error 0', 'close 1006 0', 'error 3', 'close 1006 3']])
  })
})
