/** A connection that dies with messages under way: what was never on the wire is sent again, and nothing else. */
import net from 'node:net'
import { beforeEach, describe, expect, test } from 'vitest'
import { type Options, ReconnectingSocket } from '../../src/index.js'
import { type Passage, stall, startProxy } from './proxy.js'
import { eventually, nothingLeft, record, SLACK, stopwatch, takeBaseline } from './record.js'

beforeEach(takeBaseline)

const soon = { backoff: () => 1 }
const KIB = 1_024
/** More than the kernel takes for a connection whose peer does not read. */
const SIZE = 32 * KIB
const COUNT = 500
/** A frame of that size from a client: its head and mask are 14 bytes, or 8 below 64 KiB. */
const FRAME = SIZE + 8

const opened = ['connecting → open', 'open 0']
const again = [
  'open → connecting',
  'close 1006 (network, unclean, retries)',
  'connecting → open',
  'open 1 again',
]

const message = (n: number): string => `${n} `.padEnd(SIZE, 'x')
const numberOf = (text: unknown): number => Number.parseInt(String(text), 10)
const numbers = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, i) => from + i)

/** Lets a test see how much a connection gave to the kernel. */
function tapped(): { readonly node: NonNullable<Options['node']>; readonly clients: net.Socket[] } {
  const clients: net.Socket[] = []
  const createConnection = (options: net.NetConnectOpts): net.Socket => {
    // ws sets the path of the URL, which would be taken for that of a local socket
    const client = net.connect({ ...options, path: undefined } as unknown as net.NetConnectOpts)
    clients.push(client)
    return client
  }
  return { node: { createConnection, perMessageDeflate: false }, clients }
}

/** Sends until the kernel takes no more, and then five that wait behind the write it is `busy` with. */
async function fill(socket: ReconnectingSocket): Promise<{ readonly busy: number; readonly sent: number }> {
  let busy = 0
  while (socket.bufferedAmount === 0) {
    expect(socket.send(message(busy++))).toBe('sent')
    await new Promise(setImmediate)
  }
  for (let i = 0; i < 5; i++) expect(socket.send(message(busy + i))).toBe('sent')
  return { busy, sent: busy + 5 }
}

const rst = (passage: Passage): void => passage.rst()
const fin = (passage: Passage): void => passage.fin()

test.each([
  ['RST', 'one message', KIB, rst],
  ['RST', 'many messages', 8 * SIZE, rst],
  ['FIN', 'one message', KIB, fin],
  ['FIN', 'many messages', 8 * SIZE, fin],
])(
  '%s in mid-flush of 500 messages, %s at the platform: no duplicate, order kept, lost is only what was on the wire',
  async (_, __, highWaterMark, end) => {
    const proxy = await startProxy(
      (passage, n) => {
        // half of what waits has arrived by then
        if (n === 0) passage.up.cut((COUNT / 2) * FRAME, () => end(passage))
      },
      { echo: false },
    )
    const { node, clients } = tapped()
    const socket = new ReconnectingSocket(proxy.url, {
      node,
      retry: soon,
      closeTimeout: 200,
      outbox: { maxBytes: 2 * COUNT * SIZE, highWaterMark },
      autoConnect: false,
    })
    const seen = record(socket)
    for (const n of numbers(0, COUNT)) expect(socket.send(message(n))).toBe('queued')
    let resumed = -1
    socket.on('close', () => (resumed = numberOf(socket.outbox.list()[0])))
    socket.connect()
    await seen.until('open', 2)
    await eventually(
      () => `the last message, got ${proxy.received.map(({ length }) => length).join()}`,
      () => numberOf(proxy.received[1]?.at(-1)) === COUNT - 1,
    )
    const got = proxy.received.map((texts) => texts.map(numberOf))
    const arrived = got[0]!.length
    const dispatched = Math.ceil((clients[0]!.bytesWritten - KIB) / FRAME)
    expect(got).toEqual([numbers(0, arrived), numbers(resumed, COUNT)])
    expect(arrived).toBeGreaterThan(COUNT / 2 - 3)
    expect(resumed).toBeGreaterThanOrEqual(arrived)
    expect(resumed).toBe(dispatched)
    expect(seen.words).toEqual(['idle → connecting', ...opened, ...again])
    socket.close()
    await socket.closed
    await nothingLeft(socket, proxy)
  },
)

describe('the way to the server stalls', () => {
  test('then RST: what the platform had not transmitted is at the front of the outbox', async () => {
    const proxy = await startProxy(undefined, { echo: false })
    const { node, clients } = tapped()
    const socket = new ReconnectingSocket(proxy.url, { node, retry: { backoff: () => 60_000 } })
    const seen = record(socket)
    await seen.until('open')
    const passage = proxy.passages[0]!
    passage.up.fault = stall
    const { busy, ...filled } = await fill(socket)
    let { sent } = filled
    passage.rst()
    await seen.until('close')
    expect(clients[0]!.bytesWritten).toBeLessThan(KIB + busy * FRAME)
    expect(socket.outbox.list().map(numberOf)).toEqual(numbers(busy, sent))
    expect(socket.send(message(sent++))).toBe('queued')
    socket.reconnect()
    await eventually(
      () => `the last message, got ${proxy.received.map(({ length }) => length).join()}`,
      () => proxy.received[1]?.length === sent - busy,
    )
    expect(proxy.received[1]!.map(numberOf)).toEqual(numbers(busy, sent))
    expect(seen.words).toEqual([...opened, ...again])
    socket.close()
    await socket.closed
    await nothingLeft(socket, proxy)
  })

  test('then FIN, and no heartbeat: over within closeTimeout all the same', async () => {
    const proxy = await startProxy(undefined, { echo: false })
    const { node } = tapped()
    const closeTimeout = 200
    const socket = new ReconnectingSocket(proxy.url, { node, heartbeat: false, closeTimeout, retry: soon })
    const seen = record(socket)
    await seen.until('open')
    const passage = proxy.passages[0]!
    passage.up.fault = stall
    const { busy, sent } = await fill(socket)
    const elapsed = stopwatch()
    passage.fin()
    await seen.until('open', 2)
    expect(elapsed()).toBeLessThan(closeTimeout + SLACK)
    await eventually(
      () => `the last message, got ${proxy.received.map(({ length }) => length).join()}`,
      () => proxy.received[1]?.length === sent - busy,
    )
    expect(proxy.received[1]!.map(numberOf)).toEqual(numbers(busy, sent))
    expect(seen.words).toEqual([...opened, ...again])
    socket.close()
    await socket.closed
    await nothingLeft(socket, proxy)
  })
})
