/** How a connection is made: addresses, sockets, agents, limits. */
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import http from 'node:http'
import net from 'node:net'
import { Duplex } from 'node:stream'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { WebSocketServer } from 'ws'
import { DialError } from '../../../src/diagnostics/errors.js'
import { type NodeOptions, ReconnectingSocket, ReconnectingWebSocket } from '../../../src/index.js'
import { closeCode, CLOSE, kernelTable, PING, RawConnection } from '../../faults/raw-server.js'
import { eventually } from '../../faults/record.js'
import { dial, failure, raw } from './meet.js'
import type { Attempt, UrlLike } from '../../../src/options/provider.js'

/** A raw server on a Unix socket, which accepts. */
async function unix(name = 'socket') {
  const dir = mkdtempSync(path.join(tmpdir(), 'everopen-'))
  const file = path.join(dir, name)
  const connections: RawConnection[] = []
  const server = net.createServer((tcp) => {
    const connection = new RawConnection(tcp)
    connections.push(connection)
    void connection.accept()
  })
  await new Promise<void>((resolve) => server.listen(file, resolve))
  onTestFinished(() => {
    for (const { tcp } of connections) tcp.destroy()
    server.close()
    rmSync(dir, { recursive: true })
  })
  return { file, connections }
}

describe('ws+unix:', () => {
  test('dials a Unix socket, and asks for the path behind the colon', async () => {
    const { file, connections } = await unix()
    const socket = dial(`ws+unix:${file}:/feed?x=1`)
    await socket.opened
    expect(await connections[0]!.request).toMatch(/^GET \/feed\?x=1 HTTP\/1\.1\r\n/)
    expect(socket.snapshot.endpoint).toBe(`ws+unix://${file}:/feed`)
    socket.send('hello')
    await connections[0]!.frame(1)
    expect(connections[0]!.texts).toEqual(['hello'])
  })

  test('whose path has characters that a URL encodes, and a colon', async () => {
    const { file, connections } = await unix('the 100 % söcket: mine')
    await dial(`ws+unix:${file.split('/').map(encodeURIComponent).join('/')}:/a%20b`).opened
    expect(await connections[0]!.request).toMatch(/^GET \/a%20b HTTP/)
    // those that the URL encodes by itself
    const other = await unix('söme socket')
    await dial(`ws+unix:${other.file}:/`).opened
  })

  test('from a function, and by the WHATWG face', async () => {
    const { file } = await unix()
    const socket = new ReconnectingSocket(() => `ws+unix:${file}`, { retry: false })
    await socket.opened
    socket.terminate()
    const face = new ReconnectingWebSocket(`ws+unix:${file}`)
    await new Promise((resolve) => (face.onopen = resolve))
    face.close()
  })

  test.each(['ws+unix://host/path', 'ws+unix:'])('%s is refused', (url) => {
    expect(() => new ReconnectingSocket(url)).toThrow('url has no path to a socket')
  })
})

describe('node.createConnection', () => {
  test('gives a socket that is connected already', async () => {
    const server = await raw()
    const prepared = net.connect(server.port, '127.0.0.1')
    await new Promise((resolve) => prepared.once('connect', resolve))
    const socket = dial('ws://nobody.invalid/x', { createConnection: () => prepared })
    await socket.opened
    const head = await server.connections[0]!.request
    expect(head).toContain('Host: nobody.invalid')
    expect(server.connections.length).toBe(1)
  })

  test('may hand it over later, or say that there is none', async () => {
    const server = await raw()
    const later = dial('ws://nobody.invalid/', {
      createConnection: (_, done) => {
        const tcp = net.connect(server.port, '127.0.0.1', () => done(null, tcp))
      },
    })
    await later.opened
    const error = new Error('none left')
    const none = dial('ws://nobody.invalid/', {
      createConnection: (_, done) => void setImmediate(done, error),
    })
    expect(await failure(none)).toMatchObject({ code: 'ERR_CONNECTION', cause: error })
  })

  test.each([[{ keepAlive: 1_000, noDelay: false }], [{}]])(
    'may give a Duplex, which counts nothing and has no ways of a socket: %o',
    async (node) => {
      const server = await raw((connection) => {
        void connection.accept()
        // never a pong, but a message now and then
        connection.answers = 'nothing'
        void connection.frame(PING).then(() => connection.send('still here'))
      })
      const socket = dial(
        'ws://nobody.invalid/',
        { ...node, createConnection: () => Duplex.from(net.connect(server.port, '127.0.0.1')) },
        { heartbeat: { interval: 20, timeout: 200 } },
      )
      const ends: unknown[] = []
      socket.on('close', (end) => ends.push(end))
      await socket.opened
      const [connection] = server.connections
      // the second ping comes only if the message was life
      await connection!.frame(PING, 2)
      expect(ends).toEqual([])
    },
  )

  test.each([
    ['gives', () => ({})],
    ['hands over', (_: never, done: (error: null, socket: never) => void) => done(null, {} as never)],
  ])('that %s something else fails the attempt', async (_, createConnection) => {
    const socket = dial('ws://nobody.invalid/', { createConnection })
    expect(await failure(socket)).toMatchObject({
      code: 'ERR_CONNECTION',
      cause: expect.any(TypeError) as unknown,
    })
  })
})

describe('a function that throws fails the attempt', () => {
  // node:http takes what is falsy for a socket that was made
  test.each([[new Error('mine')], ['mine'], [null], [undefined], [0]])('%o', async (what) => {
    const uncaught = vi.fn()
    process.on('uncaughtException', uncaught)
    onTestFinished(() => void process.off('uncaughtException', uncaught))
    const fails = (): never => {
      throw what
    }
    for (const node of [{ createConnection: fails }, { lookup: fails }]) {
      const error = await failure(dial('ws://a.test/', node, { connectTimeout: 5_000 }))
      const cause: unknown =
        what || expect.objectContaining({ message: `the function threw ${String(what)}` })
      expect(error).toMatchObject({ code: 'ERR_CONNECTION', cause })
    }
    expect(uncaught).not.toHaveBeenCalled()
  })
})

describe('what fails within the call fails the attempt, and nothing is uncaught', () => {
  const within = (_: string, { all }: { all?: boolean }, done: (...answer: unknown[]) => void): void =>
    all ? done(null, [{ address: '::1', family: 6 }]) : done(null, '::1', 6)
  // an address of the other family: the system refuses it at once
  const mixed = { localAddress: '127.0.0.1', lookup: within as never }

  test.each<[string, string, NodeOptions, string]>([
    ['node.lookup', 'ws://a.test/', mixed, 'EINVAL'],
    ['node.lookup, for TLS', 'wss://a.test/', mixed, 'EINVAL'],
    ['node.lookup, for an agent', 'ws://a.test/', { ...mixed, agent: new http.Agent() }, 'EINVAL'],
    [
      'the socket of node.createConnection',
      'ws://a.test/',
      { createConnection: () => net.connect({ port: 1, host: 'a.test', ...mixed }) },
      'EINVAL',
    ],
    [
      'one that it hands over',
      'ws://a.test/',
      {
        createConnection: (_: never, done: (error: null, socket: unknown) => void) => {
          const mine = Object.assign(new Error('mine'), { code: 'EMINE' })
          setImmediate(() => done(null, new net.Socket().destroy(mine)))
        },
      },
      'EMINE',
    ],
  ])('%s', async (_, url, node, code) => {
    const uncaught = vi.fn()
    process.on('uncaughtException', uncaught)
    onTestFinished(() => void process.off('uncaughtException', uncaught))
    expect(await failure(dial(url, node))).toMatchObject({ code: 'ERR_CONNECTION', cause: { code } })
    expect(uncaught).not.toHaveBeenCalled()
  })

  test('a socket that was closed before', async () => {
    const closed = new net.Socket().destroy()
    await once(closed, 'close')
    const error = await failure(dial('ws://a.test/', { createConnection: () => closed }))
    expect(error).toMatchObject({
      code: 'ERR_CONNECTION',
      cause: { message: 'the socket is closed already' },
    })
  })
})

describe('addresses', () => {
  // all of 127.0.0.0/8 is loopback on Linux alone
  test.skipIf(process.platform !== 'linux')('node.localAddress', async () => {
    const server = await raw()
    await dial(server.url, { localAddress: '127.0.0.3' }).opened
    expect(server.connections[0]!.tcp.remoteAddress).toBe('127.0.0.3')
  })

  test('node.lookup and node.family', async () => {
    const server = await raw()
    const asked: [string, unknown][] = []
    type Answer = (error: null, addresses: unknown, family?: number) => void
    const lookup = (host: string, options: net.TcpSocketConnectOpts & { all?: boolean }, answer: Answer) => {
      asked.push([host, options.family])
      if (options.all) answer(null, [{ address: '127.0.0.1', family: 4 }])
      else answer(null, '127.0.0.1', 4)
    }
    await dial(`ws://a.test:${server.port}/`, { lookup: lookup as never, family: 4 }).opened
    expect(asked).toEqual([['a.test', 4]])
  })
})

describe('socket options', () => {
  /** Which timer the kernel has running for the client's end: 02 is keep-alive. */
  const timer = (port: number): string | undefined => {
    const suffix = ':' + port.toString(16).toUpperCase().padStart(4, '0')
    for (const line of readFileSync('/proc/net/tcp', 'utf8').split('\n').slice(1)) {
      const [, , remote, state, , clock] = line.trim().split(/\s+/)
      if (remote?.endsWith(suffix) && state === '01') return clock?.slice(0, 2)
    }
    return undefined
  }

  // /proc/net/tcp is Linux's
  test.skipIf(!kernelTable).each([
    [true, '02'],
    [60_000, '02'],
    [false, '00'],
    [undefined, '00'],
  ])('node.keepAlive: %s', async (keepAlive, expected) => {
    const server = await raw()
    await dial(server.url, { keepAlive }).opened
    await eventually(
      () => `timer ${timer(server.port)}`,
      () => timer(server.port) === expected,
    )
  })

  test.each([
    [true, [true, 0]],
    [60_000, [true, 60_000]],
    [false, undefined],
    [undefined, undefined],
  ])('node.keepAlive: %s, as it is asked of the socket', async (keepAlive, expected) => {
    const server = await raw()
    const stream = net.connect(server.port, '127.0.0.1')
    const spy = vi.spyOn(stream, 'setKeepAlive')
    await dial(server.url, { keepAlive, createConnection: () => stream }).opened
    expect(spy.mock.lastCall).toEqual(expected)
    // it counts what it reads
    expect(stream.listenerCount('data')).toBe(1)
  })

  test.each([
    [false, false],
    [true, true],
    [undefined, true],
  ])('node.noDelay: %s', async (noDelay, expected) => {
    const server = await raw()
    const spy = vi.spyOn(net.Socket.prototype, 'setNoDelay')
    onTestFinished(() => spy.mockRestore())
    await dial(server.url, { noDelay }).opened
    // nothing given is true
    const [last = true] = spy.mock.lastCall!
    expect(last).toBe(expected)
  })
})

describe('limits and compression', () => {
  test('node.maxPayload is 100 MiB unless said otherwise: what a frame announces is enough to end it', async () => {
    const announce = (bytes: number): Buffer => {
      const head = Buffer.alloc(10)
      head[0] = 0x82
      head[1] = 127
      head.writeBigUInt64BE(BigInt(bytes), 2)
      return head
    }
    const end = async (bytes: number, maxPayload?: number): Promise<number> => {
      const server = await raw()
      await dial(server.url, { maxPayload }).opened
      const [connection] = server.connections
      connection!.write(announce(bytes))
      connection!.write(Buffer.from([0x89, 0x00]))
      const first = await Promise.race([connection!.frame(CLOSE), connection!.ended.then(() => undefined)])
      return first ? closeCode(first.payload) : 0
    }
    expect(await end(100 * 2 ** 20 + 1)).toBe(1009)
    expect(await end(11, 10)).toBe(1009)
  })

  test.each([
    ['pings and reads no answer', Buffer.concat([Buffer.of(0x89, 125), Buffer.alloc(125)])],
    ['pieces of one message', Buffer.of(0x00, 1, 97)],
  ])('a peer that sends %s, without end, is left', async (_, frame) => {
    const server = await raw((connection) => void connection.accept({ after: Buffer.of(0x01, 1, 97) }))
    // the first piece of a message: a ping may come in between
    const socket = dial(server.url, {}, { heartbeat: false })
    await socket.opened
    const { tcp } = server.connections[0]!
    tcp.pause()
    const many = Buffer.concat(Array<Buffer>(4_096).fill(frame))
    const go = (): void => {
      while (tcp.writable && tcp.write(many));
    }
    tcp.on('drain', go)
    go()
    expect(await socket.closed).toMatchObject({ code: 1006, cause: { code: 'ERR_CONNECTION' } })
  })

  test('node.maxPayload: Infinity is none', async () => {
    const server = await raw()
    const socket = dial(server.url, { maxPayload: Infinity })
    await socket.opened
    const got = new Promise<unknown>((resolve) => socket.on('message', resolve))
    server.connections[0]!.send('x'.repeat(200_000))
    expect(await got).toHaveLength(200_000)
  })

  test.each([
    [false, undefined],
    [true, 'permessage-deflate; client_max_window_bits'],
    [undefined, 'permessage-deflate; client_max_window_bits'],
    [
      { clientMaxWindowBits: 10, serverNoContextTakeover: true },
      'permessage-deflate; server_no_context_takeover; client_max_window_bits=10',
    ],
  ])('node.perMessageDeflate: %j', async (perMessageDeflate, offer) => {
    const server = await raw()
    await dial(server.url, { perMessageDeflate }).opened
    const head = await server.connections[0]!.request
    expect(/^sec-websocket-extensions: (.*)$/im.exec(head)?.[1]).toBe(offer)
  })

  test('node.perMessageDeflate compresses, where the server agrees', async () => {
    const server = new WebSocketServer({ port: 0, host: '127.0.0.1', perMessageDeflate: { threshold: 0 } })
    onTestFinished(() => {
      for (const peer of server.clients) peer.terminate()
      server.close()
    })
    await once(server, 'listening')
    server.on('connection', (peer) => peer.on('message', (data) => peer.send(data.toString())))
    const { port } = server.address() as net.AddressInfo
    const socket = dial(`ws://127.0.0.1:${port}/`, { perMessageDeflate: { threshold: 0 } })
    await socket.opened
    expect(socket.extensions).toContain('permessage-deflate')
    const got = new Promise<unknown>((resolve) => socket.on('message', resolve))
    socket.send('y'.repeat(5_000))
    expect(await got).toBe('y'.repeat(5_000))
  })

  test('node.skipUTF8Validation takes text as it is', async () => {
    const bad = Buffer.from([0x81, 1, 0xff])
    const strict = await raw()
    await dial(strict.url).opened
    strict.connections[0]!.write(bad)
    expect(closeCode((await strict.connections[0]!.frame(CLOSE)).payload)).toBe(1007)
    const lax = await raw()
    const socket = dial(lax.url, { skipUTF8Validation: true })
    await socket.opened
    const got = new Promise<unknown>((resolve) => socket.on('message', resolve))
    lax.connections[0]!.write(bad)
    expect(await got).toBe('\ufffd')
  })

  test.each([
    ['text', 'are you there'],
    ['bytes', Uint8Array.of(1, 2, 3)],
  ])('node.pingPayload: %s', async (_, pingPayload) => {
    const server = await raw()
    const socket = dial(server.url, { pingPayload }, { heartbeat: { interval: 10 } })
    await socket.opened
    const { payload } = await server.connections[0]!.frame(PING)
    expect(payload).toEqual(Buffer.from(pingPayload as Uint8Array))
  })
})

describe('node.agent', () => {
  test('an agent connects', async () => {
    const server = await raw()
    const agent = new http.Agent()
    const spy = vi.spyOn(agent as unknown as { createConnection: () => void }, 'createConnection')
    await dial(server.url, { agent }).opened
    expect(spy).toHaveBeenCalledOnce()
  })

  test('a function is asked before every attempt, with the URL, and may give none', async () => {
    const server = await raw((connection, n) =>
      n === 0 ? connection.tcp.destroy() : void connection.accept(),
    )
    const asked: string[] = []
    const agents: [UrlLike, Attempt][] = []
    const agent = (url: UrlLike, attempt: Attempt) => {
      asked.push(url.href)
      agents.push([url, attempt])
      return attempt.number === 0 ? new http.Agent() : Promise.resolve(undefined)
    }
    const socket = dial(server.url, { agent }, { retry: { backoff: () => 1 } })
    await socket.opened
    expect(asked).toEqual([server.url, server.url])
    expect(agents.map(([, { number }]) => number)).toEqual([0, 1])
    expect(agents.map(([, { signal }]) => signal.aborted)).toEqual([true, false])
  })

  test('a function that throws, or gives something else, fails the attempt', async () => {
    const error = new Error('no agent')
    const throws = dial('ws://a.test/', {
      agent: () => {
        throw error
      },
    })
    expect(await failure(throws)).toMatchObject({ message: 'the agent provider failed', cause: error })
    const wrong = dial('ws://a.test/', { agent: () => ({}) as never })
    expect(await failure(wrong)).toMatchObject({ cause: { argument: 'agent' } })
  })

  test('an agent for http: is not used for wss:', async () => {
    const server = await raw()
    const socket = dial(server.url.replace('ws:', 'wss:'), { agent: new http.Agent() })
    expect(await failure(socket)).toBeInstanceOf(DialError)
    expect(server.connections).toEqual([])
  })

  test('it is not asked where the URL provider fails', async () => {
    const asked: unknown[] = []
    const socket = new ReconnectingSocket(() => Promise.reject(new Error('no URL')), {
      retry: false,
      node: { agent: (url) => void asked.push(url) as undefined },
    })
    expect((await socket.closed).cause).toMatchObject({ message: 'the url provider failed' })
    expect(asked).toEqual([])
  })
})
