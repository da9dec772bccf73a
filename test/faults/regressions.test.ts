/** What these tests have found, each as the law that it broke. */
import { Worker } from 'node:worker_threads'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import type { AddressInfo } from 'node:net'
import { ReconnectingSocket } from '../../src/index.js'
import { type RawConnection, serve, TEXT } from './raw-server.js'
import { nothingLeft, record, takeBaseline } from './record.js'
import { simulate } from './simulated.js'

beforeEach(takeBaseline)

const accept = (connection: RawConnection): void => void connection.accept()

test('a pong of a connection that has been released starts no timer', async () => {
  const { socket, clock, links } = simulate(
    { heartbeat: { interval: 1_000, timeout: 400 } },
    ({ listener }) => queueMicrotask(() => listener.onOpen()),
  )
  await clock.advance(1_000)
  expect(links[0]!.pings).toBe(1)
  socket.terminate()
  links[0]!.listener.onPong()
  expect(clock.pending).toBe(0)
})

describe('a buffer that is changed after send() is not what arrives', () => {
  test('behind an empty Blob', async () => {
    const server = await serve(accept)
    const socket = new ReconnectingSocket(server.url)
    await socket.opened
    const data = Uint8Array.of(1, 2, 3)
    socket.send(new Blob([]))
    socket.send(data)
    data.fill(9)
    const frame = await server.connections[0]!.frame(2, 2)
    expect([...frame.payload]).toEqual([1, 2, 3])
    socket.close()
    await socket.closed
    await nothingLeft(socket, server)
  })

  test('with a class of the user that reads it later: ws with permessage-deflate', async () => {
    const server = new WebSocketServer({ host: '127.0.0.1', port: 0, perMessageDeflate: { threshold: 0 } })
    const got = new Promise<Buffer[]>((resolve) => {
      const all: Buffer[] = []
      server.on('connection', (peer) =>
        peer.on('message', (data) => {
          if (all.push(data as Buffer) === 2) resolve(all)
        }),
      )
    })
    await new Promise((resolve) => server.once('listening', resolve))
    const url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}/`
    const socket = new ReconnectingSocket(url, { WebSocket })
    await socket.opened
    const data = Uint8Array.of(1, 2, 3)
    socket.send('before')
    socket.send(data)
    data.fill(9)
    expect([...(await got)[1]!]).toEqual([1, 2, 3])
    socket.close()
    await socket.closed
    await new Promise((resolve) => server.close(resolve))
    await nothingLeft(socket)
  })
})

describe('what waits behind the write that the network is busy with goes to the next connection', () => {
  // the first connection is never read, and 32 MiB fill it
  const start = async (closeTimeout: number) => {
    const server = await serve((connection, n) => {
      if (n === 0) connection.answers = 'nothing'
      void connection.accept().then(() => n === 0 && connection.tcp.pause())
    })
    const socket = new ReconnectingSocket(server.url, {
      closeTimeout,
      retry: { backoff: () => 1 },
      outbox: { maxBytes: Infinity },
    })
    await socket.opened
    expect(socket.send('x'.repeat(32 * 2 ** 20))).toBe('sent')
    return { server, socket }
  }

  test.each([
    ['RST', (_: ReconnectingSocket, connection: RawConnection) => connection.rst()],
    ['reconnect()', (socket: ReconnectingSocket) => socket.reconnect()],
  ])('after %s', async (_, end) => {
    const { server, socket } = await start(50)
    expect(socket.send('behind')).toBe('sent')
    end(socket, server.connections[0]!)
    const second = await server.connection(1)
    await second.request
    await socket.opened
    socket.send('last')
    await second.frame(TEXT, 2)
    expect(second.texts).toEqual(['behind', 'last'])
    socket.close()
    await socket.closed
    await nothingLeft(socket, server)
  })

  test('as it was when it was sent', async () => {
    const { server, socket } = await start(50)
    const data = Uint8Array.of(1, 2, 3)
    expect(socket.send(data)).toBe('sent')
    data.fill(9)
    socket.reconnect()
    const second = await server.connection(1)
    expect([...(await second.frame(2)).payload]).toEqual([1, 2, 3])
    socket.close()
    await socket.closed
    await nothingLeft(socket, server)
  })
})

test('a detached buffer does no harm to an open connection', async () => {
  const server = await serve(accept)
  const socket = new ReconnectingSocket(server.url)
  const seen = record(socket)
  await socket.opened
  const data = new ArrayBuffer(8)
  structuredClone(data, { transfer: [data] })
  try {
    socket.send(data)
  } catch (error) {
    expect(error).toMatchObject({ code: 'ERR_INVALID_ARGUMENT', argument: 'data' })
  }
  socket.send('fine')
  await server.connections[0]!.frame(TEXT)
  socket.close()
  // an error would have set a deadline of its own, and a ConnectionError as the cause
  expect((await socket.closed).cause).toBeUndefined()
  expect(seen.words.slice(-1)).toEqual(['close 1005 (user, clean, final)'])
  await nothingLeft(socket, server)
})

describe('reconnect()', () => {
  test('the end of the connection that it replaces is the last end', async () => {
    const server = await serve(accept)
    const ends: unknown[] = []
    const socket = new ReconnectingSocket(({ lastEnd }) => {
      ends.push(lastEnd?.code)
      return server.url
    })
    const seen = record(socket)
    await seen.until('open')
    socket.reconnect(4000)
    await seen.until('open', 2)
    expect(ends).toEqual([undefined, 4000])
    expect(socket.snapshot.lastEnd).toMatchObject({ by: 'user', code: 4000 })
    socket.close()
    await socket.closed
    await nothingLeft(socket, server)
  })

  test.each([
    ['the count of retries', { limit: 2 }],
    ['the outage', { maxElapsed: 8_000 }],
  ])('after a stable connection %s begins anew', async (_, retry) => {
    // two failures, a connection that lasts an hour and is replaced, two more failures
    const { socket, clock, links } = simulate(
      { heartbeat: false, closeTimeout: 100, retry: { ...retry, backoff: () => 1_000 } },
      ({ listener }, _clock, n) =>
        queueMicrotask(() => (n === 2 || n > 4 ? listener.onOpen() : listener.onClose(1006, '', false))),
    )
    const seen = record(socket)
    await clock.advance(3_600_000)
    expect(seen.words).toEqual([
      'error ERR_CONNECTION',
      'error ERR_CONNECTION',
      'connecting → open',
      'open 2',
    ])
    socket.reconnect()
    await clock.advance(5_000)
    expect(links).toHaveLength(6)
    expect(seen.words.slice(4)).toEqual([
      'open → closing',
      'closing → connecting',
      'close 1006 (user, unclean, retries)',
      'error ERR_CONNECTION',
      'error ERR_CONNECTION',
      'connecting → open',
      'open 2 again',
    ])
    socket.terminate()
  })
})

describe('listeners', () => {
  test('one that is added by a listener of the same event hears the next, not this one', async () => {
    const server = await serve((connection) => void connection.accept().then(() => connection.send('hello')))
    const socket = new ReconnectingSocket(server.url)
    let heard = 0
    const again = (): void => {
      // without the bound this would never end
      if (++heard < 10) socket.on('message', again)
    }
    socket.on('message', again)
    await new Promise<void>((resolve) => socket.on('*', (type) => type === 'message' && resolve()))
    expect(heard).toBe(1)
    socket.close()
    await socket.closed
    await nothingLeft(socket, server)
  })

  test('what a message listener sets off comes after all listeners of the message', async () => {
    const server = await serve((connection) => void connection.accept().then(() => connection.send('hello')))
    const socket = new ReconnectingSocket(server.url)
    const order: string[] = []
    socket.on('message', () => socket.terminate())
    socket.on('message', () => order.push(`second listener, ${socket.state}`))
    const seen = record(socket)
    await socket.closed
    expect(order).toEqual(['second listener, open'])
    expect(seen.words).toEqual([
      'connecting → open',
      'open 0',
      'message hello',
      'open → closed',
      'close 1006 (user, unclean, final)',
    ])
    await nothingLeft(socket, server)
  })

  test('in the state listener of an open connection, the subprotocol is already the new one', async () => {
    const server = await serve((connection) => void connection.accept({ protocol: 'p' }))
    const socket = new ReconnectingSocket(server.url, { protocols: 'p' })
    const found: string[] = []
    socket.on('state', ({ to }) => found.push(`${to} ${socket.protocol}`))
    await socket.opened
    expect(found).toEqual(['open p'])
    socket.close()
    await socket.closed
    await nothingLeft(socket, server)
  })
})

describe('a platform socket that says error and then nothing', () => {
  // no network is in it: its clock need not be real
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance', 'Date'] })
  })
  afterEach(() => {
    vi.useRealTimers()
  })

  class Mute {
    static says: 'open' | 'error' = 'error'
    onopen: (() => void) | null = null
    onerror: ((event: object) => void) | null = null
    readyState = 1
    constructor() {
      setTimeout(() => (Mute.says === 'open' ? this.onopen?.() : this.onerror?.({})), 40)
    }
    send(): void {}
    close(): void {
      setTimeout(() => this.onerror?.({}), 80)
    }
  }

  test('does not prolong connectTimeout', async () => {
    Mute.says = 'error'
    const socket = new ReconnectingSocket('ws://127.0.0.1/', {
      WebSocket: Mute,
      connectTimeout: 100,
      retry: false,
    })
    // the deadline of the error alone would be at 1,040 ms
    await vi.advanceTimersByTimeAsync(100)
    expect(socket.state).toBe('closed')
  })

  test('does not prolong closeTimeout', async () => {
    Mute.says = 'open'
    const socket = new ReconnectingSocket('ws://127.0.0.1/', { WebSocket: Mute, closeTimeout: 100 })
    await vi.advanceTimersByTimeAsync(40)
    expect(socket.state).toBe('open')
    socket.close()
    await vi.advanceTimersByTimeAsync(100)
    // the word of the error, 80 ms after close(), is told to nobody
    expect(socket.state).toBe('closed')
  })
})

describe('opened, of the run that was asked for', () => {
  test('inside the close listener, after connect()', async () => {
    const server = await serve(
      (connection, n) => void connection.accept().then(() => n === 0 && connection.close(1001)),
    )
    const socket = new ReconnectingSocket(server.url, { retry: false })
    const again = new Promise<unknown>((resolve) => {
      socket.on('close', ({ code }) => {
        if (code !== 1001) return
        socket.connect()
        resolve(socket.opened)
      })
    })
    expect(await again).toEqual({ attempt: 0, reconnected: false })
    socket.close()
    await socket.closed
    await nothingLeft(socket, server)
  })

  test('after close() and connect() in a row', async () => {
    const server = await serve(accept)
    const socket = new ReconnectingSocket(server.url)
    await socket.opened
    socket.close()
    socket.connect()
    // while closing, with a new run to come
    expect(socket.state).toBe('closing')
    expect(await socket.opened).toEqual({ attempt: 0, reconnected: false })
    expect(server.connections).toHaveLength(2)
    socket.close()
    await socket.closed
    await nothingLeft(socket, server)
  })
})

test('a stall of the event loop a little longer than the timeout is no verdict on a peer that answers', async () => {
  const code = `
    const { WebSocketServer } = require('ws')
    const { parentPort } = require('worker_threads')
    const server = new WebSocketServer({ host: '127.0.0.1', port: 0 }, () => parentPort.postMessage(server.address().port))
    server.on('connection', (peer) => peer.on('ping', () => peer.send('answers')))`
  const peer = new Worker(code, { eval: true })
  const port = await new Promise<number>((resolve) => peer.once('message', resolve))
  const socket = new ReconnectingSocket(`ws://127.0.0.1:${port}/`, {
    heartbeat: { interval: 100, timeout: 300 },
  })
  const seen = record(socket)
  await seen.until('open')
  // a ping goes out at 80 to 120 ms: this loop begins after it, ends after its deadline, and reads nothing meanwhile
  const pinged = new Promise<void>((resolve) => {
    const ping = WebSocket.prototype.ping
    WebSocket.prototype.ping = function (this: WebSocket, ...args: Parameters<typeof ping>) {
      WebSocket.prototype.ping = ping
      ping.apply(this, args)
      resolve()
    }
  })
  await pinged
  const end = performance.now() + 500
  while (performance.now() < end);
  await seen.until('heartbeat', 2)
  expect(seen.words.filter((word) => word.startsWith('close'))).toEqual([])
  socket.terminate()
  await peer.terminate()
})
