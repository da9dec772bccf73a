/** Lines of the list of peers about dials, over real connections: those that must come, and those that must not. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { WebSocket } from 'ws'
import { type Endpoint, type Options, ReconnectingSocket } from '../../src/index.js'
import { platform as browser } from '../../src/platform/browser.js'
import { CLOSE, type RawConnection, serve, TEXT } from './raw-server.js'
import { eventually, nothingLeft, quiet, record, takeBaseline, timers, uncaught } from './record.js'
import type { Provider } from '../../src/options/provider.js'

beforeEach(takeBaseline)
afterEach(() => void vi.unstubAllGlobals())

const soon = { backoff: () => 1 }
const accept = (connection: RawConnection): void => void connection.accept()
const silent = (connection: RawConnection): void => {
  connection.answers = 'nothing'
}
const opened = ['connecting → open', 'open 0']
const again = ['connecting → open', 'open 1 again']

describe('3: after an authorization close with a provider: one refresh, then closed with a typed error', () => {
  const providers: [string, (url: string, asked: () => void) => [Provider<Endpoint>, Options]][] = [
    ['the URL', (url, asked) => [() => (asked(), url), {}]],
    ['the headers', (url, asked) => [url, { node: { headers: () => (asked(), { authorization: 'x' }) } }]],
    ['the protocols', (url, asked) => [url, { protocols: () => (asked(), undefined) }]],
  ]
  const closes = [1008, 3000, 3003].map((code) => ({
    what: `Close ${code}`,
    script: (connection: RawConnection) =>
      void connection.accept().then(() => connection.close(code, 'who are you?')),
    words: [
      ...opened,
      'open → connecting',
      `close ${code} who are you? (peer, clean, retries)`,
      ...again,
      'open → closed',
      `close ${code} who are you? (peer, clean, final)`,
    ],
    cause: { code: 'ERR_CLOSE_CODE', closeCode: code },
  }))
  const refusals = [401, 403].map((status) => ({
    what: `HTTP ${status}`,
    script: (connection: RawConnection) => void connection.refuse(status, ['Content-Length: 0']),
    words: ['error ERR_HANDSHAKE', 'connecting → closed', 'error ERR_HANDSHAKE'],
    cause: { code: 'ERR_HANDSHAKE', status },
  }))
  const cases = providers.flatMap(([name, make]) =>
    [...closes, ...refusals].map((given) => [given.what, name, { make, ...given }] as const),
  )
  test.each(cases)('%s, with a function for %s', async (_what, _name, { make, script, words, cause }) => {
    const server = await serve(script)
    let asked = 0
    const [url, options] = make(server.url, () => asked++)
    // a limit that must not be reached
    const socket = new ReconnectingSocket(url, { ...options, retry: { ...soon, limit: 5 } })
    const seen = record(socket)
    expect((await socket.closed).cause).toMatchObject(cause)
    expect(timers()).toBe(0)
    expect(seen.words).toEqual(words)
    expect([asked, server.connections.length]).toEqual([2, 2])
    await nothingLeft(socket, server)
  })
})

test('13: onLine === false never blocks dialing: a page that is told so for ever is connected all the same', async () => {
  const page = new EventTarget()
  vi.stubGlobal('addEventListener', page.addEventListener.bind(page))
  vi.stubGlobal('removeEventListener', page.removeEventListener.bind(page))
  vi.stubGlobal('navigator', { onLine: false })
  const server = await serve((connection, n) => {
    if (n % 2) connection.rst()
    else accept(connection)
  })
  const Socket = ReconnectingSocket as unknown as new (
    url: string,
    options: Options,
    platform: typeof browser,
  ) => ReconnectingSocket
  const socket = new Socket(server.url, { retry: soon }, browser)
  const seen = record(socket)
  const words = [...opened]
  for (let n = 1; n <= 5; n++) {
    await seen.until('open', n)
    page.dispatchEvent(new Event('offline'))
    expect(socket.state).toBe('open')
    if (n === 5) break
    server.connections.at(-1)!.rst()
    words.push('open → connecting', 'close 1006 (network, unclean, retries)', 'error ERR_CONNECTION')
    words.push('connecting → open', `open ${2 * n} again`)
  }
  expect(seen.words).toEqual(words)
  expect(navigator.onLine).toBe(false)
  socket.close()
  await socket.closed
  await nothingLeft(socket, server)
})

describe('14: the retry does not depend on the close event of the platform', () => {
  class NoClose extends WebSocket {}
  Object.defineProperty(NoClose.prototype, 'onclose', { set() {} })
  // a class with the WHATWG interface and no more: that of ws itself is dialed as Node's own
  Object.defineProperty(NoClose.prototype, 'ping', { value: undefined })
  /** Says nothing of any end. */
  class Mute extends NoClose {
    constructor(...given: ConstructorParameters<typeof WebSocket>) {
      super(...given)
      this.on('error', () => {})
    }
  }
  Object.defineProperty(Mute.prototype, 'onerror', { set() {} })

  const ends: [string, (connection: RawConnection) => void][] = [
    ['FIN', (connection) => connection.fin()],
    ['RST', (connection) => connection.rst()],
    ['Close', (connection) => connection.close(1001)],
  ]
  const classes = [
    ['no close event', NoClose],
    ['neither close nor error event', Mute],
  ] as const
  const cases = classes.flatMap(([name, Class]) => ends.map(([how, end]) => [how, name, end, Class] as const))

  test.each(cases)('%s while open, %s, a heartbeat: its verdict', async (_how, _name, end, Class) => {
    const server = await serve(
      (connection, n) => void connection.accept().then(() => n === 0 && end(connection)),
    )
    const heartbeat = { interval: 50, timeout: 100, message: 'ping' }
    const socket = new ReconnectingSocket(server.url, { WebSocket: Class, heartbeat, retry: soon })
    const seen = record(socket)
    await seen.until('open', 2)
    expect(seen.words).toEqual([
      ...opened,
      'open → connecting',
      'close 1006 (client, unclean, retries)',
      ...again,
    ])
    socket.terminate()
    await nothingLeft(socket, server)
  })

  test.each(cases)(
    '%s while open, %s, something to send: within closeTimeout, and it is sent',
    async (_how, _name, end, Class) => {
      const made: WebSocket[] = []
      class Watched extends (Class as typeof WebSocket) {
        constructor(...given: ConstructorParameters<typeof WebSocket>) {
          super(...given)
          made.push(this)
        }
      }
      const server = await serve(
        (connection, n) => void connection.accept().then(() => n === 0 && end(connection)),
      )
      const socket = new ReconnectingSocket(server.url, { WebSocket: Watched, closeTimeout: 50, retry: soon })
      const seen = record(socket)
      await seen.until('open')
      await eventually(
        () => 'the end of the platform socket',
        () => made[0]!.readyState === WebSocket.CLOSED,
      )
      expect(socket.send('hello')).toBe('queued')
      await seen.until('open', 2)
      expect((await server.connections[1]!.frame(TEXT)).payload.toString()).toBe('hello')
      expect(seen.words).toEqual([
        ...opened,
        'open → connecting',
        'close 1006 (network, unclean, retries)',
        ...again,
      ])
      socket.terminate()
      await nothingLeft(socket, server)
    },
  )

  test.each([
    ['no close event', NoClose, 'ERR_CONNECTION'],
    ['neither close nor error event', Mute, 'ERR_CONNECT_TIMEOUT'],
  ])('a dial that fails, %s: an error, and a dial', async (_, Class, code) => {
    const server = await serve((connection, n) => (n === 0 ? connection.rst() : accept(connection)))
    // after `error`, a second is left for `close`
    const options = { WebSocket: Class, connectTimeout: 1_500, retry: soon }
    const socket = new ReconnectingSocket(server.url, options)
    const seen = record(socket)
    await seen.until('open')
    expect(seen.words).toEqual([`error ${code}`, 'connecting → open', 'open 1'])
    socket.terminate()
    await nothingLeft(socket, server)
  })
})

describe('21: close() wins in every state: closed, and not one more dial', () => {
  const never = new Promise<never>(() => {})
  const bye = (connection: RawConnection): void => void connection.accept().then(() => connection.close(1001))
  interface Case {
    readonly state: string
    readonly script?: (connection: RawConnection) => void
    readonly url?: () => Promise<never>
    readonly options?: Options
    /** Brings the socket into the state. */
    readonly reach: (
      socket: ReconnectingSocket,
      of: {
        readonly seen: ReturnType<typeof record>
        readonly server: Awaited<ReturnType<typeof serve>>
      },
    ) => unknown
    readonly words: readonly string[]
  }
  const closed = ['connecting → closed']
  const cases: Case[] = [
    { state: 'preparing', url: () => never, reach: (socket) => socket.connect(), words: closed },
    {
      state: 'dialing',
      script: silent,
      async reach(socket, { server }) {
        socket.connect()
        await (
          await server.connection(0)
        ).request
      },
      words: closed,
    },
    {
      state: 'dialing for the fifth time, while recovering',
      script: silent,
      options: { connectTimeout: 300 },
      async reach(socket, { server, seen }) {
        socket.connect()
        await seen.until('error', 4)
        await server.connection(4)
      },
      words: [...Array<string>(4).fill('error ERR_CONNECT_TIMEOUT'), ...closed],
    },
    {
      state: 'waiting',
      script: bye,
      options: { retry: { backoff: () => 40 } },
      async reach(socket, { seen }) {
        socket.connect()
        await seen.until('close')
        await quiet(10)
      },
      words: [...opened, 'open → connecting', 'close 1001 (peer, clean, retries)', ...closed],
    },
    {
      state: 'deciding',
      script: bye,
      options: { retry: { decide: () => never } },
      async reach(socket, { seen }) {
        socket.connect()
        await seen.until('state', 3)
      },
      words: [...opened, 'open → connecting', 'connecting → closed', 'close 1001 (peer, clean, final)'],
    },
    {
      state: 'open',
      async reach(socket, { seen }) {
        socket.connect()
        await seen.until('open')
      },
      words: [...opened, 'open → closing', 'closing → closed', 'close 1005 (user, clean, final)'],
    },
    {
      state: 'closing, towards a silent peer, to dial again',
      script: (connection) => (silent(connection), accept(connection)),
      async reach(socket, { seen, server }) {
        socket.connect()
        await seen.until('open')
        socket.reconnect()
        await server.connections[0]!.frame(CLOSE)
        expect(socket.state).toBe('closing')
      },
      words: [...opened, 'open → closing', 'closing → closed', 'close 1006 (user, unclean, final)'],
    },
  ]
  test.each(cases.map((given) => [given.state, given] as const))(
    '%s',
    async (_, { script = accept, url, options, reach, words }) => {
      const errors = uncaught()
      const server = await serve(script)
      const socket = new ReconnectingSocket(url ?? server.url, {
        retry: soon,
        closeTimeout: 100,
        ...options,
        autoConnect: false,
      })
      const seen = record(socket)
      await reach(socket, { seen, server })
      const dials = server.connections.length
      socket.close()
      expect((await socket.closed).by).toBe('user')
      expect(socket.state).toBe('closed')
      // time for a few dials
      await quiet(100)
      expect(timers()).toBe(0)
      expect(server.connections).toHaveLength(dials)
      expect(seen.words).toEqual(['idle → connecting', ...words])
      await nothingLeft(socket, server)
      expect(errors).toEqual([])
    },
  )
})
