/** `for await` over a socket: everything arrives, in order, and a slow consumer slows the server down. */
import { setTimeout as sleep } from 'node:timers/promises'
import { beforeEach, expect, test } from 'vitest'
import { ReconnectingSocket } from '../../src/index.js'
import { type RawConnection, serve } from './raw-server.js'
import { nothingLeft, record, takeBaseline } from './record.js'

beforeEach(takeBaseline)

const soon = { backoff: () => 1 }
const accept = (connection: RawConnection): void => void connection.accept()

test('every message, over several connections, until the socket is closed', async () => {
  const server = await serve((connection, n) => {
    void connection.accept().then(() => {
      for (let i = 0; i < 10; i++) connection.send(`${n}.${i}`)
      if (n < 2) connection.close(1001)
    })
  })
  const socket = new ReconnectingSocket(server.url, { retry: soon })
  const got: unknown[] = []
  for await (const data of socket) {
    got.push(data)
    if (data === '2.9') socket.close()
  }
  expect(got).toEqual([0, 1, 2].flatMap((n) => Array.from({ length: 10 }, (_, i) => `${n}.${i}`)))
  await socket.closed
  await nothingLeft(socket, server)
})

test('what is held when the socket closes is still given out; after that it is over at once', async () => {
  const server = await serve((connection) => {
    void connection.accept().then(() => {
      for (const text of ['a', 'b', '', 'c']) connection.send(text)
      connection.close(1000)
    })
  })
  const socket = new ReconnectingSocket(server.url, { retry: false })
  const iterator = socket[Symbol.asyncIterator]()
  await socket.closed
  const got: unknown[] = []
  for await (const data of iterator) got.push(data)
  expect(got).toEqual(['a', 'b', '', 'c'])
  for await (const data of socket) expect(data).toBe('nothing')
  await nothingLeft(socket, server)
})

test('two iterations each get everything, and calls of next() may run ahead', async () => {
  const server = await serve(accept)
  const socket = new ReconnectingSocket(server.url)
  const [one, two] = [socket[Symbol.asyncIterator](), socket[Symbol.asyncIterator]()]
  const ahead = [one.next(), one.next(), one.next()]
  await socket.opened
  for (const text of ['a', 'b', 'c']) server.connections[0]!.send(text)
  expect((await Promise.all(ahead)).map(({ value }) => value)).toEqual(['a', 'b', 'c'])
  expect((await two.next()).value).toBe('a')
  await two.return!()
  expect(await two.next()).toEqual({ done: true, value: undefined })
  const last = one.next()
  socket.close()
  expect(await last).toEqual({ done: true, value: undefined })
  await nothingLeft(socket, server)
})

/** Resolves when nothing has moved for a while. On a slow machine that may be too early: never fails for it. */
async function stalled(connection: RawConnection): Promise<number> {
  for (let last = -1, same = 0; same < 15;) {
    // what the kernel has taken; the rest grows with every pong
    const taken = connection.tcp.bytesWritten - connection.tcp.writableLength
    same = taken === last ? same + 1 : 0
    last = taken
    await sleep(10)
  }
  return connection.tcp.writableLength
}

const SIZE = 32_768
const COUNT = 1_000

/** Writes 32 MB, more than all the buffers of the kernel hold, and goes on only as far as it is read. */
function flood(connection: RawConnection): { drained: boolean } {
  const result = { drained: false }
  connection.tcp.on('drain', () => (result.drained = true))
  for (let i = 0; i < COUNT; i++) connection.send(`${i} `.padEnd(SIZE, 'x'))
  return result
}

test('backpressure: while the consumer is slow the server cannot write on, and later everything arrives', async () => {
  const server = await serve(accept)
  const socket = new ReconnectingSocket(server.url, {
    readAhead: 10,
    heartbeat: { interval: 30, timeout: 1_000 },
  })
  const seen = record(socket)
  const iterator = socket[Symbol.asyncIterator]()
  await seen.until('open')
  const connection = server.connections[0]!
  const written = flood(connection)
  expect(await stalled(connection)).toBeGreaterThan(8 * 2 ** 20)
  expect(written.drained).toBe(false)
  // the heartbeat does not take it for dead: it is this side that does not read
  await sleep(1_000)
  expect(socket.state).toBe('open')
  // a chunk of the network may hold a few messages more than asked for
  expect(seen.of('message').length).toBeLessThan(10 + 64)

  for (let i = 0; i < COUNT; i++) {
    const { value } = await iterator.next()
    expect((value as string).startsWith(`${i} `)).toBe(true)
    expect(value).toHaveLength(SIZE)
  }
  expect(written.drained).toBe(true)
  expect(seen.of('close')).toEqual([])
  socket.close()
  await socket.closed
  await nothingLeft(socket, server)
})

test('backpressure ends with the iteration that asked for it', async () => {
  const server = await serve(accept)
  const socket = new ReconnectingSocket(server.url, { readAhead: 5 })
  const seen = record(socket)
  const iterator = socket[Symbol.asyncIterator]()
  await seen.until('open')
  flood(server.connections[0]!)
  expect(await stalled(server.connections[0]!)).toBeGreaterThan(0)
  await iterator.return!()
  await seen.until('message', COUNT)
  socket.close()
  await socket.closed
  await nothingLeft(socket, server)
})

test('backpressure: close() while the consumer is slow still completes the closing handshake', async () => {
  const server = await serve(accept)
  const socket = new ReconnectingSocket(server.url, { readAhead: 5 })
  const seen = record(socket)
  const iterator = socket[Symbol.asyncIterator]()
  await seen.until('open')
  flood(server.connections[0]!)
  expect(await stalled(server.connections[0]!)).toBeGreaterThan(0)
  socket.close(4000, 'enough')
  expect(await socket.closed).toMatchObject({ code: 4000, wasClean: true })
  let held = 0
  for await (const data of iterator) expect((data as string).startsWith(`${held++} `)).toBe(true)
  expect(held).toBe(seen.of('message').length)
  await nothingLeft(socket, server)
})

test('backpressure outlives the connection: the next one is read no faster', async () => {
  const server = await serve(accept)
  const socket = new ReconnectingSocket(server.url, { readAhead: 5 })
  const seen = record(socket)
  const iterator = socket[Symbol.asyncIterator]()
  await seen.until('open')
  flood(server.connections[0]!)
  expect(await stalled(server.connections[0]!)).toBeGreaterThan(0)
  socket.reconnect()
  await seen.until('open', 2)
  const before = seen.of('message').length
  flood(server.connections[1]!)
  expect(await stalled(server.connections[1]!)).toBeGreaterThan(0)
  expect(seen.of('message').length - before).toBeLessThan(64)
  let got = 0
  while (got < before + COUNT) {
    await iterator.next()
    got++
  }
  socket.close()
  await socket.closed
  await nothingLeft(socket, server)
})
