/** everopen/partysocket: what that package does, and what is no longer wrong with it. */
import { once } from 'node:events'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import WS from 'ws'
import { InvalidArgumentError } from '../../src/diagnostics/errors.js'
import PartySocket, {
  CloseEvent,
  ErrorEvent,
  type Options,
  type PartySocketOptions,
  type ProtocolsProvider,
  type UrlProvider,
  WebSocket,
} from '../../src/partysocket/index.js'
import { deadEnd, next, serve, silent, task, transcript } from '../reconnecting-websocket/server.js'

const quick: Options = { WebSocket: WS, minReconnectionDelay: 1, maxReconnectionDelay: 5 }

function make(url: UrlProvider, options: Options = {}, protocols?: ProtocolsProvider): WebSocket {
  const socket = new WebSocket(url, protocols, { ...quick, ...options })
  onTestFinished(() => socket.close())
  return socket
}

function quiet(method: 'warn' | 'error') {
  const spy = vi.spyOn(console, method).mockReturnValue()
  onTestFinished(() => spy.mockRestore())
  return spy
}

describe('WebSocket', () => {
  it('takes a function for the subprotocols, asked before every attempt', async () => {
    const { url, peer } = await serve()
    const given = ['one', ['two'], null]
    const socket = make(url, {}, async () => given.shift()!)
    const seen: string[] = []
    socket.onopen = () => seen.push(socket.protocol)
    for (let round = 0; round < 3; round++) (await Promise.all([peer(), next(socket, 'open')]))[0].close()
    expect(seen).toEqual(['one', 'two', ''])
    const wrong = make(url, { maxRetries: 0 }, () => /no protocol/ as never)
    const lines = transcript(wrong)
    await next(wrong, 'error')
    expect(lines.at(-1)).toBe('error the protocols provider failed')
  })

  it.each(['close', 'reconnect'] as const)(
    '%s() sends what ws does, and changes nothing where it throws',
    async (method) => {
      const { url, peer } = await serve()
      const socket = make(url)
      const [other] = await Promise.all([peer(), next(socket, 'open')])
      const lines = transcript(socket)
      expect(() => socket[method](1005)).toThrow(InvalidArgumentError)
      expect([socket.readyState, socket.shouldReconnect, socket.send('after'), lines]).toEqual([
        1,
        true,
        true,
        [],
      ])
      const closed = once(other, 'close')
      socket[method](1001, 'going')
      expect((await closed).map(String)).toEqual(['1001', 'going'])
    },
  )

  it('binaryType is blob', async () => {
    const { url } = await serve()
    const socket = make(url)
    await next(socket, 'open')
    expect(socket.binaryType).toBe('blob')
  })

  it('waits 3 s at first', () => {
    const socket = make('ws://a.test', {
      startClosed: true,
      minReconnectionDelay: 3_000,
      maxReconnectionDelay: 9_000,
    })
    const plain = new WebSocket('ws://a.test', undefined, { WebSocket: WS, startClosed: true })
    for (const each of [socket, plain] as unknown as { _retryCount: number; _getNextDelay(): number }[]) {
      each._retryCount = 1
      expect(each._getNextDelay()).toBe(3_000)
    }
  })

  it('send() says whether it went out at once', async () => {
    const { url } = await serve()
    const socket = make(url)
    const answers = [socket.send('early')]
    socket.onopen = () => answers.push(socket.send('now'))
    await next(socket, 'open')
    expect(answers).toEqual([false, true])
  })

  it('drainQueuedMessages() takes out what waits', async () => {
    const { url } = await serve()
    const socket = make(url, { startClosed: true })
    socket.send('one')
    socket.send('two')
    expect([socket.bufferedAmount, socket.drainQueuedMessages(), socket.drainQueuedMessages()]).toEqual([
      6,
      ['one', 'two'],
      [],
    ])
  })

  it('close() tells close before it returns, once, and is CLOSED', async () => {
    const { url } = await serve()
    const socket = make(url)
    const lines = transcript(socket)
    await next(socket, 'open')
    socket.close(4000, 'bye')
    expect([socket.readyState, lines, socket.shouldReconnect]).toEqual([
      3,
      ['open [1]', 'close 4000 bye [3]'],
      false,
    ])
    socket.close()
    await task()
    expect(lines).toHaveLength(2)
  })

  it('close() while dialing too; before the first dial it tells nothing', async () => {
    const socket = make(await silent())
    const lines = transcript(socket)
    await expect.poll(() => socket.url).not.toBe('')
    socket.close()
    await task()
    expect(lines).toEqual(['close 1000  [3]'])
    const early = make('ws://a.test')
    const none = transcript(early)
    early.close()
    await task()
    expect([none, early.readyState]).toEqual([[], 3])
  })

  it('warns once of what is sent after close(), and sends it after reconnect()', async () => {
    const warn = quiet('warn')
    const { url, peer } = await serve()
    const socket = make(url)
    await next(socket, 'open')
    socket.close()
    expect([socket.send('one'), socket.send('two')]).toEqual([false, false])
    expect(warn).toHaveBeenCalledOnce()
    expect(warn).toHaveBeenCalledWith(expect.stringContaining('send() was called after close()'))
    expect(Reflect.get(socket, '_didWarnAboutClosedSend')).toBe(true)
    const got: string[] = []
    socket.reconnect()
    expect(Reflect.get(socket, '_didWarnAboutClosedSend')).toBe(false)
    ;(await peer()).on('message', (data) => got.push(String(data as Buffer)))
    await expect.poll(() => got).toEqual(['one', 'two'])
  })

  it.each(['close', 'reconnect'] as const)(
    '%s() and then reconnect() in a listener: what is sent then goes out on the new connection',
    async (first) => {
      const { url, server } = await serve()
      const socket = make(url)
      const got: string[] = []
      const states: number[] = []
      let count = 0
      server.on('connection', (other) => {
        const id = ++count
        other.on('message', (data) => got.push(`${String(data as Buffer)} on ${id}`))
      })
      socket.addEventListener(
        'open',
        () => {
          socket[first]()
          socket.reconnect()
          states.push(socket.readyState)
          expect(socket.send('after')).toBe(false)
        },
        { once: true },
      )
      await expect.poll(() => got).toEqual(['after on 2'])
      expect(states).toEqual([2])
    },
  )

  it('counts 0 after a connection that has lasted minUptime and is not to be replaced', async () => {
    const { url, peer } = await serve()
    const socket = make(url, { minUptime: 1, shouldReconnectOnClose: () => false })
    socket.onopen = () => ((socket as unknown as { _retryCount: number })._retryCount = 1)
    const [other] = await Promise.all([peer(), next(socket, 'open')])
    await expect.poll(() => socket.retryCount).toBe(0)
    other.close(4000)
    await next(socket, 'close')
    expect([socket.shouldReconnect, socket.retryCount]).toEqual([false, 0])
  })

  it('shouldReconnectOnClose says whether it dials again; reconnect() takes that back', async () => {
    const { url, peer } = await serve()
    const asked: number[] = []
    const socket = make(url, {
      shouldReconnectOnClose: (event) => {
        asked.push(event.code)
        return event.code !== 1008
      },
    })
    for (const code of [4000, 1008]) (await Promise.all([peer(), next(socket, 'open')]))[0].close(code)
    await next(socket, 'close')
    expect([asked, socket.shouldReconnect, socket.readyState]).toEqual([[4000, 1008], false, 3])
    socket.reconnect()
    await next(socket, 'open')
    expect(socket.shouldReconnect).toBe(true)
  })

  it('reconnect() works when maxRetries are used up: cloudflare/partykit#252', async () => {
    const { url } = await serve()
    const urls = [await deadEnd(), url]
    const socket = make(() => urls.shift()!, { maxRetries: 0 })
    await next(socket, 'error')
    socket.reconnect()
    await next(socket, 'open')
  })

  it('leaves no connection behind that was retired while it was dialed: cloudflare/partykit#210', async () => {
    const { url, server } = await serve()
    const socket = make(url)
    let opens = 0
    socket.onopen = () => opens++
    for (let turn = 0; turn < 5; turn++) {
      await expect.poll(() => socket.url).not.toBe('')
      socket.reconnect()
    }
    await next(socket, 'open')
    await expect.poll(() => server.clients.size).toBe(1)
    expect(opens).toBeGreaterThan(0)
  })

  it('without a WebSocket class says so, and tries again', async () => {
    const error = quiet('error')
    const { url } = await serve()
    const socket = new WebSocket(url, undefined, { ...quick, WebSocket: undefined })
    onTestFinished(() => socket.close())
    await next(socket, 'error')
    expect(error).toHaveBeenCalledWith(expect.stringContaining('No WebSocket implementation'))
    vi.stubGlobal('WebSocket', WS)
    onTestFinished(() => void vi.unstubAllGlobals())
    await next(socket, 'open')
  })

  it('debugLogger is written to', async () => {
    const lines: unknown[][] = []
    const { url } = await serve()
    const socket = make(url, { debug: true, debugLogger: (...line) => lines.push(line) })
    await next(socket, 'open')
    expect(lines).toContainEqual(['RWS>', 'connect', 0])
  })

  it('has the classes of its events', () => {
    expect(new CloseEvent()).toMatchObject({ type: 'close', code: 1000, reason: '', wasClean: true })
    expect(new ErrorEvent(new Error('x'))).toMatchObject({ type: 'error', message: 'x' })
  })
})

describe('the URL of a PartySocket', () => {
  const urlOf = async (options: Partial<PartySocketOptions>): Promise<string> => {
    const socket = new PartySocket({ host: 'a.test', room: 'r', id: 'me', startClosed: true, ...options })
    const { _url } = socket as unknown as { _url: string | (() => Promise<string>) }
    return typeof _url === 'string' ? _url : _url()
  }

  it.each<[Partial<PartySocketOptions>, string]>([
    [{}, 'wss://a.test/parties/main/r?_pk=me'],
    [{ host: 'https://a.test/' }, 'wss://a.test/parties/main/r?_pk=me'],
    [{ party: 'chat', prefix: 'rooms' }, 'wss://a.test/rooms/chat/r?_pk=me'],
    [{ basePath: 'my/place', path: 'deep' }, 'wss://a.test/my/place/deep?_pk=me'],
    [{ protocol: 'ws' }, 'ws://a.test/parties/main/r?_pk=me'],
    [{ host: 'localhost:1999' }, 'ws://localhost:1999/parties/main/r?_pk=me'],
    [{ host: '172.20.0.1' }, 'ws://172.20.0.1/parties/main/r?_pk=me'],
    [{ host: '172.32.0.1' }, 'wss://172.32.0.1/parties/main/r?_pk=me'],
    [{ query: { a: '1', b: null, c: undefined } }, 'wss://a.test/parties/main/r?_pk=me&a=1'],
    [{ query: async () => ({ token: 'fresh' }) }, 'wss://a.test/parties/main/r?_pk=me&token=fresh'],
  ])('%o', async (options, url) => expect(await urlOf(options)).toBe(url))

  it('refuses a path with a slash in front, and the lack of a room', () => {
    expect(() => new PartySocket({ host: 'a.test', room: 'r', path: '/x', startClosed: true })).toThrow(
      'slash',
    )
    expect(() => new PartySocket({ host: 'a.test' })).toThrow('room or basePath')
  })

  it('warns of a slash in a name, unless told not to', () => {
    const warn = quiet('warn')
    const options = { host: 'a.test', room: 'a/b', party: 'c/d', startClosed: true }
    new PartySocket({ ...options, disableNameValidation: true })
    expect(warn).not.toHaveBeenCalled()
    new PartySocket(options)
    expect(warn).toHaveBeenCalledTimes(2)
  })

  it('has a random id where none is given, whatever the page', () => {
    const uuid = /^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/
    const options = { host: 'a.test', room: 'r', startClosed: true }
    expect(new PartySocket(options).id).toMatch(uuid)
    vi.stubGlobal('crypto', {})
    onTestFinished(() => void vi.unstubAllGlobals())
    expect(new PartySocket(options).id).toMatch(uuid)
  })

  it('can be changed for the next attempt', async () => {
    const { url, peer, server } = await serve()
    const paths: (string | undefined)[] = []
    server.on('connection', (_, request) => paths.push(request.url))
    const socket = new PartySocket({ ...quick, host: url, id: 'me', startClosed: true, path: 'p' })
    onTestFinished(() => socket.close())
    expect(() => socket.reconnect()).toThrow('room')
    socket.updateProperties({ room: 'one' })
    expect([socket.room, socket.name, socket.roomUrl]).toEqual(['one', 'main', `${url}/parties/main/one/p`])
    socket.reconnect()
    await Promise.all([peer(), next(socket, 'open')])
    socket.updateProperties({ room: 'two', path: undefined as never })
    socket.reconnect()
    await Promise.all([peer(), next(socket, 'open')])
    expect(paths).toEqual(['/parties/main/one/p?_pk=me', '/parties/main/two/p?_pk=me'])
    socket.host = ''
    expect(() => socket.reconnect()).toThrow('host')
  })

  it('where undefined resets what is no part of the room, and an empty id is none', () => {
    const socket = new PartySocket({
      ...{ host: 'a.test', room: 'one', startClosed: true },
      ...{ id: '', party: 'p', prefix: 'x', query: { q: '1' } },
    })
    expect(socket.id).toHaveLength(36)
    expect(socket.roomUrl).toBe('wss://a.test/x/p/one')
    const none = undefined as never
    socket.updateProperties({ id: 'me', party: none, prefix: none, query: none, room: none, host: none })
    expect(socket.roomUrl).toBe('wss://a.test/parties/main/one')
    expect((socket as unknown as { _url: string })._url).toBe(`${socket.roomUrl}?_pk=me`)
  })

  it('and the options of the connection, too', async () => {
    const { url, peer } = await serve()
    const socket = new PartySocket({ ...quick, host: url, room: 'one', startClosed: true })
    onTestFinished(() => socket.close())
    socket.updateProperties({ maxEnqueuedMessages: 1 })
    expect(['a', 'b'].map((message) => socket.send(message))).toEqual([false, false])
    socket.reconnect()
    const other = await peer()
    const heard: string[] = []
    other.on('message', (data) => heard.push(String(data)))
    await next(socket, 'open')
    socket.send('c')
    await expect.poll(() => heard).toContain('c')
    expect(heard).toEqual(['a', 'c'])
  })

  it('is that of fetch, by http', async () => {
    const fetch = vi.fn(async () => 'answer')
    const options = { host: 'a.test', room: 'r', fetch }
    expect(await PartySocket.fetch(options, { method: 'POST' })).toBe('answer')
    await PartySocket.fetch({ ...options, query: () => ({ a: '1' }) })
    expect(fetch.mock.calls).toEqual([
      ['https://a.test/parties/main/r?', { method: 'POST' }],
      ['https://a.test/parties/main/r?a=1', undefined],
    ])
    vi.stubGlobal('fetch', fetch)
    onTestFinished(() => void vi.unstubAllGlobals())
    await PartySocket.fetch({ host: 'localhost:1', room: 'r' })
    expect(fetch).toHaveBeenLastCalledWith('http://localhost:1/parties/main/r?', undefined)
  })
})
