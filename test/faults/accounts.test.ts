/** What is lost and what doubles, staged: each of these went wrong once, over real connections. */
import { once } from 'node:events'
import https from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { WebSocket, WebSocketServer, type ServerOptions } from 'ws'
import {
  type Options,
  ReconnectingSocket,
  ReconnectingWebSocket,
  type WebSocketClass,
} from '../../src/index.js'
import { collect } from '../heap.js'
import { encode, serve as raw, TEXT } from './raw-server.js'
import { selfSigned } from './tls.js'

const quick = { retry: { backoff: { type: 'constant', base: 5 } } } as const
const roomy = { maxMessages: 10_000, maxBytes: 1e9 }

interface Peer {
  readonly socket: WebSocket
  readonly tcp: Socket
  /** From 1. */
  readonly number: number
}

/** A server of `ws`, and what it received by id: the number that a message begins with. */
async function serve(options: ServerOptions, script: (peer: Peer, received: number[]) => void) {
  const server = new WebSocketServer({
    ...(!options.server && { port: 0, host: '127.0.0.1' }),
    perMessageDeflate: false,
    ...options,
  })
  const received: number[] = []
  const watchers = new Set<() => void>()
  let number = 0
  server.on('connection', (socket, request) => {
    socket.on('error', () => {})
    socket.on('message', (data) => {
      received.push(parseInt((data as Buffer).toString('latin1', 0, 8)))
      for (const look of [...watchers]) look()
    })
    script({ socket, tcp: request.socket, number: ++number }, received)
  })
  onTestFinished(() => {
    for (const peer of server.clients) peer.terminate()
    server.close()
  })
  if (!options.server) await once(server, 'listening')
  return {
    url: `ws://127.0.0.1:${(server.address() as AddressInfo | null)?.port}/`,
    received,
    until: (id: number) =>
      new Promise<void>((resolve) => {
        const look = (): void => void (received.includes(id) && resolve())
        watchers.add(look)
        look()
      }),
  }
}

function connect(url: string, options: Options): { socket: ReconnectingSocket; drops: string[] } {
  const socket = new ReconnectingSocket(url, { heartbeat: false, outbox: roomy, ...quick, ...options })
  const drops: string[] = []
  socket.on('drop', ({ reason }) => drops.push(reason))
  onTestFinished(() => socket.terminate())
  return { socket, drops }
}

const closed = (socket: ReconnectingSocket): Promise<void> =>
  new Promise((resolve) => void socket.on('close', () => resolve()))

const range = (n: number): number[] => Array.from({ length: n }, (_, i) => i)

test('a server that accepts and resets, five times: what waits gets through', async () => {
  const server = await serve({}, ({ tcp, number }) => {
    if (number <= 5) tcp.resetAndDestroy()
  })
  const { socket, drops } = connect(server.url, {})
  for (const i of range(20)) socket.send(String(i))
  await server.until(19)
  expect([server.received, drops]).toEqual([range(20), []])
})

test('a message just after a reset waits, alone or in company, text or Blob', async () => {
  for (const messages of [['0'], ['0', '1', '2'], [new Blob(['0'])], [new Blob(['0']), '1']]) {
    let first: Peer | undefined
    const server = await serve({}, (peer) => void (first ??= peer))
    const { socket, drops } = connect(server.url, {})
    await socket.opened
    await new Promise(setImmediate)
    first!.tcp.resetAndDestroy()
    for (const message of messages) socket.send(message)
    await server.until(messages.length - 1)
    expect([server.received, drops]).toEqual([range(messages.length), []])
    socket.terminate()
  }
})

test('a Blob that cannot be read is dropped, once, and what follows it gets through', async () => {
  const server = await serve({}, () => {})
  const { socket, drops } = connect(server.url, {})
  await socket.opened
  // what a file of a Blob does that is gone by now
  const unreadable = Object.assign(new Blob(['0']), {
    arrayBuffer: () => Promise.reject(new Error('the file is gone')),
  })
  for (const message of [unreadable, '0', new Blob(['1'])]) socket.send(message)
  await server.until(1)
  expect([server.received, drops]).toEqual([range(2), ['unreadable']])
})

test('a burst that is being compressed when the connection dies: what ws held comes back', async () => {
  const server = await serve({ perMessageDeflate: true }, ({ socket, number }) => {
    if (number === 1) socket.once('message', () => socket.terminate())
  })
  const { socket } = connect(server.url, {})
  await socket.opened
  const lost = closed(socket)
  for (const i of range(200)) socket.send(`${i} ${Math.random().toString(36).repeat(2_000)}`)
  await lost
  expect(socket.outbox.size).toBeGreaterThan(100)
  await server.until(199)
  expect(new Set(server.received).size).toBe(server.received.length)
  expect(server.received.slice(-socket.outbox.size || -100)).toEqual(range(200).slice(-100))
})

test('behind a pong that is being written, over TLS: none twice', async () => {
  const certificate = selfSigned('127.0.0.1', new Date(Date.now() - 1e6), new Date(Date.now() + 1e9))
  const listener = https.createServer(certificate)
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void listener.close())
  const server = await serve({ server: listener }, ({ socket, number }) => {
    let got = 0
    socket.on('message', () => {
      if (number === 1 && ++got === 4) socket.terminate()
    })
    socket.ping('are you there')
  })
  const { port } = listener.address() as AddressInfo
  const { socket } = connect(`wss://127.0.0.1:${port}/`, { node: { ca: certificate.cert } })
  let pings = 0
  ;(socket as ReconnectingSocket<never> as unknown as { on(type: 'ping', listener: () => void): void }).on(
    'ping',
    () => {
      if (++pings === 1) for (const i of range(12)) socket.send(Buffer.alloc(1e6, String(i).padEnd(8)))
      else socket.send('99')
    },
  )
  await server.until(99)
  expect(new Set(server.received).size).toBe(server.received.length)
})

test('with the class of ws given, away from a peer that hangs: none twice', async () => {
  const server = await serve({}, ({ socket, number }) => {
    let got = 0
    socket.on('message', () => {
      if (number === 1 && ++got === 6) socket.pause()
    })
  })
  const { socket } = connect(server.url, {
    WebSocket: WebSocket as unknown as WebSocketClass,
    closeTimeout: 50,
  })
  await socket.opened
  for (const i of range(12)) socket.send(Buffer.alloc(2e6, String(i).padEnd(8)))
  await server.until(5)
  socket.reconnect()
  socket.send('99')
  await server.until(99)
  expect(new Set(server.received).size).toBe(server.received.length)
})

test('a greeting in one packet with the 101 is heard by who awaits the opening', async () => {
  const server = await serve({}, ({ socket }) => {
    socket.send('greeting')
    socket.send('and more')
    socket.close(4_000)
  })
  for (let i = 0; i < 20; i++) {
    const { socket } = connect(server.url, { retry: false })
    await socket.opened
    const heard: unknown[] = []
    for await (const data of socket) heard.push(data)
    expect(heard).toEqual(['greeting', 'and more'])
  }
})

test('and by who awaits the event, as in a browser, where each event has its own turn', async () => {
  const server = await raw((one) => void one.accept({ after: encode(TEXT, Buffer.from('greeting')) }))
  onTestFinished(() => server.stop())
  const { socket } = connect(server.url, { retry: false })
  const face = new ReconnectingWebSocket(server.url, [], { retry: false })
  onTestFinished(() => face.close())
  const heard = Promise.all([
    (async () => {
      await new Promise((resolve) => socket.on('open', resolve))
      return new Promise((resolve) => socket.on('message', resolve))
    })(),
    (async () => {
      await new Promise((resolve) => (face.onopen = resolve))
      return new Promise((resolve) => (face.onmessage = ({ data }) => resolve(data)))
    })(),
  ])
  expect(await heard).toEqual(['greeting', 'greeting'])
})

test('a volatile message on a stalled line is dropped, piles up nowhere, and never comes later', async () => {
  let stalled: Peer | undefined
  const server = await serve({}, (peer) => {
    if (peer.number === 1) (stalled = peer).socket.pause()
  })
  const { socket, drops } = connect(server.url, {})
  await socket.opened
  let accepted = 0
  for (let i = 0; i < 400; i++) {
    if (socket.send(Buffer.alloc(65_536, '7'), { volatile: true }) === 'sent') accepted++
    await new Promise(setImmediate)
  }
  expect(socket.bufferedAmount).toBeLessThan(300_000)
  expect(drops.length).toBeGreaterThan(0)
  expect(accepted + drops.length).toBe(400)
  socket.send('1', { volatile: true })
  stalled!.tcp.resetAndDestroy()
  await closed(socket)
  await socket.opened
  socket.send('99')
  await server.until(99)
  expect(server.received).toEqual([99])
})

test('what was large does not stay in memory when it has gone', async () => {
  const server = await serve({ maxPayload: 1e8 }, () => {})
  const { socket } = connect(server.url, { WebSocket: WebSocket as unknown as WebSocketClass })
  await socket.opened
  const before = process.memoryUsage().arrayBuffers
  socket.send(new Uint8Array(2e7).fill(48))
  await server.until(0)
  await expect
    .poll(
      () => {
        collect()
        return process.memoryUsage().arrayBuffers - before
      },
      { timeout: 5_000 },
    )
    .toBeLessThan(1e7)
})

test('an outbox that overflows on an open connection, and is written in several batches: none twice', async () => {
  const server = await serve({}, () => {})
  const { socket, drops } = connect(server.url, {
    outbox: { maxMessages: 20, highWaterMark: 1_000, overflow: 'drop-oldest' },
  })
  let id = 0
  const send = (count: number): void => {
    while (count-- > 0) socket.send(`${++id}`.padEnd(5_000))
  }
  send(20)
  // the second was enough for the platform: the others still wait
  socket.on('open', () => send(40))
  await server.until(60)

  expect(server.received).toEqual(Array.from({ length: 60 }, (_, index) => index + 1))
  expect(drops).toEqual([])
})
