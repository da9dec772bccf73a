/** What a client sees of any server that speaks the protocol, in whatever language. The server sends everything back. */
import net from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import type { SessionSocketOptions } from '../../src/session/options.js'
import { SessionSocket } from '../../src/session/socket.js'

export interface Echo {
  readonly port: number
  /** Dies, with all its sessions, and starts again. */
  restart(): Promise<void>
  stop(): Promise<void>
}

/** A cable that can be cut. */
class Cable {
  readonly #ends = new Set<net.Socket>()
  readonly #server: net.Server

  constructor(port: number) {
    this.#server = net.createServer((near) => {
      const far = net.connect(port, '127.0.0.1')
      for (const [one, other] of [
        [near, far],
        [far, near],
      ] as const) {
        this.#ends.add(one)
        one.on('error', () => {})
        one.on('close', () => (this.#ends.delete(one), other.destroy()))
        one.pipe(other)
      }
    })
  }

  async connect(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve))
    return `ws://127.0.0.1:${(this.#server.address() as net.AddressInfo).port}/`
  }

  cut(): void {
    for (const end of this.#ends) end.resetAndDestroy()
  }

  stop(): void {
    this.cut()
    this.#server.close()
  }
}

/** A client that obeys no rule. */
class Raw extends WebSocket {
  /** What came, but for acknowledgements: messages, and the code of the close. */
  readonly #came: (string | number)[] = []
  #wake: (() => void) | undefined
  readonly opened: Promise<unknown>

  constructor(url: string) {
    super(url, ['everopen.session.1'])
    this.opened = new Promise((resolve) => this.once('open', resolve))
    this.on('error', () => {})
    this.on('message', (data) => this.#come((data as Buffer).toString()))
    this.on('close', (code) => this.#come(code))
  }

  async next(): Promise<string | number> {
    while (this.#came.length === 0) await new Promise<void>((resolve) => (this.#wake = resolve))
    return this.#came.shift()!
  }

  /** The code that it is closed with. */
  async end(): Promise<number> {
    for (;;) {
      const came = await this.next()
      if (typeof came === 'number') return came
    }
  }

  #come(what: string | number): void {
    if (String(what).startsWith('\u0001a')) return
    this.#came.push(what)
    this.#wake?.()
  }
}

export function contract(start: () => Promise<Echo>): void {
  const stops: (() => Promise<void> | void)[] = []
  afterEach(async () => {
    for (const stop of stops.splice(0).reverse()) await stop()
  })

  async function begin(options: SessionSocketOptions = {}): Promise<{
    server: Echo
    cable: Cable
    url: string
    socket: SessionSocket
    heard: unknown[]
    hear(count: number): Promise<void>
  }> {
    const server = await start()
    stops.push(() => server.stop())
    const cable = new Cable(server.port)
    stops.push(() => cable.stop())
    const url = await cable.connect()
    const socket = new SessionSocket(url, {
      retry: { backoff: { type: 'constant', base: 20 } },
      ...options,
    })
    stops.push(() => socket.terminate())
    const heard: unknown[] = []
    socket.on('message', (data) => heard.push(data))
    const hear = async (count: number): Promise<void> => {
      while (heard.length < count) await new Promise((resolve) => socket.on('message', resolve))
    }
    return { server, cable, url, socket, heard, hear }
  }

  async function raw(url: string, ...messages: string[]): Promise<Raw> {
    const socket = new Raw(url)
    stops.push(() => socket.terminate())
    await socket.opened
    for (const message of messages) socket.send(message)
    return socket
  }

  describe('messages', () => {
    test('come back as they are', async () => {
      const { socket, heard, hear } = await begin()
      const texts = [
        '',
        '\u0001',
        '\u0001a5',
        '\u0001\u0001h{}',
        'ä\u0001',
        '\ud83d\ude00',
        'x'.repeat(100_000),
      ]
      for (const text of texts) socket.send(text)
      socket.send(new Uint8Array([1, 97, 53]))
      socket.send(new Uint8Array())
      await hear(texts.length + 2)
      expect(heard.slice(0, -2)).toEqual(texts)
      expect(heard.slice(-2).map((data) => [...new Uint8Array(data as ArrayBuffer)])).toEqual([
        [1, 97, 53],
        [],
      ])
      await socket.delivered(texts.length + 2)
      expect(socket.protocol).toBe('everopen.session.1')
    })

    test('are not disturbed by pings, which are answered at once', async () => {
      const { socket, heard, hear } = await begin({ heartbeat: { interval: 20, timeout: 5_000 } })
      for (let beat = 0; beat < 2; beat++) {
        await new Promise((resolve) => socket.on('heartbeat', resolve))
        socket.send(`after ${beat}`)
      }
      await socket.delivered(2)
      await hear(2)
      expect(heard).toEqual(['after 0', 'after 1'])
      expect(socket.received).toBe(2)
    })

    test('come back once each and in order, however often the cable is cut', async () => {
      const { socket, cable, heard, hear } = await begin()
      const N = 3_000
      const sent: string[] = []
      const send = (count: number): void => {
        for (let i = 0; i < count; i++) {
          sent.push(`${sent.length} ${'.'.repeat(sent.length % 300)}`)
          socket.send(sent.at(-1)!)
        }
      }
      for (let cut = 0; cut < 10; cut++) {
        send(N / 10)
        // with some on their way, in both directions
        await hear(heard.length + 20)
        const lost = new Promise((resolve) => socket.on('close', resolve))
        cable.cut()
        await lost
      }
      await hear(N)
      expect(heard).toEqual(sent)
      await socket.delivered(N)
      expect(socket.held.size).toBe(0)
    })

    test('wait while more than the window is on its way', async () => {
      const { socket, heard, hear } = await begin({ session: { maxBytes: Infinity } })
      const sent = Array.from({ length: 60 }, (_, i) => `${i}`.padEnd(20_000, '.'))
      for (const text of sent) socket.send(text)
      await hear(60)
      expect(heard).toEqual(sent)
    })
  })

  describe('a session', () => {
    test('that the server has forgotten is told, and another one begun', async () => {
      const { socket, server, heard, hear } = await begin()
      socket.send('a')
      await hear(1)
      await socket.delivered(1)
      const lost = new Promise((resolve) => socket.on('lost', resolve))
      const { id } = socket
      await server.restart()
      expect(await lost).toMatchObject({ reason: 'expired', session: id, messages: [] })
      socket.send('b')
      await hear(2)
      expect(heard).toEqual(['a', 'b'])
    })

    test('that was ended is unknown afterwards', async () => {
      const { socket, url, hear } = await begin()
      socket.send('a')
      await hear(1)
      await socket.delivered(1)
      const hello = `\u0001h{"id":"${socket.id}","token":"guessed","received":0,"first":2}`
      expect(await (await raw(url, hello)).next()).toBe(1002)
      socket.end()
      await socket.closed
      // no token is asked for any more
      expect(await (await raw(url, hello)).next()).toMatch(/"resumed": ?false/)
    })

    test('is given back to who has its token, on another connection', async () => {
      const { url } = await begin({ autoConnect: false })
      const first = await raw(url, '\u0001h{}')
      const welcome = JSON.parse(((await first.next()) as string).slice(2)) as Record<string, unknown>
      expect(welcome).toMatchObject({ received: 0, resumed: false, ttl: expect.any(Number) as number })
      first.send('a')
      expect(await first.next()).toBe('a')
      const { id, token } = welcome
      const hello = JSON.stringify({ id, token, received: 0, first: 1 })
      const second = await raw(url, `\u0001h${hello}`)
      const again = JSON.parse(((await second.next()) as string).slice(2)) as Record<string, unknown>
      expect(again).toMatchObject({ id, received: 1, resumed: true })
      expect(await second.next()).toBe('a')
      expect(await first.end()).toBe(4100)
    })
  })

  test.each([
    ['a message before the hello', ['a']],
    ['an acknowledgement before the hello', ['\u0001a1']],
    ['control that is no JSON', ['\u0001h{']],
    ['a hello that is no object', ['\u0001h[]']],
    ['a second hello', ['\u0001h{}', '\u0001h{}']],
    ['an unknown letter', ['\u0001h{}', '\u0001x{}']],
    ['an acknowledgement of what was never sent', ['\u0001h{}', '\u0001a1']],
    ['an acknowledgement that is no number', ['\u0001h{}', '\u0001a"1"']],
  ])('closes with 1002: %s', async (_what, messages) => {
    const { url } = await begin({ autoConnect: false })
    expect(await (await raw(url, ...messages)).end()).toBe(1002)
  })
}
