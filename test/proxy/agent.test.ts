/** Through real proxies to real servers. */
import { inspect } from 'node:util'
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import { InvalidArgumentError, MissingPackageError, ProxyError } from '../../src/diagnostics/errors.js'
import {
  type LogRecord,
  type NodeEvents,
  type NodeOptions,
  ReconnectingSocket,
  trace,
} from '../../src/index.js'
import { portOf } from '../../src/proxy/parts.js'
import { proxyAgent } from '../../src/proxy/index.js'
import { sparePort } from '../faults/raw-server.js'
import { eventually, takeBaseline, uncaught } from '../faults/record.js'
import { selfSigned, serveTls } from '../faults/tls.js'
import { dial, failure, raw } from '../platform/node/meet.js'
import { httpProxy, type Proxy, socks4Proxy, socks5Proxy } from './proxies.js'

beforeEach(takeBaseline)

const DAY = 86_400_000
const valid = [new Date(Date.now() - DAY), new Date(Date.now() + DAY)] as const
const local = selfSigned('127.0.0.1', ...valid)
const named = selfSigned('a.test', ...valid)

async function secure(credentials = local) {
  const server = await serveTls(credentials, (connection) => void connection.accept())
  onTestFinished(() => server.stop())
  return server
}

/** Opens through the proxy, and shows that messages pass. */
async function passes(url: string, node: NodeOptions): Promise<void> {
  const socket = dial(url, node)
  const handshake = new Promise((resolve) => socket.on('handshake', resolve))
  await socket.opened
  expect(await handshake).toMatchObject({ status: 101 })
  socket.close(1000)
  expect(await socket.closed).toMatchObject({ code: 1000, wasClean: true })
}

const kinds: [name: string, make: (login?: string) => Promise<Proxy>, scheme: string][] = [
  ['an HTTP proxy', (login) => httpProxy({ ...(login && { login }) }), 'http'],
  ['an HTTP proxy over TLS', (login) => httpProxy({ tls: local, ...(login && { login }) }), 'https'],
  ['a SOCKS5 proxy', (login) => socks5Proxy({ ...(login && { login }) }), 'socks5'],
  ['a SOCKS5 proxy that resolves', (login) => socks5Proxy({ ...(login && { login }) }), 'socks5h'],
]

describe.each(kinds)('through %s', (_, make, scheme) => {
  const options = scheme === 'https' ? { ca: local.cert } : {}

  test('to ws:', async () => {
    const [server, proxy] = [await raw(), await make()]
    await passes(server.url, { agent: proxyAgent(`${scheme}://127.0.0.1:${proxy.port}`, options) })
    expect(proxy.asked).toEqual([`127.0.0.1:${server.port}`])
    expect(await server.connections[0]!.request).not.toMatch(/proxy/i)
  })

  test('to wss:, whose certificate is verified by its own name', async () => {
    const [server, proxy, other] = [await secure(), await make(), await secure(named)]
    const agent = proxyAgent(`${scheme}://127.0.0.1:${proxy.port}`, options)
    await passes(server.url, { agent, ca: local.cert })
    expect(proxy.asked).toEqual([`127.0.0.1:${server.port}`])
    const refused = async (url: string, ca?: string): Promise<unknown> =>
      (await failure(dial(url, { agent, ca }))).cause
    expect(await refused(server.url)).toMatchObject({ code: 'DEPTH_ZERO_SELF_SIGNED_CERT' })
    // not by that of the proxy, which is 127.0.0.1 too
    expect(await refused(other.url, named.cert)).toMatchObject({ code: 'ERR_TLS_CERT_ALTNAME_INVALID' })
  })

  test('with user and password', async () => {
    const [server, proxy] = [await raw(), await make('us er:p@ss:word')]
    const agent = proxyAgent(`${scheme}://us%20er:p%40ss%3Aword@127.0.0.1:${proxy.port}`, options)
    await passes(server.url, { agent })
    expect(proxy.credentials).toEqual(['us er:p@ss:word'])
  })

  test('with a wrong password: a typed error, and nothing tells it', async () => {
    const [server, proxy] = [await raw(), await make('user:right')]
    const agent = proxyAgent(`${scheme}://user:hunter2@127.0.0.1:${proxy.port}`, options)
    const log: LogRecord[] = []
    const lines: string[] = []
    const socket = dial(server.url, { agent }, { log: (entry) => log.push(entry) })
    const error = await failure(socket)
    expect(error).toBeInstanceOf(ProxyError)
    expect(error).toMatchObject({ code: 'ERR_PROXY', status: scheme.startsWith('http') ? 407 : undefined })
    for (const entry of log) trace((line) => lines.push(line))(entry)
    const told = inspect([error, log, lines], { depth: 10, showHidden: true })
    for (const secret of ['hunter2', Buffer.from('user:hunter2').toString('base64')])
      expect(told).not.toContain(secret)
    expect(server.connections).toEqual([])
  })

  test('that cannot be reached: a typed error', async () => {
    const error = await failure(
      dial('ws://127.0.0.1:1/', { agent: proxyAgent(`${scheme}://127.0.0.1:${sparePort()}`) }),
    )
    expect(error).toMatchObject({ code: 'ERR_PROXY', status: undefined, cause: { code: 'ECONNREFUSED' } })
  })

  test('what is connected ends with the attempt', async () => {
    const errors = uncaught()
    for (const server of [await raw(), await secure()]) {
      const proxy = await make()
      const agent = proxyAgent(`${scheme}://127.0.0.1:${proxy.port}`, options)
      const socket = dial(server.url, { agent, ca: local.cert })
      await socket.opened
      expect(proxy.live()).toBe(1)
      socket.terminate()
      await eventually(
        () => `${proxy.live()} connections to the proxy`,
        () => proxy.live() === 0,
      )
    }
    await new Promise((resolve) => setImmediate(resolve))
    expect(errors).toEqual([])
  })
})

test.each(kinds)(
  'through %s: close() while the server is silent in mid-TLS ends it at once',
  async (_, make, scheme) => {
    const errors = uncaught()
    const [server, proxy] = [await raw(() => {}), await make()]
    const agent = proxyAgent(
      `${scheme}://127.0.0.1:${proxy.port}`,
      scheme === 'https' ? { ca: local.cert } : {},
    )
    const socket = dial(server.url.replace('ws:', 'wss:'), { agent })
    const { tcp } = await server.connection(0)
    await new Promise((resolve) => tcp.once('data', resolve))
    socket.close()
    await socket.closed
    await eventually(
      () => `${proxy.live()} connections to the proxy`,
      () => proxy.live() === 0,
    )
    await new Promise((resolve) => setImmediate(resolve))
    expect(errors).toEqual([])
  },
)

describe('a proxy that does not answer', () => {
  test.each([
    ['http', () => httpProxy({ silent: true })],
    ['socks5', () => socks5Proxy({ silent: true })],
  ])('%s: close() lets go of it at once', async (scheme, make) => {
    const errors = uncaught()
    const proxy = await make()
    for (const to of ['ws://127.0.0.1:1/', 'wss://127.0.0.1:1/']) {
      const told: unknown[] = []
      const socket = dial(to, { agent: proxyAgent(`${scheme}://127.0.0.1:${proxy.port}`) })
      socket.on('error', (error) => told.push(error))
      await eventually(
        () => 'a request to the proxy',
        () => proxy.asked.length > 0,
      )
      proxy.asked.length = 0
      socket.close()
      await socket.closed
      await eventually(
        () => `${proxy.live()} connections to the proxy`,
        () => proxy.live() === 0,
      )
      expect(told).toEqual([])
    }
    expect(errors).toEqual([])
  })
})

test('each answer of 2xx connects, and what follows it comes from the server', async () => {
  const { port } = await raw((connection) =>
    connection.write(Buffer.from('HTTP/1.1 204 Fine\r\n\r\nHTTP/1.1 503 No\r\ncontent-length: 0\r\n\r\n')),
  )
  const error = await failure(dial('ws://a.test/', { agent: proxyAgent(`http://127.0.0.1:${port}`) }))
  expect(error).toMatchObject({ code: 'ERR_HANDSHAKE', status: 503 })
})

describe('a proxy that refuses', () => {
  test.each([403, 407, 502, 503])('with HTTP %d: its status, and no request', async (status) => {
    const [server, proxy] = [await raw(), await httpProxy({ status })]
    const error = await failure(dial(server.url, { agent: proxyAgent(`http://127.0.0.1:${proxy.port}`) }))
    expect(error).toBeInstanceOf(ProxyError)
    expect(error).toMatchObject({ status, message: `the proxy answered with HTTP ${status}` })
    expect(server.connections).toEqual([])
  })

  test.each([
    [502, 3],
    [403, 1],
    [407, 1],
  ])('with HTTP %d is dialed %d times', async (status, times) => {
    const proxy = await httpProxy({ status })
    const agent = proxyAgent(`http://127.0.0.1:${proxy.port}`)
    const socket = dial('ws://127.0.0.1:1/', { agent }, { retry: { backoff: () => 1, limit: 2 } })
    const { cause } = await socket.closed
    expect([proxy.asked.length, cause]).toEqual([times, expect.any(times > 1 ? Error : ProxyError)])
  })

  test('with something that is no answer: an error without its words', async () => {
    const server = await raw((connection) =>
      connection.write(Buffer.from('HTTP/1.1 200 OK\r\nhunter2\r\n\r\n')),
    )
    const error = await failure(
      dial('ws://a.test/', { agent: proxyAgent(`http://127.0.0.1:${server.port}`) }),
    )
    expect(error).toMatchObject({ code: 'ERR_PROXY', message: 'the proxy gave no valid answer' })
    expect(inspect(error, { depth: 10 })).not.toContain('hunter2')
  })

  test.each([[''], ['HTTP/1.1 200 OK\r\n']])('with %j, and ends the connection', async (words) => {
    const { port } = await raw((connection) => connection.tcp.end(words))
    const error = await failure(dial('ws://a.test/', { agent: proxyAgent(`http://127.0.0.1:${port}`) }))
    expect(error).toMatchObject({ status: undefined, message: 'the proxy gave no valid answer' })
  })

  test('with words of another protocol', async () => {
    const { port } = await raw((connection) => connection.write(Buffer.from('220 mail.test ESMTP\r\n\r\n')))
    const error = await failure(dial('ws://a.test/', { agent: proxyAgent(`http://127.0.0.1:${port}`) }))
    expect(error).toMatchObject({ status: undefined, message: 'the proxy gave no valid answer' })
  })

  test('with a head that does not end: no more is read than Node takes for one', async () => {
    const written: number[] = []
    const { port } = await raw(async ({ tcp }) => {
      const line = `x: ${'a'.repeat(1_000)}\r\n`
      tcp.write('HTTP/1.1 200 OK\r\n')
      while (!tcp.destroyed && written.push(line.length) < 100_000)
        await new Promise((resolve) => tcp.write(line, resolve))
    })
    const error = await failure(dial('ws://a.test/', { agent: proxyAgent(`http://127.0.0.1:${port}`) }))
    expect(error).toMatchObject({ status: undefined, message: 'the proxy gave no valid answer' })
    expect(written.length).toBeLessThan(10_000)
  })

  test('with an interim answer, which is none to CONNECT', async () => {
    const { port } = await raw((connection) => connection.write(Buffer.from('HTTP/1.1 103 Wait\r\n\r\n')))
    const error = await failure(dial('ws://a.test/', { agent: proxyAgent(`http://127.0.0.1:${port}`) }))
    expect(error).toMatchObject({ status: 103, message: 'the proxy answered with HTTP 103' })
  })

  test.each([
    [2, 'NotAllowed'],
    [4, 'HostUnreachable'],
  ])('with SOCKS reply %d', async (reply, word) => {
    const proxy = await socks5Proxy({ reply })
    const error = await failure(
      dial('ws://127.0.0.1:1/', { agent: proxyAgent(`socks5://127.0.0.1:${proxy.port}`) }),
    )
    expect(error).toMatchObject({ code: 'ERR_PROXY', status: undefined })
    expect(error.message).toBe(`the SOCKS proxy did not connect: Socks5 proxy rejected connection - ${word}`)
  })

  test('an https: proxy whose certificate is not trusted', async () => {
    const proxy = await httpProxy({ tls: named })
    const agent = proxyAgent(`https://127.0.0.1:${proxy.port}`, { ca: named.cert })
    expect(await failure(dial('ws://a.test/', { agent }))).toMatchObject({
      code: 'ERR_PROXY',
      cause: { code: 'ERR_TLS_CERT_ALTNAME_INVALID' },
    })
    const known = { ca: named.cert, servername: 'a.test' }
    const server = await raw()
    await passes(server.url, { agent: proxyAgent(`https://127.0.0.1:${proxy.port}`, known) })
  })
})

describe('who resolves the names', () => {
  test.each([
    ['http', httpProxy, 'b.test'],
    ['socks5h', socks5Proxy, 'b.test'],
    ['socks', socks5Proxy, 'b.test'],
    ['socks4a', socks4Proxy, 'b.test'],
  ])('%s: the proxy', async (scheme, make, host) => {
    const [server, proxy] = [await raw(), await make()]
    await passes(`ws://${host}:${server.port}/`, { agent: proxyAgent(`${scheme}://127.0.0.1:${proxy.port}`) })
    expect(proxy.asked).toEqual([`${host}:${server.port}`])
  })

  test.each([
    ['socks5', socks5Proxy],
    ['socks4', socks4Proxy],
  ])('%s: this side', async (scheme, make) => {
    const [server, proxy] = [await raw(), await make()]
    const agent = proxyAgent(`${scheme}://me@127.0.0.1:${proxy.port}`)
    await passes(`ws://localhost:${server.port}/`, { agent })
    expect(proxy.asked[0]).toMatch(new RegExp(`^(127\\.0\\.0\\.1|::1):${server.port}$`))
    expect(await failure(dial('ws://nobody.invalid/', { agent }))).toMatchObject({
      code: 'ERR_CONNECTION',
      cause: { syscall: 'getaddrinfo' },
    })
  })
})

describe('the way to the proxy is that of the node option', () => {
  /** Answers with an address of the family that it is asked for, and otherwise of IPv6. */
  const lookup = (asked: string[]) =>
    ((host: string, options: LookupOptions, done: Answer) => {
      asked.push(`${host} ${options.family}`)
      const family = options.family === 4 ? 4 : 6
      const address = family === 4 ? '127.0.0.1' : '::1'
      if (options.all) done(null, [{ address, family }])
      else done(null, address, family)
    }) as never
  type LookupOptions = { readonly family?: number; readonly all?: boolean }
  type Answer = (error: null, address: unknown, family?: number) => void

  test('socks4: an address of IPv4, which is all that it can be told', async () => {
    const [server, proxy, asked] = [await raw(), await socks4Proxy(), [] as string[]]
    const agent = proxyAgent(`socks4://127.0.0.1:${proxy.port}`)
    await passes(`ws://nobody.invalid:${server.port}/`, { agent, lookup: lookup(asked) })
    expect([asked, proxy.asked]).toEqual([['nobody.invalid 4'], [`127.0.0.1:${server.port}`]])
    const error = await failure(dial('ws://[::1]:1/', { agent }))
    expect(error).toMatchObject({ code: 'ERR_PROXY', message: 'SOCKS4 has no addresses of IPv6' })
    expect(proxy.asked.length).toBe(1)
  })

  test('socks5: node.lookup and node.family', async () => {
    const [server, proxy, asked] = [await raw(), await socks5Proxy(), [] as string[]]
    const agent = proxyAgent(`socks5://127.0.0.1:${proxy.port}`)
    await passes(`ws://nobody.invalid:${server.port}/`, { agent, lookup: lookup(asked), family: 4 })
    expect([asked, proxy.asked]).toEqual([['nobody.invalid 4'], [`127.0.0.1:${server.port}`]])
  })

  // all of 127.0.0.0/8 is loopback on Linux alone
  test.skipIf(process.platform !== 'linux').each(kinds)('%s: the address', async (_, make, scheme) => {
    const [server, proxy, asked] = [await raw(), await make(), [] as string[]]
    const agent = proxyAgent(`${scheme}://proxy.invalid:${proxy.port}`)
    const socket = dial(server.url, { agent, lookup: lookup(asked), family: 4, localAddress: '127.0.0.3' })
    await proxy.client(1).then(({ remoteAddress }) => expect(remoteAddress).toBe('127.0.0.3'))
    expect(asked).toEqual(['proxy.invalid 4'])
    socket.terminate()
  })
})

test.each([
  ['socks5', socks5Proxy],
  ['socks4', socks4Proxy],
])('%s: a proxy may take as long as connectTimeout allows', async (scheme, make) => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
  onTestFinished(() => void vi.useRealTimers())
  const proxy = await make({ silent: true })
  const agent = proxyAgent(`${scheme}://127.0.0.1:${proxy.port}`)
  const options = { connectTimeout: 60_000, node: { agent }, retry: false }
  const socket = new ReconnectingSocket<NodeEvents>('ws://127.0.0.1:1/', options)
  onTestFinished(() => socket.terminate())
  const failed = failure(socket)
  const turn = () => new Promise((resolve) => setImmediate(resolve))
  while (proxy.asked.length === 0) await turn()
  vi.advanceTimersByTime(59_000)
  await turn()
  expect(socket.snapshot).toMatchObject({ phase: 'dialing', attempt: 0 })
  vi.advanceTimersByTime(1_002)
  expect(await failed).toMatchObject({ code: 'ERR_CONNECT_TIMEOUT' })
})

test('a socket that reconnects goes through the proxy each time', async () => {
  const [server, proxy] = [
    await raw((one, n) => void one.accept().then(() => n < 2 && one.close(4000))),
    await httpProxy(),
  ]
  const socket = new ReconnectingSocket(server.url, {
    retry: { backoff: () => 1 },
    node: { agent: proxyAgent(`127.0.0.1:${proxy.port}`) },
  })
  onTestFinished(() => socket.terminate())
  const third = await server.connection(2)
  await third.request
  await socket.opened
  expect(proxy.asked.length).toBe(3)
})

describe('what cannot be used is refused, and not told', () => {
  test.each([
    'ftp://u:hunter2@h',
    'http://u:hunter2@',
    'http://u:hunter2@h:99999',
    'socks6://u:hunter2@h',
    'socks5:///hunter2',
    `socks5://hunter2${'é'.repeat(125)}@h`,
    `socks5h://u:hunter2${'x'.repeat(249)}@h`,
    '',
  ])('%s', (url) => {
    let error: unknown
    try {
      proxyAgent(url)
    } catch (thrown) {
      error = thrown
    }
    expect(error).toBeInstanceOf(InvalidArgumentError)
    expect(error).toMatchObject({ argument: 'proxy' })
    expect(inspect(error)).not.toContain('hunter2')
  })

  test.each([
    [{ ca: 5 }, 'proxy.ca'],
    [{ key: 'no key' }, 'proxy.key'],
    [{ insecureTls: true }, 'proxy.insecureTls'],
    [5, 'options'],
  ])('options %j', (options, argument) => {
    let error: unknown
    try {
      proxyAgent('http://h', options as never)
    } catch (thrown) {
      error = thrown
    }
    expect(error).toMatchObject({ argument })
  })
})

test('a user and a password of 255 bytes pass', async () => {
  const login = `${'u'.repeat(255)}:${'p'.repeat(255)}`
  const [server, proxy] = [await raw(), await socks5Proxy({ login })]
  await passes(server.url, { agent: proxyAgent(`socks5://${login}@127.0.0.1:${proxy.port}`) })
})

test.each([
  ['ws://h/', 80],
  ['wss://h/', 443],
  ['ws://h:81/', 81],
  ['socks5://h', 1080],
  ['socks5://h:1081', 1081],
])('the port of %s is %d', (url, port) => {
  expect(portOf(new URL(url))).toBe(port)
})

describe('an optional package that is not installed', () => {
  afterEach(() => {
    vi.doUnmock('socks')
    vi.resetModules()
  })

  test('is named, with what to do', async () => {
    vi.resetModules()
    vi.doMock('socks', () => {
      throw new Error('Cannot find package')
    })
    const { proxyAgent } = await import('../../src/proxy/index.js')
    const { signal } = new AbortController()
    const agent = proxyAgent('socks5://127.0.0.1')(new URL('ws://a.test/'), {
      number: 0,
      signal,
      lastEnd: undefined,
    })
    await expect(agent).rejects.toMatchObject({
      code: 'ERR_MISSING_PACKAGE',
      package: 'socks',
      message: 'a SOCKS proxy needs socks: npm install socks',
    })
  })

  test('fails the attempt with that very error', async () => {
    const agent = () => Promise.reject(new MissingPackageError('left-pad', 'a proxy'))
    expect(await failure(dial('ws://a.test/', { agent }))).toMatchObject({ code: 'ERR_MISSING_PACKAGE' })
  })
})
