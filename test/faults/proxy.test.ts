/** The real socket through a network that fails: each fault with the whole sequence of events. */
import { beforeEach, describe, expect, test } from 'vitest'
import { HeartbeatError, ReconnectingSocket } from '../../src/index.js'
import { delay, pace, type Passage, startProxy, stall } from './proxy.js'
import { nothingLeft, record, SLACK, stopwatch, takeBaseline } from './record.js'

beforeEach(takeBaseline)

const soon = { backoff: () => 1 }

/** The first connection meets the fault, those after it none. */
const first =
  (fault: (passage: Passage) => void) =>
  (passage: Passage, n: number): void => {
    if (n === 0) fault(passage)
  }

const opened = ['connecting → open', 'open 0']
const again = [
  'open → connecting',
  'close 1006 (network, unclean, retries)',
  'connecting → open',
  'open 1 again',
]
const numbers = (count: number): string[] => Array.from({ length: count }, (_, i) => `number ${i}`)

/** Sends a text through a passage that is slow from now on, until its echo is there. Tells how many of the heartbeat's timeouts that took. */
async function echoed(text: string, slow: (passage: Passage) => void) {
  const heartbeat = { interval: 50, timeout: 150 }
  const proxy = await startProxy()
  const socket = new ReconnectingSocket(proxy.url, { heartbeat })
  const seen = record(socket)
  await seen.until('open')
  slow(proxy.passages[0]!)
  const start = performance.now()
  socket.send(text)
  await seen.until('message')
  return { proxy, socket, seen, timeouts: (performance.now() - start) / heartbeat.timeout }
}

async function finish(
  socket: ReconnectingSocket,
  proxy: Awaited<ReturnType<typeof startProxy>>,
): Promise<void> {
  socket.close()
  await socket.closed
  await nothingLeft(socket, proxy)
}

describe('silence while open: a verdict within interval and timeout, and a redial', () => {
  const heartbeat = { interval: 100, timeout: 150 }
  const silences: [string, (passage: Passage) => void][] = [
    ['the way from the server stalls', ({ down }) => (down.fault = stall)],
    ['the way to the server stalls', ({ up }) => (up.fault = stall)],
    ['both ways stall', ({ up, down }) => (up.fault = down.fault = stall)],
    ['half-open: both ways swallow', (passage) => passage.halfOpen()],
  ]
  test.each(silences)('%s', async (_, fault) => {
    const proxy = await startProxy()
    const socket = new ReconnectingSocket(proxy.url, { heartbeat, retry: soon })
    const seen = record(socket)
    socket.send('hello')
    await seen.until('message')
    fault(proxy.passages[0]!)
    const elapsed = stopwatch()
    const { cause } = await seen.until('close')
    expect(cause).toBeInstanceOf(HeartbeatError)
    expect(elapsed()).toBeLessThan(1.2 * heartbeat.interval + heartbeat.timeout + SLACK)
    await seen.until('open', 2)
    socket.send('again')
    await seen.until('message', 2)
    expect(seen.words.filter((word) => word !== 'heartbeat')).toEqual([
      ...opened,
      'message hello',
      'open → connecting',
      'close 1006 (client, unclean, retries)',
      'connecting → open',
      'open 1 again',
      'message again',
    ])
    expect(proxy.passages).toHaveLength(2)
    expect(proxy.received).toEqual([['hello'], ['again']])
    await finish(socket, proxy)
  })

  test('silence from the first byte on: an error at connectTimeout, and a redial', async () => {
    const proxy = await startProxy(first((passage) => passage.halfOpen()))
    const socket = new ReconnectingSocket(proxy.url, { connectTimeout: 200, retry: soon })
    const seen = record(socket)
    const start = performance.now()
    const elapsed = stopwatch()
    await seen.until('error')
    expect(performance.now() - start).toBeGreaterThan(195)
    expect(elapsed()).toBeLessThan(200 + SLACK)
    await seen.until('open')
    expect(seen.words).toEqual(['error ERR_CONNECT_TIMEOUT', 'connecting → open', 'open 1'])
    await finish(socket, proxy)
  })
})

describe('byte by byte', () => {
  test('the handshake and frames of every kind, both ways', async () => {
    const proxy = await startProxy(({ up, down }) => (up.fault = down.fault = pace(1, 0)))
    const socket = new ReconnectingSocket(proxy.url, { heartbeat: { interval: 60, timeout: 4_000 } })
    const seen = record(socket)
    await seen.until('open')
    const sent = ['', 'a', 'ü€😀', 'x'.repeat(200)]
    for (const text of sent) socket.send(text)
    socket.send(Uint8Array.of(1, 2, 3))
    await seen.until('message', 5)
    await seen.until('heartbeat')
    socket.close(4000, 'done')
    await socket.closed
    expect(seen.words.filter((word) => word !== 'heartbeat')).toEqual([
      ...opened,
      ...sent.map((text) => `message ${text}`),
      'message ArrayBuffer',
      'open → closing',
      'closing → closed',
      'close 4000 done (user, clean, final)',
    ])
    expect(proxy.received).toEqual([sent])
    await nothingLeft(socket, proxy)
  })

  test('is life: a message that trickles for longer than the timeout gives no verdict', async () => {
    const text = 'x'.repeat(60)
    // the pongs wait behind the message
    const { proxy, socket, seen, timeouts } = await echoed(text, ({ down }) => (down.fault = pace(1, 10)))
    expect(timeouts).toBeGreaterThan(3)
    expect(seen.words.filter((word) => word !== 'heartbeat')).toEqual([...opened, `message ${text}`])
    expect(proxy.passages).toHaveLength(1)
    await finish(socket, proxy)
  })
})

test('a large message that the system takes at once is given the time to pass a slow line', async () => {
  const text = 'x'.repeat(3_000_000)
  const { proxy, socket, seen, timeouts } = await echoed(text, ({ up }) => (up.fault = pace(100_000, 30)))
  expect(timeouts).toBeGreaterThan(4)
  expect(seen.of('close')).toEqual([])
  expect(proxy.received).toEqual([[text]])
  await finish(socket, proxy)
})

describe('slow, and nothing is lost: every message, in order, on one connection', () => {
  test.each([
    ['delay', delay(30)],
    ['a low rate', pace(100, 2)],
    ['a low rate in odd pieces', pace(7, 0)],
  ])('%s', async (_, fault) => {
    const proxy = await startProxy(({ up, down }) => (up.fault = down.fault = fault))
    const socket = new ReconnectingSocket(proxy.url)
    const seen = record(socket)
    const sent = numbers(200)
    // some wait for the connection, some do not
    for (const text of sent.slice(0, 50)) socket.send(text)
    await seen.until('open')
    for (const text of sent.slice(50)) socket.send(text)
    await seen.until('message', sent.length)
    expect(seen.words).toEqual([...opened, ...sent.map((text) => `message ${text}`)])
    expect(proxy.received).toEqual([sent])
    await finish(socket, proxy)
  })
})

describe('the end of the connection', () => {
  const ends: [string, (passage: Passage) => void][] = [
    ['FIN', (passage) => passage.fin()],
    ['RST', (passage) => passage.rst()],
  ]
  test.each(ends)('%s while open: one close 1006, and a redial', async (_, end) => {
    const proxy = await startProxy()
    const socket = new ReconnectingSocket(proxy.url, { retry: soon })
    const seen = record(socket)
    await seen.until('open')
    end(proxy.passages[0]!)
    await seen.until('open', 2)
    expect(seen.words).toEqual([...opened, ...again])
    expect(seen.of('close')[0]!.cause).toMatchObject({ code: 'ERR_CONNECTION' })
    await finish(socket, proxy)
  })

  const ways = ['up', 'down'] as const
  const both = ends.flatMap(([name, end]) =>
    ways.map((way) => [name, way === 'up' ? 'request' : 'answer', way, end] as const),
  )
  test.each(both)('%s in mid-handshake, at any byte of the %s: one error, and a redial', async (...given) => {
    const [, , way, end] = given
    const points = [0, 1, 9, 40, 100]
    const proxy = await startProxy((passage, n) => {
      const bytes = points[n]
      if (bytes === 0) end(passage)
      else if (bytes !== undefined) passage[way].cut(bytes, () => end(passage))
    })
    const socket = new ReconnectingSocket(proxy.url, { retry: soon })
    const seen = record(socket)
    await seen.until('open')
    expect(seen.words).toEqual([
      ...points.map(() => 'error ERR_CONNECTION'),
      'connecting → open',
      `open ${points.length}`,
    ])
    await finish(socket, proxy)
  })

  const frames = ends.flatMap(([name, end]) =>
    // in the head of the frame, in its length, in its mask, in the payload, one byte short
    [
      ['from the server', 'down', [1, 3, 50, 303], end] as const,
      ['to the server', 'up', [1, 3, 6, 50, 307], end] as const,
    ].map((given) => [name, ...given] as const),
  )
  test.each(frames)('%s in mid-frame %s: close 1006, and no half message', async (...given) => {
    const [, , way, points, end] = given
    const text = 'x'.repeat(300)
    const proxy = await startProxy()
    const socket = new ReconnectingSocket(proxy.url, { retry: soon, heartbeat: false })
    const seen = record(socket)
    socket.on('open', () => {
      const passage = proxy.passages.at(-1)!
      const bytes = points[proxy.passages.length - 1]
      if (bytes !== undefined) passage[way].cut(bytes, () => end(passage))
      socket.send(text)
    })
    await seen.until('message')
    expect(seen.words).toEqual([
      ...opened,
      ...points.flatMap((_, i) => [
        'open → connecting',
        'close 1006 (network, unclean, retries)',
        'connecting → open',
        `open ${i + 1} again`,
      ]),
      `message ${text}`,
    ])
    expect(proxy.received).toEqual([...points.map(() => (way === 'up' ? [] : [text])), [text]])
    await finish(socket, proxy)
  })

  test.each(ways)('it stalls in mid-handshake, %s: an error at connectTimeout', async (way) => {
    const proxy = await startProxy(first((passage) => passage[way].cut(40, () => {})))
    const socket = new ReconnectingSocket(proxy.url, { connectTimeout: 200, retry: soon })
    const seen = record(socket)
    await seen.until('open')
    expect(seen.words).toEqual(['error ERR_CONNECT_TIMEOUT', 'connecting → open', 'open 1'])
    await finish(socket, proxy)
  })
})
