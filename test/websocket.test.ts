/** ReconnectingWebSocket: what the standard does not know, and what only Node shows. See conformance/ for the rest. */
import { once } from 'node:events'
import { type AddressInfo, createServer, type Server } from 'node:net'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { WebSocketServer, type WebSocket as Peer } from 'ws'
import { InvalidArgumentError, OutboxFullError } from '../src/errors.js'
import { ReconnectingWebSocket } from '../src/websocket.js'
import type { WebSocketOptions } from '../src/websocket/types.js'

const soon = { backoff: () => 1 }

let server: WebSocketServer
let url: string
const made: ReconnectingWebSocket[] = []

beforeEach(async () => {
  server = new WebSocketServer({ port: 0, host: '127.0.0.1' })
  await once(server, 'listening')
  url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}/`
})

afterEach(async () => {
  for (const socket of made.splice(0)) socket.close()
  for (const peer of server.clients) peer.terminate()
  await new Promise((resolve) => server.close(resolve))
  vi.unstubAllGlobals()
  vi.useRealTimers()
})

/** The module as an engine with other globals loads it. */
async function fresh(globals: Record<string, unknown>): Promise<typeof import('../src/websocket.js')> {
  vi.resetModules()
  for (const [name, value] of Object.entries(globals)) vi.stubGlobal(name, value)
  return import('../src/websocket.js')
}

function dial(options: WebSocketOptions = { retry: soon }, to: string | (() => string) | string[] = url) {
  const socket = new ReconnectingWebSocket(to, [], options)
  made.push(socket)
  return socket
}

/** The next event of a type; for `close`, the one with which the socket is CLOSED where `last` is asked for. */
function next(
  socket: ReconnectingWebSocket,
  type: 'open' | 'message' | 'error' | 'close',
  last = false,
): Promise<Event> {
  return new Promise((resolve) => {
    const listener = (event: unknown): void => {
      if (last && socket.readyState !== 3) return
      socket.removeEventListener(type, listener)
      resolve(event as Event)
    }
    socket.addEventListener(type, listener)
  })
}

async function peer(): Promise<Peer> {
  const [socket] = (await once(server, 'connection')) as [Peer]
  return socket
}

function transcript(socket: ReconnectingWebSocket): string[] {
  const lines: string[] = []
  socket.addEventListener('open', () => lines.push(`open ${socket.readyState}`))
  socket.addEventListener('error', () => lines.push(`error ${socket.readyState}`))
  socket.addEventListener('close', ({ code }) => lines.push(`close ${code} ${socket.readyState}`))
  return lines
}

/** A port where nobody listens. */
async function deadEnd(): Promise<string> {
  const closed: Server = createServer().listen(0, '127.0.0.1')
  await once(closed, 'listening')
  const { port } = closed.address() as AddressInfo
  await new Promise((resolve) => closed.close(resolve))
  return `ws://127.0.0.1:${port}/`
}

const tick = (): Promise<void> => new Promise((resolve) => setTimeout(resolve))

describe('between connections', () => {
  it('it is CONNECTING, and each ended connection gives close', async () => {
    const socket = dial()
    const lines = transcript(socket)
    for (const code of [1000, 4000]) {
      const [other] = await Promise.all([peer(), next(socket, 'open')])
      other.close(code)
    }
    await next(socket, 'open')
    await vi.waitFor(() => expect(lines).toHaveLength(5))
    expect(lines).toEqual(['open 1', 'close 1000 0', 'open 1', 'close 4000 0', 'open 1'])
  })

  it('a connection that is cut gives error and close', async () => {
    const socket = dial()
    const lines = transcript(socket)
    const [other] = await Promise.all([peer(), next(socket, 'open')])
    other.terminate()
    await next(socket, 'open')
    await tick()
    expect(lines).toEqual(['open 1', 'error 0', 'close 1006 0', 'open 1'])
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
    await vi.waitFor(() => expect(got).toEqual(['one', '1 2', 'three']))
    expect(socket.bufferedAmount).toBe(0)
  })

  it('send() throws InvalidStateError without an outbox, OutboxFullError with a full one', () => {
    for (const options of [{ outbox: false }, { retry: false }, { retry: false, outbox: {} }] as const)
      expect(() => dial(options).send('x')).toThrow(
        expect.objectContaining({ name: 'InvalidStateError', code: 11 }),
      )
    expect(() => dial({ outbox: { maxMessages: 0 } }).send('x')).toThrow(OutboxFullError)
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

describe('close()', () => {
  it('between connections gives error and close 1006 in a later task, and ends it', async () => {
    const socket = dial({ retry: { backoff: () => 60_000 } }, await deadEnd())
    await next(socket, 'close')
    const lines = transcript(socket)
    socket.close()
    expect([socket.readyState, lines]).toEqual([2, []])
    await next(socket, 'close')
    expect(lines).toEqual(['error 3', 'close 1006 3'])
  })

  it('in the close listener of a connection that would be replaced', async () => {
    const socket = dial()
    const lines = transcript(socket)
    socket.addEventListener('close', () => socket.close(), { once: true })
    const [other] = await Promise.all([peer(), next(socket, 'open')])
    other.close(1000)
    await next(socket, 'close', true)
    expect(lines).toEqual(['open 1', 'close 1000 0', 'error 3', 'close 1006 3'])
    expect(server.clients.size).toBe(0)
  })

  it('while `decide` is out tells, in a later task, of the end that it was asked about', async () => {
    const decide = vi.fn(() => new Promise<never>(() => {}))
    const socket = dial({ retry: { decide } })
    const lines = transcript(socket)
    const [other] = await Promise.all([peer(), next(socket, 'open')])
    other.close(4001)
    await vi.waitFor(() => expect(decide).toHaveBeenCalledOnce())
    expect([socket.readyState, lines]).toEqual([0, ['open 1']])
    socket.close()
    expect([socket.readyState, lines]).toEqual([2, ['open 1']])
    await next(socket, 'close')
    await tick()
    expect(lines).toEqual(['open 1', 'close 4001 3'])
  })

  it('rounds a code to the nearest, ties to even, and sends a reason without a code as 1000', async () => {
    const seen = async (...args: [code?: number, reason?: string]): Promise<unknown> => {
      const socket = dial({ retry: false })
      const [other] = await Promise.all([peer(), next(socket, 'open')])
      const closed = once(other, 'close')
      socket.close(...args)
      const [code, reason] = (await closed) as [number, Buffer]
      return [code, String(reason)]
    }
    expect(await seen(999.5)).toEqual([1000, ''])
    expect(await seen(2999.5)).toEqual([3000, ''])
    expect(await seen(undefined, 'why')).toEqual([1000, 'why'])
    expect(await seen(undefined, '')).toEqual([1005, ''])
    const socket = dial({ retry: false })
    const invalid = expect.objectContaining({ name: 'InvalidAccessError', code: 15 })
    for (const code of [1000.6, 4999.5, Infinity, -Infinity])
      expect(() => socket.close(code)).toThrow(invalid)
    expect(() => socket.close(undefined, 'x'.repeat(124))).toThrow(
      expect.objectContaining({ name: 'SyntaxError', code: 12 }),
    )
  })
})

describe('an AbortSignal', () => {
  it('aborted before the constructor: error and close in a later task', async () => {
    const socket = dial({ signal: AbortSignal.abort() })
    const lines = transcript(socket)
    expect(socket.readyState).toBe(2)
    await next(socket, 'close')
    expect(lines).toEqual(['error 3', 'close 1006 3'])
    expect(() => socket.reconnect()).toThrow(InvalidArgumentError)
  })

  it('aborted while connecting: error and close in a later task', async () => {
    const abort = new AbortController()
    const socket = dial({ signal: abort.signal })
    const lines = transcript(socket)
    abort.abort()
    expect([socket.readyState, lines]).toEqual([2, []])
    await next(socket, 'close')
    expect(lines).toEqual(['error 3', 'close 1006 3'])
  })

  it('aborted while open: the closing handshake', async () => {
    const abort = new AbortController()
    const socket = dial({ signal: abort.signal })
    const lines = transcript(socket)
    await next(socket, 'open')
    abort.abort()
    expect(socket.readyState).toBe(2)
    await next(socket, 'close')
    expect(lines).toEqual(['open 1', 'close 1005 3'])
  })
})

describe('reconnect()', () => {
  it('replaces the connection, and what is sent meanwhile waits for the new one', async () => {
    const socket = dial()
    const lines = transcript(socket)
    const [first] = await Promise.all([peer(), next(socket, 'open')])
    const closed = once(first, 'close')
    const second = peer()
    socket.reconnect(4000, 'again')
    expect(socket.readyState).toBe(0)
    socket.send('meanwhile')
    expect((await closed).map(String)).toEqual(['4000', 'again'])
    const [data] = (await once(await second, 'message')) as [Buffer]
    expect(String(data)).toBe('meanwhile')
    expect(lines).toEqual(['open 1', 'close 4000 0', 'open 1'])
  })

  it('in a listener: it is CONNECTING from there on, and what is sent waits for the new connection', async () => {
    const socket = dial()
    const states: number[] = []
    const first = peer()
    socket.addEventListener(
      'open',
      () => {
        socket.reconnect()
        queueMicrotask(() => {
          states.push(socket.readyState)
          socket.send('meanwhile')
        })
      },
      { once: true },
    )
    await once(await first, 'close')
    const [data] = (await once(await peer(), 'message')) as [Buffer]
    expect([states, String(data)]).toEqual([[0], 'meanwhile'])
  })

  it('starts anew after close(), and right after it', async () => {
    const socket = dial()
    const lines = transcript(socket)
    await next(socket, 'open')
    socket.close()
    await next(socket, 'close')
    socket.reconnect()
    expect(socket.readyState).toBe(0)
    await next(socket, 'open')
    socket.close()
    socket.reconnect()
    await next(socket, 'open')
    expect(lines).toEqual(['open 1', 'close 1005 3', 'open 1', 'close 1005 3', 'open 1'])
  })

  it('after close() while connecting still gives the events that are owed', async () => {
    const socket = dial()
    const lines = transcript(socket)
    socket.close()
    socket.reconnect()
    expect(socket.readyState).toBe(0)
    await next(socket, 'open')
    expect(lines).toEqual(['error 0', 'close 1006 0', 'open 1'])
  })

  describe('quicker than the end that close() while connecting owes', () => {
    async function quick(): Promise<{ socket: ReconnectingWebSocket; lines: string[] }> {
      const socket = dial({ WebSocket: Platform })
      const lines = transcript(socket)
      socket.close()
      vi.useFakeTimers({ toFake: ['setTimeout'] })
      socket.reconnect()
      for (let turn = 0; turn < 50; turn++) await Promise.resolve()
      expect(lines).toEqual([])
      Platform.last.readyState = 1
      return { socket, lines }
    }

    it('tells it before it is open', async () => {
      const { lines } = await quick()
      Platform.last.onopen()
      expect(lines).toEqual(['error 0', 'close 1006 0', 'open 1'])
      vi.useRealTimers()
      await tick()
      expect(lines).toHaveLength(3)
    })

    it('and may be closed meanwhile', async () => {
      const { socket, lines } = await quick()
      socket.onerror = () => socket.close()
      Platform.last.onopen()
      expect([socket.readyState, lines]).toEqual([2, ['error 0', 'close 1006 2', 'open 2']])
      Platform.last.onclose({ code: 1005, reason: '', wasClean: true })
      expect(lines.at(-1)).toBe('close 1005 3')
    })
  })

  it('after it close() again: the end is told once', async () => {
    const socket = dial()
    const lines = transcript(socket)
    socket.close()
    socket.reconnect()
    socket.close()
    await next(socket, 'close')
    await tick()
    expect(lines).toEqual(['error 3', 'close 1006 3'])
  })

  it('is taken back by close()', async () => {
    const socket = dial()
    const lines = transcript(socket)
    await next(socket, 'open')
    socket.reconnect()
    socket.close()
    expect(socket.readyState).toBe(2)
    await next(socket, 'close')
    expect([socket.readyState, lines]).toEqual([3, ['open 1', 'close 1005 3']])
  })

  it('checks its arguments as close() does', () => {
    const socket = dial()
    expect(() => socket.reconnect(1)).toThrow(expect.objectContaining({ name: 'InvalidAccessError' }))
    expect(() => socket.reconnect(1000, 'x'.repeat(124))).toThrow(
      expect.objectContaining({ name: 'SyntaxError' }),
    )
    expect([
      socket.reconnect.length,
      Object.keys(ReconnectingWebSocket.prototype).includes('reconnect'),
    ]).toEqual([0, false])
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

describe('in Node', () => {
  it('events are of classes that are named as the standard names them', async () => {
    server.on('connection', (other: Peer) => other.send('x'))
    const socket = dial({ retry: false })
    const message = await next(socket, 'message')
    socket.close()
    const close = await next(socket, 'close')
    expect(message).toBeInstanceOf(MessageEvent)
    expect(message.constructor).toBe(MessageEvent)
    expect([String(message), String(close), Object.prototype.toString.call(socket)]).toEqual([
      '[object MessageEvent]',
      '[object CloseEvent]',
      '[object WebSocket]',
    ])
    const keys: string[] = []
    for (const key in message) keys.push(key)
    expect(keys).toEqual(expect.arrayContaining(['data', 'origin', 'lastEventId', 'source', 'ports', 'type']))
  })

  it('imports and runs where the engine has neither MessageEvent nor CloseEvent', async () => {
    const { ReconnectingWebSocket: Bare } = await fresh({ MessageEvent: undefined, CloseEvent: undefined })
    server.on('connection', (other: Peer) => other.send('x'))
    const socket = new Bare(url, [], { retry: false })
    made.push(socket)
    const message = (await next(socket, 'message')) as MessageEvent
    const closing = next(socket, 'close')
    socket.close(3000, 'bye')
    const { type, code, reason, wasClean } = (await closing) as CloseEvent
    expect(['MessageEvent' in globalThis && MessageEvent, 'CloseEvent' in globalThis && CloseEvent]).toEqual([
      undefined,
      undefined,
    ])
    expect([
      message.type,
      message.data,
      message.lastEventId,
      message.source,
      message.ports,
      message.target,
    ]).toEqual(['message', 'x', '', null, [], socket])
    expect([type, code, reason, wasClean]).toEqual(['close', 3000, 'bye', true])
  })

  it('shared and resizable memory cannot be sent as binary', async () => {
    const socket = dial({ retry: false })
    const [other] = await Promise.all([peer(), next(socket, 'open')])
    const message = once(other, 'message')
    const shared = new SharedArrayBuffer(2)
    const Resizable = ArrayBuffer as unknown as new (length: number, options: object) => ArrayBuffer
    const resizable = new Resizable(2, { maxByteLength: 4 })
    for (const data of [new Uint8Array(shared), resizable, new Uint8Array(resizable)])
      expect(() => socket.send(data)).toThrow(TypeError)
    socket.send(shared)
    expect(String((await message)[0])).toBe('[object SharedArrayBuffer]')
  })

  it('a listener that throws disturbs no other, and its error is an uncaught exception', async () => {
    const before = process.listeners('uncaughtException')
    process.removeAllListeners('uncaughtException')
    const caught: string[] = []
    process.on('uncaughtException', (error) => caught.push(error.message))
    try {
      const socket = dial({ retry: false })
      socket.addEventListener('open', () => {
        throw new Error('listener')
      })
      socket.onopen = () => {
        throw new Error('handler')
      }
      await next(socket, 'open')
      await vi.waitFor(() => expect(caught).toEqual(['listener', 'handler']))
      expect(socket.readyState).toBe(1)
    } finally {
      process.removeAllListeners('uncaughtException')
      for (const listener of before) process.on('uncaughtException', listener)
    }
  })

  it('no message event is built before someone listens', async () => {
    const socket = dial({ retry: false })
    const [other] = await Promise.all([peer(), next(socket, 'open')])
    const dispatch = vi.spyOn(EventTarget.prototype, 'dispatchEvent')
    other.send('nobody')
    other.ping()
    await once(other, 'pong')
    expect(dispatch).not.toHaveBeenCalled()
    const message = next(socket, 'message')
    other.send('somebody')
    expect(((await message) as MessageEvent).data).toBe('somebody')
    expect(dispatch).toHaveBeenCalledOnce()
    dispatch.mockRestore()
  })

  it('uses the CloseEvent of an engine that has one', async () => {
    class CloseEvent extends Event {}
    const { ReconnectingWebSocket: Class } = await fresh({ CloseEvent })
    const socket = new Class(url, [], { retry: false })
    socket.close()
    expect(await next(socket, 'close')).toBeInstanceOf(CloseEvent)
  })

  it('without setImmediate, bufferedAmount is what the platform says', async () => {
    const { ReconnectingWebSocket: Class } = await fresh({ setImmediate: undefined })
    const socket = new Class(url, [], { retry: false, WebSocket: Platform })
    await Platform.open(socket)
    Platform.last.bufferedAmount = 7
    socket.send('x')
    expect(socket.bufferedAmount).toBe(7)
  })
})

describe('over a platform that dawdles', () => {
  it('what is sent when it is closing, and has not said so, is counted and not thrown at', async () => {
    const socket = dial({ retry: false, WebSocket: Platform })
    const { last } = await Platform.open(socket)
    last.readyState = 2
    socket.send('abc')
    expect([socket.readyState, socket.bufferedAmount, last.sent]).toEqual([1, 3, []])
    const closed = next(socket, 'close')
    last.onclose({ code: 1000, reason: '', wasClean: true })
    await closed
    socket.send('de')
    expect(socket.bufferedAmount).toBe(5)
  })

  it('bufferedAmount counts what the task has sent, on top of what there was', async () => {
    const socket = dial({ retry: false, WebSocket: Platform })
    const { last } = await Platform.open(socket)
    last.bufferedAmount = 7
    socket.send('ab')
    expect(socket.bufferedAmount).toBe(9)
    last.bufferedAmount = 1
    expect(socket.bufferedAmount).toBe(9)
    await new Promise((resolve) => setImmediate(resolve))
    expect(socket.bufferedAmount).toBe(1)
  })

  it("bufferedAmount is the platform's again from the next event on", async () => {
    const amounts: number[] = []
    const socket = dial({ retry: { backoff: () => 60_000 }, WebSocket: Platform })
    const { last } = await Platform.open(socket)
    socket.onmessage = () => amounts.push(socket.bufferedAmount)
    socket.send('ab')
    last.onmessage({ data: '' })
    socket.send('ab')
    last.onclose({ code: 1000, reason: '', wasClean: true })
    amounts.push(socket.bufferedAmount)
    expect(amounts).toEqual([0, 0])
  })

  it('bufferedAmount counts what had to wait after all', async () => {
    const socket = dial({ WebSocket: Platform })
    const { last } = await Platform.open(socket)
    socket.send('ab')
    last.readyState = 2
    socket.send('cde')
    expect(socket.bufferedAmount).toBe(3)
  })

  it('a message that waits its turn while close() is called is not delivered', async () => {
    const socket = dial({ retry: false, WebSocket: Platform })
    const seen: unknown[] = []
    socket.onmessage = ({ data }) => seen.push(data)
    socket.onopen = () => {
      Platform.last.onmessage({ data: 'late' })
      socket.close()
    }
    const { last } = await Platform.open(socket)
    last.onmessage({ data: 'later' })
    last.onclose({ code: 1005, reason: '', wasClean: true })
    expect([socket.readyState, seen]).toEqual([3, []])
  })
})

/** A platform socket in the hands of a test. */
class Platform {
  static last: Platform

  /** Opens the connection that is being dialed. */
  static async open(socket: ReconnectingWebSocket): Promise<typeof Platform> {
    const opened = next(socket, 'open')
    await vi.waitFor(() => expect(Platform.last.readyState).toBe(0))
    Platform.last.readyState = 1
    Platform.last.onopen()
    await opened
    return Platform
  }

  readonly sent: unknown[] = []
  readonly protocol = ''
  readonly extensions = ''
  readyState = 0
  binaryType = 'blob'
  bufferedAmount = 0
  onopen: () => void = () => {}
  onmessage: (event: object) => void = () => {}
  onclose: (event: object) => void = () => {}

  constructor() {
    Object.assign(Platform, { last: this })
  }

  send(data: unknown): void {
    this.sent.push(data)
  }

  close(): void {}
}
