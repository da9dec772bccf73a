/** The test kit: a server without a network, under the faces and under others. */
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { ReconnectingSocket, ReconnectingWebSocket } from '../../src/index.js'
import type { Options } from '../../src/index.js'
import {
  settled,
  TestClock,
  testServer,
  type TestServer,
  type TestServerOptions,
} from '../../src/testing/index.js'

function meet(options: TestServerOptions = {}, own: Options = {}) {
  const clock = new TestClock()
  const server = testServer({ clock, ...options })
  const socket = new ReconnectingSocket(server.url, { WebSocket: server.WebSocket, ...own })
  onTestFinished(() => socket.terminate())
  const said: string[] = []
  socket.on('open', ({ reconnected }) => said.push(reconnected ? 'open again' : 'open'))
  socket.on('message', (data) => said.push(`message ${String(data)}`))
  socket.on('error', (error) => said.push(`error ${error.message}`))
  socket.on('close', ({ code, reason }) => said.push(`close ${code} ${reason}`.trim()))
  return { clock, server, socket, said }
}

type Client = WebSocket
function dial(server: TestServer, ...args: [protocols?: string | string[]]): Client {
  return new (server.WebSocket as unknown as typeof WebSocket)(server.url, ...args)
}

describe('a server', () => {
  it.each([
    ['advance()', true],
    ['settled()', false],
  ])('has delivered what it answers to the first message by the end of one %s', async (_, simulated) => {
    const clock = new TestClock()
    const server = testServer({ ...(simulated && { clock }), answer: (data) => data })
    const socket = new ReconnectingSocket(server.url, { WebSocket: server.WebSocket })
    onTestFinished(() => socket.terminate())
    const heard: unknown[] = []
    socket.on('message', (data) => {
      heard.push(data)
      if (data === 'again') socket.reconnect()
    })
    socket.on('open', ({ reconnected }) => reconnected && socket.send('and again'))
    socket.send('first')
    socket.send('again')
    if (simulated) await clock.advance(1_000)
    else await settled()
    expect(heard).toEqual(['first', 'again', 'and again'])
  })

  it('accepts, hears, answers, sends', async () => {
    const { server, socket, said } = meet({
      answer: (data) => (data === 'ping' ? 'pong' : undefined),
      url: 'wss://a.test/feed',
    })
    const connection = await server.connection()
    socket.send('ping')
    socket.send(Uint8Array.of(1, 2))
    expect(await connection.message()).toBe('ping')
    expect(await connection.message()).toEqual(Uint8Array.of(1, 2))
    connection.send('hello')
    await settled()
    expect(connection.sent).toEqual(['ping', Uint8Array.of(1, 2)])
    expect(said).toEqual(['open', 'message pong', 'message hello'])
    expect([connection.url, server.connections, server.dials]).toEqual(['wss://a.test/feed', [connection], 1])
  })

  it('closes with any code, and sees how the client closes', async () => {
    const { server, socket, said, clock } = meet({}, { retry: { backoff: () => 10 } })
    const first = await server.connection()
    first.close(1012, 'restart')
    first.send('never')
    expect(await first.closed).toEqual({ by: 'server', code: 1012, reason: 'restart' })
    await clock.advance(30_000)
    const second = await server.connection()
    await socket.opened
    socket.close(4000, 'enough')
    expect(await second.closed).toEqual({ by: 'client', code: 4000, reason: 'enough' })
    second.close()
    await settled()
    expect(said).toEqual(['open', 'close 1012 restart', 'open again', 'close 4000 enough'])
    expect(server.connections).toEqual([])
  })

  it('ends in order where one side closes, and not where the connection is lost', async () => {
    const server = testServer()
    const ends: [string, (client: Client) => void, number, boolean][] = [
      ['the server closes', () => server.close(4000), 4000, true],
      ['the client closes', (client) => client.close(), 1005, true],
      ['the network drops it', () => server.drop(), 1006, false],
    ]
    for (const [what, end, code, wasClean] of ends) {
      const client = dial(server)
      const closed = new Promise<CloseEvent>((resolve) => client.addEventListener('close', resolve))
      await server.connection()
      await settled()
      end(client)
      expect({ what, ...pick(await closed) }).toEqual({ what, code, wasClean })
    }
    function pick({ code, wasClean }: CloseEvent): object {
      return { code, wasClean }
    }
  })

  it('refuses the codes that are never on the wire', async () => {
    const { server } = meet()
    const connection = await server.connection()
    for (const code of [999, 1006, 1015, 5000, 1.5])
      expect(() => connection.close(code)).toThrow(expect.objectContaining({ argument: 'code' }))
    expect(() => connection.send(5 as never)).toThrow(expect.objectContaining({ argument: 'data' }))
  })

  it('drops a connection, and breaks the protocol', async () => {
    const { server, said, clock } = meet({}, { retry: { backoff: () => 10 } })
    const first = await server.connection()
    first.drop()
    first.drop()
    await clock.advance(10)
    const second = await server.connection()
    second.fail()
    await settled()
    expect(said).toEqual(['open', 'close 1006', 'open again', 'close 1006'])
  })

  it('goes silent: found by the heartbeat', async () => {
    const { server, said, clock } = meet(
      { answer: (data) => (data === 'ping' ? 'pong' : undefined) },
      { heartbeat: { message: 'ping', isReply: (data) => data === 'pong' }, retry: { backoff: () => 10 } },
    )
    const connection = await server.connection()
    await clock.advance(60_000)
    expect(said).toEqual(['open'])
    connection.silence()
    connection.send('lost')
    await clock.advance(35_010)
    expect(said).toEqual(['open', 'close 1006', 'open again'])
    connection.silence()
    connection.drop()
    connection.silence()
    expect(server.connections).toHaveLength(1)
  })

  it('is silent while the client closes: found by closeTimeout', async () => {
    const { server, socket, said, clock } = meet()
    const connection = await server.connection()
    await socket.opened
    connection.silence()
    socket.close()
    await clock.advance(5_000)
    expect(said).toEqual(['open', 'close 1006'])
  })

  it('refuses dials with a status, or as a dead port; ignores them', async () => {
    const { server, said, clock, socket } = meet({}, { retry: { backoff: () => 10 } })
    server.refuse(503)
    await settled()
    server.refuse()
    await clock.advance(10)
    server.ignore()
    await clock.advance(10_010)
    server.accept()
    await clock.advance(10)
    expect(socket.state).toBe('open')
    expect(said).toEqual([
      'error the server answered the handshake with HTTP 503',
      'error the connection failed',
      'error no connection within 10000 ms (connectTimeout)',
      'open',
    ])
    expect(server.dials).toBe(4)
  })

  it('restarts, softly and hard', async () => {
    const { server, said, clock } = meet({}, { retry: { backoff: () => 100 } })
    await server.connection()
    await settled()
    server.restart({ down: 150 })
    await clock.advance(300)
    server.restart({ code: 1001 })
    await clock.advance(100)
    server.close(1011, 'oops')
    await clock.advance(100)
    expect(said).toEqual([
      ...['open', 'close 1006', 'error the connection failed', 'open again'],
      ...['close 1001', 'open again', 'close 1011 oops', 'open again'],
    ])
    expect(server.connections).toHaveLength(1)
  })

  it('decides after a restart as the test has told it since', async () => {
    const clock = new TestClock()
    const server = testServer({ clock })
    server.restart({ down: 100 })
    await clock.advance(50)
    server.restart({ down: 100 })
    await clock.advance(60)
    const dialed = async () => {
      const client = dial(server)
      await clock.advance(0)
      return client.readyState
    }
    expect(await dialed()).toBe(3)
    await clock.advance(40)
    expect(await dialed()).toBe(1)
    server.restart({ down: 100 })
    server.ignore()
    await clock.advance(100)
    expect(await dialed()).toBe(0)
  })

  it('delays everything, each way', async () => {
    const { server, socket, clock, said } = meet({ latency: 50, answer: (data) => data })
    await clock.advance(49)
    expect(socket.state).toBe('connecting')
    await clock.advance(1)
    socket.send('a')
    server.delay(10)
    await clock.advance(60)
    expect(said).toEqual(['open', 'message a'])
    expect(() => testServer({ latency: -1 })).toThrow(expect.objectContaining({ argument: 'latency' }))
    expect(() => server.restart({ down: Number.NaN })).toThrow(expect.objectContaining({ argument: 'down' }))
  })

  it('delivers in the order of sending, also where the latency has become shorter since', async () => {
    const { server, socket, clock, said } = meet({ latency: 50 }, { retry: false })
    await clock.advance(50)
    const connection = await server.connection()
    for (const latency of [50, 20, 0]) {
      server.delay(latency)
      socket.send(`up ${latency}`)
      connection.send(`down ${latency}`)
    }
    connection.close(4000)
    await clock.advance(49)
    expect([connection.sent, said]).toEqual([[], ['open']])
    await clock.advance(1)
    expect(connection.sent).toEqual(['up 50', 'up 20', 'up 0'])
    expect(said).toEqual(['open', ...[50, 20, 0].map((latency) => `message down ${latency}`), 'close 4000'])
  })

  it('hears what the client sent before it knew that the server closes', async () => {
    const { server, socket, clock } = meet({ latency: 50 }, { retry: false })
    await clock.advance(50)
    const connection = await server.connection()
    connection.close(4000)
    await clock.advance(49)
    socket.send('late')
    await clock.advance(51)
    expect(connection.sent).toEqual(['late'])
    expect(await connection.closed).toEqual({ by: 'server', code: 4000, reason: '' })
    expect(server.connections).toEqual([])
  })

  it('refuses wrong options at once, and names them', () => {
    const refused: [object, string][] = [
      [5 as never, 'options'],
      [null as never, 'options'],
      [{ lattency: 5 }, 'lattency'],
      [{ latency: '5' }, 'latency'],
      [{ url: '/relative' }, 'url'],
      [{ url: new URL('ws://a.test') }, 'url'],
      [{ clock: Date }, 'clock'],
      [{ protocol: 'a' }, 'protocol'],
      [{ answer: { ping: 'pong' } }, 'answer'],
    ]
    for (const [options, argument] of refused) {
      const error = expect.objectContaining({ name: 'InvalidArgumentError', argument })
      expect(() => testServer(options)).toThrow(error)
    }
    expect(testServer({ url: undefined as never }).url).toBe('ws://server.test/')
  })

  it('refuses what it cannot do, before it does a part of it', async () => {
    const { server } = meet()
    const connection = await server.connection()
    const names = (argument: string) => expect.objectContaining({ name: 'InvalidArgumentError', argument })
    expect(() => server.refuse(42)).toThrow(names('status'))
    expect(() => server.delay(-1)).toThrow(names('latency'))
    expect(() => server.close(1006)).toThrow(names('code'))
    expect(() => server.restart({ code: 1006 })).toThrow(names('code'))
    expect(() => server.restart({ donw: 5 } as never)).toThrow(names('donw'))
    expect(server.connections).toEqual([connection])
  })

  it('message() rejects when no more messages will arrive', async () => {
    const { server, socket, clock } = meet({}, { retry: { backoff: () => 10 } })
    const first = await server.connection()
    await socket.opened
    socket.send('a')
    await settled()
    const taken = [first.message(), first.message()]
    void first.message()
    socket.send('b')
    await settled()
    first.drop()
    expect(await Promise.all(taken)).toEqual(['a', 'b'])
    const over = 'no more messages will arrive: the server has ended the connection with 1006'
    const error = expect.objectContaining({ name: 'ConnectionError', message: over })
    await expect(first.message()).rejects.toEqual(error)
    await clock.advance(10)
    const second = await server.connection()
    const waits = second.message()
    socket.send('c')
    socket.close(4000)
    await second.closed
    expect(await waits).toBe('c')
    await expect(second.message()).rejects.toThrow('the client has ended the connection with 4000')
  })

  it('message() gives what came before the end', async () => {
    const { server, socket } = meet({}, { retry: false })
    const connection = await server.connection()
    await socket.opened
    socket.send('a')
    await settled()
    connection.drop()
    expect(await connection.message()).toBe('a')
    await expect(connection.message()).rejects.toThrow('no more messages will arrive')
  })

  it('loses what is under way when it is cut; the first end counts', async () => {
    const { server, clock, said } = meet({ latency: 10 }, { retry: false })
    await clock.advance(10)
    const [connection] = server.connections
    connection!.send('lost')
    connection!.silence()
    await clock.advance(10)
    connection!.drop()
    await clock.advance(10)
    expect(said).toEqual(['open', 'close 1006'])
    const other = meet({ latency: 10 }, { retry: false })
    await other.clock.advance(10)
    other.server.close(4000)
    other.server.drop()
    await other.clock.advance(10)
    expect(other.said).toEqual(['open', 'close 4000'])
  })

  it('gets the bytes of a Blob, and sends them, in order', async () => {
    const { server, socket } = meet({ answer: (data) => data })
    const heard: unknown[] = []
    socket.on('message', (data) => heard.push(data))
    const connection = await server.connection()
    await socket.opened
    const bytes = new TextEncoder().encode('blob').buffer
    socket.send(new Blob(['blob']))
    socket.send('after')
    await settled()
    expect(connection.sent).toEqual([bytes, 'after'])
    connection.send(new Blob(['blob']))
    connection.send('after')
    await settled()
    socket.binaryType = 'blob'
    connection.send(new Blob(['bl', 'ob']))
    await settled()
    expect(heard).toEqual([bytes, 'after', bytes, 'after', expect.any(Blob)])
    expect(await (heard.at(-1) as Blob).text()).toBe('blob')
  })

  it('takes a Blob that the engine cannot read, as that of jsdom, as it is', async () => {
    const { server, socket } = meet()
    const connection = await server.connection()
    await socket.opened
    const blob = new Blob(['blob'])
    Object.defineProperty(blob, 'arrayBuffer', { value: undefined })
    const gone = new Blob(['gone'])
    Object.defineProperty(gone, 'arrayBuffer', {
      value: () => Promise.reject(new Error('the file has changed')),
    })
    for (const each of [blob, gone]) socket.send(each)
    await settled()
    expect(connection.sent).toEqual([blob, gone])
  })

  it('chooses a subprotocol', async () => {
    const choose = testServer({ protocol: (offered) => offered.at(-1)! })
    const socket = dial(choose, ['a', 'b'])
    const connection = await choose.connection()
    await settled()
    expect([socket.protocol, connection.protocols]).toEqual(['b', ['a', 'b']])
    const one = dial(testServer(), 'a')
    await settled()
    expect(one.protocol).toBe('a')
  })

  it('fails a dial for which it selects what was not offered, as any client would', async () => {
    const server = testServer({ protocol: () => 'c' })
    const [offers, none] = [dial(server, ['a', 'b']), dial(server)]
    await settled()
    expect([offers.readyState, none.readyState, none.protocol]).toEqual([3, 1, ''])
    expect([server.dials, server.connections.length]).toEqual([2, 1])
  })
})

describe('its class', () => {
  it('is a WebSocket class, without a clock too', async () => {
    const server = testServer()
    const Class = server.WebSocket as unknown as typeof WebSocket
    expect([Class.CONNECTING, Class.OPEN, Class.CLOSING, Class.CLOSED]).toEqual([0, 1, 2, 3])
    const socket = dial(server)
    const heard: unknown[] = []
    socket.onopen = () => heard.push('open')
    socket.onmessage = ({ data }) => heard.push(data)
    socket.onclose = ({ code, wasClean }) => heard.push([code, wasClean])
    expect(() => socket.send('early')).toThrow(expect.objectContaining({ name: 'InvalidStateError' }))
    const connection = await server.connection()
    await settled()
    connection.send(Uint8Array.of(1, 2))
    await settled()
    socket.binaryType = 'arraybuffer'
    connection.send(Uint8Array.of(3))
    connection.send(Uint8Array.of(4).buffer)
    connection.send(new Blob(['b']))
    await settled()
    expect(await (heard[1] as Blob).arrayBuffer()).toEqual(Uint8Array.of(1, 2).buffer)
    expect(heard.slice(2)).toEqual([3, 4, 'b'.charCodeAt(0)].map((byte) => Uint8Array.of(byte).buffer))
    socket.close()
    socket.close()
    socket.send('late')
    connection.send('late too')
    await settled()
    expect([heard.at(-1), connection.sent]).toEqual([[1005, true], []])
    expect(() => socket.close(1)).toThrow(expect.objectContaining({ name: 'InvalidAccessError' }))
  })

  it('takes the arguments that the standard takes, and no others', () => {
    const server = testServer()
    const Class = server.WebSocket as unknown as typeof WebSocket
    const wrong: [url: string, protocols?: string | string[]][] = [
      ['nonsense'],
      ['ftp://a.test/'],
      ['ws://a.test/#fragment'],
      [server.url, 'two words'],
      [server.url, ['a', 'a']],
    ]
    for (const args of wrong)
      expect(() => new Class(...args), String(args)).toThrow(expect.objectContaining({ name: 'SyntaxError' }))
    expect(server.dials).toBe(0)
    const socket = new Class(new URL('https://a.test/feed'), 'a')
    expect(socket.url).toBe('wss://a.test/feed')
    socket.binaryType = 'nodebuffer' as BinaryType
    expect(socket.binaryType).toBe('blob')
    socket.close()
  })

  it('closed while it dials gives error and close', async () => {
    const server = testServer()
    const socket = dial(server)
    const heard: unknown[] = []
    socket.onerror = (event) => heard.push((event as ErrorEvent).message)
    socket.onclose = ({ code }) => heard.push(code)
    socket.close()
    await settled()
    expect(heard).toEqual(['closed before the connection was established', 1006])
    expect(server.connections).toEqual([])
  })

  it('serves the WHATWG face, and a client that takes a class', async () => {
    const server = testServer()
    const face = new ReconnectingWebSocket(server.url, [], { WebSocket: server.WebSocket, retry: false })
    const connection = await server.connection()
    await settled()
    connection.close(4001)
    await settled()
    expect(face.readyState).toBe(3)
    const Slot = ReconnectingWebSocket.with({ WebSocket: server.WebSocket, retry: false })
    const client = new Slot('wss://elsewhere.test/deep')
    expect((await server.connection()).url).toBe('wss://elsewhere.test/deep')
    await settled()
    expect(client.readyState).toBe(1)
    client.close()
    await settled()
  })

  it('as the global class is found at each dial, with its clock', async () => {
    const clock = new TestClock()
    const server = testServer({ clock })
    vi.stubGlobal('WebSocket', server.WebSocket)
    onTestFinished(() => void vi.unstubAllGlobals())
    const socket = new ReconnectingSocket('wss://real.test/', { retry: { backoff: () => 1_000 } })
    onTestFinished(() => socket.terminate())
    const connection = await server.connection()
    connection.drop()
    await clock.advance(1_000)
    expect([server.dials, socket.state]).toEqual([2, 'open'])
  })

  it('moves with the fake timers of the runner', async () => {
    vi.useFakeTimers()
    onTestFinished(() => void vi.useRealTimers())
    const server = testServer({ latency: 20 })
    const socket = new ReconnectingSocket(server.url, { WebSocket: server.WebSocket })
    onTestFinished(() => socket.terminate())
    await vi.advanceTimersByTimeAsync(20)
    expect(socket.state).toBe('open')
    server.connections[0]!.drop()
    await vi.advanceTimersByTimeAsync(20 + 4_000 + 20)
    expect(socket.state).toBe('open')
    expect(server.dials).toBe(2)
  })
})
