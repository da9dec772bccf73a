/** everopen/reconnecting-websocket: what that package does, and what is no longer wrong with it. */
import { once } from 'node:events'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import WS from 'ws'
import { InvalidArgumentError } from '../../src/diagnostics/errors.js'
import ReconnectingWebSocket, {
  type Options,
  type UrlProvider,
} from '../../src/reconnecting-websocket/index.js'
import { deadEnd, next, serve, silent, task, transcript } from './server.js'

function make(url: UrlProvider, options: Options = {}, protocols?: string | string[] | null) {
  const socket = new ReconnectingWebSocket(url, protocols, {
    WebSocket: WS,
    minReconnectionDelay: 1,
    maxReconnectionDelay: 5,
    ...options,
  })
  onTestFinished(() => socket.close())
  return socket
}

/** What code in the field reaches into. */
interface Inner {
  _ws: WS
  _retryCount: number
  _messageQueue: unknown[]
  _getNextDelay(): number
}
const inside = (socket: ReconnectingWebSocket): Inner => socket as unknown as Inner

/** A class that takes no more codes than a browser's. */
class Page extends WS {}
Object.assign(Page.prototype, { terminate: undefined })

/** `ws` before 8.18. */
class NoBlobs extends WS {}
const own = Object.getOwnPropertyDescriptor(WS.prototype, 'binaryType')!
Object.defineProperty(NoBlobs.prototype, 'binaryType', {
  ...own,
  set(type) {
    if (type !== 'blob') own.set!.call(this, type)
  },
})

describe.each(['close', 'reconnect'] as const)('%s() with a code', (method) => {
  it.each([1001, 1003, 1007, 1014, 3000])('that ws sends: %i', async (code) => {
    const { url, peer } = await serve()
    const socket = make(url)
    const [other] = await Promise.all([peer(), next(socket, 'open')])
    const closed = once(other, 'close')
    socket[method](code, 'going')
    expect((await closed).map(String)).toEqual([String(code), 'going'])
  })

  it.each<[string, typeof WS, number, string]>([
    ['ws', WS, 1005, ''],
    ['ws', WS, 1015, ''],
    ['ws', WS, 1001, 'x'.repeat(124)],
    ['a page', Page, 1001, ''],
  ])('or reason that the class of %s refuses throws, and changes nothing', async (_, Class, code, reason) => {
    const { url, peer } = await serve()
    const socket = make(url, { WebSocket: Class })
    const [other] = await Promise.all([peer(), next(socket, 'open')])
    const lines = transcript(socket)
    expect(() => socket[method](code, reason)).toThrow(InvalidArgumentError)
    const heard = once(other, 'message')
    socket.send('after')
    expect(String((await heard)[0])).toBe('after')
    expect([socket.readyState, socket.bufferedAmount, lines]).toEqual([1, 0, []])
  })

  it('before there is a platform socket does not depend on its class', () => {
    expect(() => make('ws://a.test', { startClosed: true })[method](1001)).not.toThrow()
  })
})

describe('the constructor', () => {
  it('throws where there is no WebSocket class', () => {
    for (const WebSocket of [undefined, 123, {}])
      expect(() => new ReconnectingWebSocket('ws://a.test', undefined, { WebSocket })).toThrow(
        'No valid WebSocket class provided',
      )
  })

  it('takes the global class', async () => {
    vi.stubGlobal('WebSocket', WS)
    onTestFinished(() => void vi.unstubAllGlobals())
    const { url, peer } = await serve()
    const socket = new ReconnectingWebSocket(url)
    onTestFinished(() => socket.close())
    await Promise.all([peer(), next(socket, 'open')])
    expect(inside(socket)._ws).toBeInstanceOf(WS)
  })

  it('asks a function for the URL before every attempt, and says it as the class has it', async () => {
    const { url, peer } = await serve()
    let count = 0
    const socket = make(() => `${url}?${++count}`)
    expect(socket.url).toBe('')
    const [other] = await Promise.all([peer(), next(socket, 'open')])
    expect(socket.url).toBe(`${url}/?1`)
    other.close()
    await next(socket, 'open')
    expect(socket.url).toBe(`${url}/?2`)
  })

  it('reads its options when they are needed: they may have changed since', async () => {
    const options: Options = { startClosed: true, minUptime: 1, maxRetries: 0 }
    const socket = make(await silent(), options)
    const lines = transcript(socket)
    const written = vi.spyOn(console, 'log').mockImplementation(() => {})
    Object.assign(socket, {
      _options: { WebSocket: WS, maxRetries: 0, maxEnqueuedMessages: 1, connectionTimeout: 50, debug: true },
    })
    for (const message of ['a', 'b']) socket.send(message)
    expect(inside(socket)._messageQueue).toEqual(['a'])
    socket.reconnect()
    await next(socket, 'error')
    expect(lines).toEqual([expect.stringMatching(/^close 1006 timeout/), 'error TIMEOUT'])
    expect(written).toHaveBeenCalledWith('RWS>', 'connect', 0)
    written.mockRestore()
  })

  it('counts a connection as stable after the minUptime that it has now', async () => {
    const { url, peer } = await serve()
    const options: Options = { minUptime: 60_000 }
    const socket = make(url, options)
    const [first] = await Promise.all([peer(), next(socket, 'open')])
    first.close()
    const [second] = await Promise.all([peer(), next(socket, 'open')])
    expect(socket.retryCount).toBe(1)
    Object.assign(inside(socket), { _options: { WebSocket: WS, minReconnectionDelay: 1, minUptime: 0 } })
    second.close()
    await next(socket, 'close')
    // 0 for the stable connection, and the retry that follows it
    expect(socket.retryCount).toBe(1)
  })

  it('with startClosed waits, CLOSED, for reconnect()', async () => {
    const { url } = await serve()
    const socket = make(url, { startClosed: true })
    await task()
    expect([socket.readyState, socket.url]).toEqual([3, ''])
    socket.reconnect()
    expect(socket.readyState).toBe(0)
    await next(socket, 'open')
  })

  it('offers subprotocols', async () => {
    const { url } = await serve()
    for (const protocols of ['a', ['a', 'b']]) {
      const socket = make(url, {}, protocols)
      await next(socket, 'open')
      expect([socket.protocol, socket.extensions]).toEqual(['a', ''])
    }
  })

  it('has the constants, as its instances', () => {
    const socket = make('ws://a.test', { startClosed: true })
    for (const { CONNECTING, OPEN, CLOSING, CLOSED } of [ReconnectingWebSocket, socket])
      expect([CONNECTING, OPEN, CLOSING, CLOSED]).toEqual([0, 1, 2, 3])
  })
})

describe('messages', () => {
  it('wait for the connection, in order, and go before what open sends', async () => {
    const { url, peer } = await serve()
    const socket = make(url)
    socket.addEventListener('open', () => socket.send('three'))
    expect(socket.send('one')).toBeUndefined()
    socket.send(Uint8Array.from([50]))
    expect([socket.bufferedAmount, inside(socket)._messageQueue]).toEqual([4, ['one', Uint8Array.of(50)]])
    const got: string[] = []
    const other = await peer()
    other.on('message', (data) => got.push(String(data as Buffer)))
    await expect.poll(() => got).toEqual(['one', '2', 'three'])
  })

  it('beyond maxEnqueuedMessages are dropped: pladaria/reconnecting-websocket#110', async () => {
    const { url, peer } = await serve()
    const socket = make(url, { maxEnqueuedMessages: 2 })
    for (const text of ['one', 'two', 'three']) socket.send(text)
    expect(socket.bufferedAmount).toBe(6)
    const got: string[] = []
    const other = await peer()
    other.on('message', (data) => got.push(String(data as Buffer)))
    await next(socket, 'open')
    socket.send('four')
    await expect.poll(() => got).toEqual(['one', 'two', 'four'])
  })

  it('arrive, the on* listener first', async () => {
    const { url, peer } = await serve()
    const socket = make(url)
    const heard: string[] = []
    socket.addEventListener('message', ({ data }) => heard.push(`listener ${String(data)}`))
    socket.onmessage = ({ data }) => heard.push(`attribute ${String(data)}`)
    const [other] = await Promise.all([peer(), next(socket, 'open')])
    other.send('hello')
    await next(socket, 'message')
    expect(heard).toEqual(['attribute hello', 'listener hello'])
  })

  it.each([
    ['blob', 'a class that knows it', WS],
    ['nodebuffer', 'a class that does not', NoBlobs],
  ])('binaryType is %s with %s until it is set', async (type, _, Class) => {
    const { url } = await serve()
    const socket = make(url, { WebSocket: Class })
    expect(socket.binaryType).toBe('blob')
    await next(socket, 'open')
    expect([socket.binaryType, inside(socket)._ws.binaryType]).toEqual([type, type])
    socket.binaryType = 'arraybuffer'
    expect([socket.binaryType, inside(socket)._ws.binaryType]).toEqual(['arraybuffer', 'arraybuffer'])
    socket.reconnect()
    await next(socket, 'open')
    expect(socket.binaryType).toBe('arraybuffer')
    const early = make(url)
    early.binaryType = 'arraybuffer'
    expect(early.binaryType).toBe('arraybuffer')
    await next(early, 'open')
    expect(inside(early)._ws.binaryType).toBe('arraybuffer')
  })

  it('binaryType is the same while it connects, and ignores what its class does', async () => {
    const { url } = await serve()
    const seen: string[] = []
    class Class extends WS {
      constructor(...given: ConstructorParameters<typeof WS>) {
        super(...given)
        queueMicrotask(() => seen.push(socket.binaryType))
      }
    }
    const socket = make(url, { WebSocket: Class })
    await next(socket, 'open')
    expect(seen).toEqual(['blob'])
    socket.binaryType = 'nonsense' as 'blob'
    expect(socket.binaryType).toBe('blob')
  })
})

describe('retrying', () => {
  it('grows the delay, up to maxRetries, then stays CLOSED; a failed attempt gives close and error', async () => {
    const socket = make(await deadEnd(), {
      ...{ maxRetries: 3, minReconnectionDelay: 2, reconnectionDelayGrowFactor: 2, maxReconnectionDelay: 5 },
    })
    const delays: number[] = []
    const lines = transcript(socket)
    socket.onerror = () => delays.push(inside(socket)._getNextDelay())
    expect([socket.readyState, inside(socket)._getNextDelay(), socket.retryCount]).toEqual([0, 0, 0])
    await expect.poll(() => delays).toEqual([2, 4, 5, 5])
    const refused = 'error the connection failed (ECONNREFUSED)'
    expect(lines).toEqual(Array(4).fill(['close 1006  [3]', refused]).flat())
    expect([socket.retryCount, socket.readyState]).toEqual([3, 3])
  })

  it.each([
    ['0 after the close() of a connection that has lasted minUptime', 1, 0],
    ['not after that of a shorter one', 60_000, 1],
  ])('counts %s', async (_, minUptime, count) => {
    const { url, peer } = await serve()
    const socket = make(url, { minUptime })
    socket.onopen = () => (inside(socket)._retryCount = 1)
    await Promise.all([peer(), next(socket, 'open')])
    await expect.poll(() => socket.retryCount).toBe(count)
    socket.close()
    expect(socket.retryCount).toBe(count)
    await next(socket, 'close')
    expect(socket.retryCount).toBe(count)
  })

  it('by default begins with 1 to 5 s and ends with 10 s', () => {
    vi.stubGlobal('WebSocket', WS)
    onTestFinished(() => void vi.unstubAllGlobals())
    const socket = new ReconnectingWebSocket('ws://a.test', undefined, { startClosed: true })
    const delays = [1, 2, 30].map((count) => {
      inside(socket)._retryCount = count
      return inside(socket)._getNextDelay()
    })
    expect(delays[0]).toBeGreaterThanOrEqual(1_000)
    expect(delays[0]).toBeLessThanOrEqual(5_000)
    expect(delays[1]! / delays[0]!).toBeCloseTo(1.3)
    expect(delays[2]).toBe(10_000)
  })

  it('counts from 0 again after minUptime', async () => {
    const { url, peer } = await serve()
    const socket = make(url, { minUptime: 60 })
    const [first] = await Promise.all([peer(), next(socket, 'open')])
    first.close(4000)
    await next(socket, 'close')
    expect(socket.retryCount).toBe(1)
    const [second] = await Promise.all([peer(), next(socket, 'open')])
    expect(socket.retryCount).toBe(1)
    await expect.poll(() => socket.retryCount).toBe(0)
    second.close(1008)
    await next(socket, 'close')
    expect(socket.retryCount).toBe(1)
  })

  it('says TIMEOUT for an attempt that takes too long', async () => {
    const socket = make(await silent(), { connectionTimeout: 20, maxRetries: 0 })
    const lines = transcript(socket)
    await next(socket, 'error')
    expect(lines).toEqual([expect.stringMatching(/^close 1006 timeout/), 'error TIMEOUT'])
  })

  it('a timeout while dialing is no uncaught error: pladaria/reconnecting-websocket#183, #193', async () => {
    const uncaught = vi.fn()
    process.on('uncaughtException', uncaught)
    onTestFinished(() => void process.off('uncaughtException', uncaught))
    const socket = make(await silent(), { connectionTimeout: 5 })
    let errors = 0
    socket.onerror = () => errors++
    await expect.poll(() => errors).toBeGreaterThanOrEqual(3)
    socket.close()
    await task()
    expect(uncaught).not.toHaveBeenCalled()
  })

  it('a URL function that gives none, or fails, is an error event and retried: pladaria/reconnecting-websocket#166', async () => {
    const { url } = await serve()
    const answers: (() => unknown)[] = [
      () => 123,
      () => Promise.reject(new Error('no token')),
      () => Promise.resolve(url),
    ]
    const socket = make(() => answers.shift()!() as string)
    const causes: unknown[] = []
    socket.onerror = ({ error }) => causes.push((error.cause as Error).message)
    await next(socket, 'open')
    expect(causes).toEqual(['Invalid URL', 'no token'])
  })

  it('a platform that reports an error of an open connection: close, then error', async () => {
    const { url, peer } = await serve()
    const socket = make(url, { maxRetries: 0 })
    const lines = transcript(socket)
    const [other] = await Promise.all([peer(), next(socket, 'open')])
    ;(other as unknown as { _socket: { write(bytes: Uint8Array): void } })._socket.write(
      Uint8Array.of(0xff, 0),
    )
    await next(socket, 'error')
    expect(lines).toEqual([
      'open [1]',
      'close 1006  [3]',
      'error the connection failed (WS_ERR_UNEXPECTED_RSV_2_3)',
    ])
  })

  it('a listener that throws stops no other: pladaria/reconnecting-websocket', async () => {
    const { url } = await serve()
    const uncaught = vi.fn()
    process.on('uncaughtException', uncaught)
    onTestFinished(() => void process.off('uncaughtException', uncaught))
    const socket = make(url)
    socket.onopen = () => {
      throw new Error('mine')
    }
    await next(socket, 'open')
    await expect.poll(() => uncaught).toHaveBeenCalledOnce()
    expect(socket.readyState).toBe(1)
  })
})

describe('close()', () => {
  it('tells what the peer answers, and may be called again', async () => {
    const { url } = await serve()
    const socket = make(url)
    const lines = transcript(socket)
    await next(socket, 'open')
    socket.close(1000, 'bye')
    expect(socket.readyState).toBe(2)
    socket.close()
    await next(socket, 'close')
    socket.close()
    await task()
    expect(lines).toEqual(['open [1]', 'close 1000 bye [3]'])
  })

  it('in a listener is CLOSING at once, and what is sent then waits for reconnect()', async () => {
    const { url, peer } = await serve()
    const socket = make(url)
    const seen: number[] = []
    const bytes = Uint8Array.of(50)
    socket.addEventListener(
      'open',
      () => {
        socket.close()
        socket.send('late')
        socket.send(bytes)
        bytes[0] = 57
        seen.push(socket.readyState, socket.bufferedAmount, inside(socket)._messageQueue.length)
      },
      { once: true },
    )
    const first = await peer()
    const early: unknown[] = []
    first.on('message', (data) => early.push(data))
    await next(socket, 'close')
    expect([seen, early, socket.bufferedAmount]).toEqual([[2, 5, 2], [], 5])
    const got: string[] = []
    socket.reconnect()
    ;(await peer()).on('message', (data) => got.push(String(data as Buffer)))
    await expect.poll(() => got).toEqual(['late', '2'])
  })

  it('before the first dial tells nothing; while dialing, close in a later task', async () => {
    const { url } = await serve()
    const early = make(url)
    const none = transcript(early)
    early.close()
    const socket = make(await silent())
    const lines = transcript(socket)
    await expect.poll(() => socket.url).not.toBe('')
    socket.close()
    expect([socket.readyState, lines]).toEqual([expect.any(Number), []])
    expect(socket.readyState).toBeGreaterThanOrEqual(2)
    await next(socket, 'close')
    expect([none, early.readyState]).toEqual([[], 3])
    expect(lines).toEqual([expect.stringMatching(/^close 1006/)])
  })

  it('and then reconnect() dials, however early: pladaria/reconnecting-websocket#165, #86', async () => {
    const { url } = await serve()
    const socket = make(url)
    socket.close()
    socket.reconnect()
    await next(socket, 'open')
  })

  it('during the wait dials no more: pladaria/reconnecting-websocket#51', async () => {
    const { url, peer } = await serve()
    const socket = make(url, { minReconnectionDelay: 60_000, maxReconnectionDelay: 60_000 })
    const [other] = await Promise.all([peer(), next(socket, 'open')])
    other.close()
    await next(socket, 'close')
    socket.close()
    expect((socket as unknown as { _socket: { state: string } })._socket.state).toBe('closed')
  })
})

describe('reconnect()', () => {
  it('tells the end of the old connection at once, and dials; one connection is left', async () => {
    const { url, server } = await serve()
    const socket = make(url)
    const lines = transcript(socket)
    await next(socket, 'open')
    socket.reconnect(4000, 'again')
    expect([lines, socket.retryCount]).toEqual([['open [1]', 'close 4000 again [2]'], 0])
    await next(socket, 'open')
    await expect.poll(() => server.clients.size).toBe(1)
    expect(lines).toEqual(['open [1]', 'close 4000 again [2]', 'open [1]'])
  })

  it('in a listener: CLOSING there, one close', async () => {
    const { url, peer } = await serve()
    const socket = make(url)
    const lines = transcript(socket)
    const [other] = await Promise.all([peer(), next(socket, 'open')])
    socket.onmessage = () => {
      socket.reconnect(1000, 'reconnect')
      lines.push(`then [${socket.readyState}]`)
    }
    other.send('now')
    await next(socket, 'open')
    expect(lines).toEqual(['open [1]', 'close 1000 reconnect [2]', 'then [2]', 'message now', 'open [1]'])
  })

  it('while dialing gives up that dial: one connection: pladaria/reconnecting-websocket#69', async () => {
    const { url, server } = await serve()
    const stuck = await silent()
    const urls = [stuck, url]
    const socket = make(() => urls.shift()!)
    const lines = transcript(socket)
    await expect.poll(() => socket.url).toBe(`${stuck}/`)
    socket.reconnect()
    await next(socket, 'open')
    expect([server.clients.size, lines]).toEqual([1, [expect.stringMatching(/^close 1000/), 'open [1]']])
  })

  it('after close() while dialing tells one close', async () => {
    const { url } = await serve()
    const stuck = await silent()
    const urls = [stuck, url]
    const socket = make(() => urls.shift()!)
    const lines = transcript(socket)
    await expect.poll(() => socket.url).toBe(`${stuck}/`)
    socket.close()
    socket.reconnect()
    await next(socket, 'open')
    await task()
    expect(lines.filter((line) => line.startsWith('close'))).toHaveLength(1)
  })

  it('works when maxRetries are used up', async () => {
    const { url } = await serve()
    const urls = [await deadEnd(), url]
    const socket = make(() => urls.shift()!, { maxRetries: 0 })
    await next(socket, 'error')
    expect(socket.readyState).toBe(3)
    socket.reconnect()
    await next(socket, 'open')
  })

  it('counts retries from 0 again, for maxRetries and the delay: while waiting, and when they are used up', async () => {
    const socket = make(await deadEnd(), { maxRetries: 3 })
    const counts: number[] = []
    await next(socket, 'error')
    await next(socket, 'error')
    socket.onclose = () => counts.push(socket.retryCount)
    for (let round = 0; round < 2; round++) {
      counts.length = 0
      socket.reconnect()
      expect(socket.retryCount).toBe(0)
      await expect.poll(() => counts).toEqual([1, 2, 3, 3])
      expect(socket.readyState).toBe(3)
    }
  })

  it('twice in a listener is CLOSING there, and what is sent then goes out on the new connection', async () => {
    const { url, peer, server } = await serve()
    const socket = make(url)
    const lines = transcript(socket)
    const got: string[] = []
    let count = 0
    server.on('connection', (other) => {
      const id = ++count
      other.on('message', (data) => got.push(`${String(data as Buffer)} on ${id}`))
    })
    const [other] = await Promise.all([peer(), next(socket, 'open')])
    socket.onmessage = () => {
      socket.reconnect()
      socket.reconnect()
      socket.send('after')
      lines.push(`then [${socket.readyState}] ${socket.bufferedAmount}`)
    }
    other.send('now')
    await expect.poll(() => got).toEqual(['after on 2'])
    expect(lines).toEqual(['open [1]', 'close 1000  [2]', 'then [2] 5', 'message now', 'open [1]'])
  })

  it('stays one connection when it is called many times', async () => {
    const { url, server } = await serve()
    const socket = make(url)
    let count = 0
    server.on('connection', () => count++)
    for (let turn = 0; turn < 10; turn++) socket.reconnect()
    await next(socket, 'open')
    expect(count).toBe(1)
  })
})

describe('debug', () => {
  it('writes to the console, and nothing without it', async () => {
    const log = vi.spyOn(console, 'log').mockReturnValue()
    onTestFinished(() => log.mockRestore())
    const url = await deadEnd()
    await next(make(url, { maxRetries: 0 }), 'error')
    expect(log).not.toHaveBeenCalled()
    await next(make(url, { maxRetries: 0, debug: true }), 'error')
    expect(log).toHaveBeenCalledWith('RWS>', 'connect', 0)
    expect(log).toHaveBeenCalledWith('RWS>', 'max retries reached', 0, '>=', 0)
    expect(JSON.stringify(log.mock.calls)).not.toContain('token')
  })
})

it('a server that goes away and comes back', async () => {
  const { url, peer, server } = await serve()
  const socket = make(url)
  const lines = transcript(socket)
  for (let round = 0; round < 3; round++) {
    const [other] = await Promise.all([peer(), next(socket, 'open')])
    const closed = once(other, 'close')
    other.terminate()
    await Promise.all([closed, next(socket, 'close')])
  }
  await next(socket, 'open')
  expect([lines.filter((line) => line === 'open [1]').length, server.clients.size]).toEqual([4, 1])
})
