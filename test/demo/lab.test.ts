/** Each thing that the demo's page can do to its connections, as it looks on a bare TCP socket. */
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { EndpointName } from '../../demo/chaos.js'
import type { Lab } from '../../demo/lab.js'
import { type DemoServer, startServer } from '../../demo/server.js'
import { RawClient } from '../raw-client.js'

let server: DemoServer
let lab: Lab
let clients: RawClient[]

beforeEach(async () => {
  server = await startServer()
  lab = await server.openLab()
  clients = []
})
afterEach(async () => {
  for (const client of clients) client.destroy()
  await server.stop()
})

function dial(endpoint: EndpointName = 'a'): RawClient {
  const client = new RawClient(lab.ports[endpoint], `/socket/${lab.nameOf('everopen')}`)
  clients.push(client)
  return client
}

async function connect(endpoint?: EndpointName): Promise<RawClient> {
  const client = dial(endpoint)
  expect(await client.head()).toMatch(/^HTTP\/1\.1 101 /)
  client.send('message 1')
  await client.echo('message 1')
  return client
}

/** The frames from the last echo on. */
const after = (client: RawClient): Buffer =>
  client.frames.subarray(client.frames.lastIndexOf('message 1') + 'message 1'.length)

test.each([
  [1000, 'bye', '8805 03e8 627965'],
  [1012, '', '8802 03f4'],
  [4999, 'é', '8804 1387 c3a9'],
  // what no server may send, and some do
  [1005, '', '8802 03ed'],
  [65_535, 'x', '8803 ffff 78'],
  [undefined, '', '8800'],
])('a Close frame with the code %s and the reason “%s”, and nothing else', async (code, reason, bytes) => {
  const client = await connect()
  await lab.run({ type: 'close', code, reason })
  await client.until(() => after(client).length >= 2)
  expect(after(client).toString('hex')).toBe(bytes.replaceAll(' ', ''))
  expect(client.ended || client.closed).toBe(false)
})

test('rst is an RST', async () => {
  const client = await connect()
  await lab.run({ type: 'rst' })
  await client.until(({ closed }) => closed)
  expect(client.error).toBe('ECONNRESET')
  expect(client.ended).toBe(false)
  expect(after(client)).toHaveLength(0)
})

test('fin is a FIN without a Close frame', async () => {
  const client = await connect()
  await lab.run({ type: 'fin' })
  await client.until(({ ended }) => ended)
  expect(client.error).toBeUndefined()
  expect(after(client)).toHaveLength(0)
})

test('stall: the connection stays up, no byte passes either way, a new one is not concerned; flow: all of it arrives', async () => {
  const silent = await connect('a')
  await lab.run({ type: 'stall' })
  expect(lab.report.stalled).toBe(1)
  silent.send('message 2')
  await lab.run({ type: 'close', code: 1001, reason: 'unheard' })
  // had anything passed, it would have come before the answers of a connection made later
  const other = await connect('a')
  expect(other.error).toBeUndefined()
  expect(server.received(lab.nameOf('everopen'))).toEqual(['message 1', 'message 1'])
  expect(after(silent)).toHaveLength(0)
  expect(silent.ended || silent.closed).toBe(false)
  await lab.run({ type: 'flow' })
  await silent.until(() => after(silent).includes('unheard'))
  expect(lab.report.stalled).toBe(0)
})

test('a stalled connection stays up even if the server behind it is gone', async () => {
  const silent = await connect('a')
  await lab.run({ type: 'stall' })
  server.end(lab.nameOf('everopen'), 'rst')
  await connect('b')
  expect(silent.ended || silent.closed).toBe(false)
  await lab.run({ type: 'flow' })
  await silent.until(({ ended }) => ended)
})

test.each([
  ['503', /^HTTP\/1\.1 503 Service Unavailable\r\nRetry-After: 3\r\n/],
  ['401', /^HTTP\/1\.1 401 Unauthorized\r\nWWW-Authenticate: Bearer\r\n/],
] as const)(
  'refuse with %s: drops the connection, and refuses exactly the next dials',
  async (answer, head) => {
    const first = await connect()
    await lab.run({ type: 'refuse', answer, times: 2 })
    await first.until(({ closed }) => closed)
    expect(first.error).toBe('ECONNRESET')
    for (const left of [1, 0]) {
      const refused = dial()
      expect(await refused.head()).toMatch(head)
      await refused.until(({ ended }) => ended)
      expect(refused.frames).toHaveLength(0)
      expect(lab.report.refusing).toBe(left)
    }
    await connect()
  },
)

test('refuse with silence: the dial is accepted by TCP and never answered', async () => {
  await lab.run({ type: 'refuse', answer: 'silence', times: 1 })
  const silent = dial()
  await expect.poll(() => lab.report.refusing).toBe(0)
  await connect()
  expect(silent.bytes).toHaveLength(0)
  expect(silent.ended || silent.closed).toBe(false)
})

test('restart: every connection ends, and nobody listens', async () => {
  const before = [await connect('a'), await connect('b')]
  await lab.run({ type: 'restart', ms: 120_000 })
  expect(lab.report.endpoints).toEqual({ a: false, b: false })
  for (const client of before) await client.until(({ closed, ended }) => closed || ended)
  for (const name of ['a', 'b'] as const) {
    const early = dial(name)
    await early.until(({ closed }) => closed)
    expect(early.error).toBe('ECONNREFUSED')
  }
})

test('restart: after as long as was said, both ports are up again, and the same', async () => {
  const ports = lab.ports
  const started = performance.now()
  await lab.run({ type: 'restart', ms: 300 })
  for (const name of ['a', 'b'] as const) {
    await expect
      .poll(
        async () => {
          const client = dial(name)
          await client.until(({ error, bytes }) => error !== undefined || bytes.length > 0)
          return client.error
        },
        { timeout: 15_000 },
      )
      .toBeUndefined()
    expect(performance.now() - started).toBeGreaterThanOrEqual(299)
  }
  expect(lab.ports).toEqual(ports)
  expect(lab.report.endpoints).toEqual({ a: true, b: true })
})

test('slow: every byte takes the delay, each way, on old connections and on new ones', async () => {
  const old = await connect()
  await lab.run({ type: 'slow', delay: 150, rate: 0 })
  for (const client of [old, dial()]) {
    await client.head()
    const started = performance.now()
    client.send('message 9')
    await client.echo('message 9')
    expect(performance.now() - started).toBeGreaterThanOrEqual(298)
  }
})

test('slow: no more bytes arrive per second than the rate says', async () => {
  const client = await connect()
  await lab.run({ type: 'slow', delay: 0, rate: 4_000 })
  const started = performance.now()
  client.send('x'.repeat(2_000))
  await client.until(({ frames }) => frames.toString().endsWith('x'.repeat(2_000)))
  // 200 bytes at a time, the first of them at once: 9 waits of 50 ms, each way
  expect(performance.now() - started).toBeGreaterThanOrEqual(880)
  await lab.run({ type: 'slow', delay: 0, rate: 0 })
  client.send('quick')
  await client.echo('quick')
})

test('loop: each connection is accepted and closed at once, until it is switched off', async () => {
  const first = await connect()
  await lab.run({ type: 'loop', on: true })
  await first.until(() => after(first).length >= 2)
  for (let i = 0; i < 3; i++) {
    const next = dial()
    expect(await next.head()).toMatch(/^HTTP\/1\.1 101 /)
    await next.until(({ frames }) => frames.length >= 2)
    expect(next.frames.toString('hex', 0, 4)).toBe('880c03e9')
  }
  await lab.run({ type: 'loop', on: false })
  await connect()
})

test('endpoint: one of two is gone, the other goes on', async () => {
  const [a, b] = [await connect('a'), await connect('b')]
  await lab.run({ type: 'endpoint', name: 'a', up: false })
  await a.until(({ closed, ended }) => closed || ended)
  const refused = dial('a')
  await refused.until(({ closed }) => closed)
  expect(refused.error).toBe('ECONNREFUSED')
  b.send('message 2')
  await b.echo('message 2')
  await lab.run({ type: 'endpoint', name: 'a', up: true })
  await connect('a')
})

test('calm: everything is as it was', async () => {
  const silent = await connect('b')
  await lab.run({ type: 'stall' })
  silent.send('held up')
  await lab.run({ type: 'calm' })
  await silent.echo('held up')
  await lab.run({ type: 'endpoint', name: 'a', up: false })
  await lab.run({ type: 'slow', delay: 5_000, rate: 10 })
  await lab.run({ type: 'loop', on: true })
  await lab.run({ type: 'refuse', answer: '503', times: 9 })
  await lab.run({ type: 'restart', ms: 100_000 })
  await lab.run({ type: 'calm' })
  const client = await connect()
  client.send('message 2')
  await client.echo('message 2')
  expect(lab.report).toMatchObject({
    endpoints: { a: true, b: true },
    slow: { delay: 0, rate: 0 },
    loop: false,
    refusing: 0,
    stalled: 0,
  })
})

test('what the server reports is what arrived', async () => {
  const client = await connect()
  for (const number of [2, 4, 4, 7]) client.send(`message ${number}`)
  client.send('ping')
  await client.echo('pong')
  expect(lab.report.clients.everopen).toEqual({
    dials: 1,
    opens: 1,
    received: 4,
    duplicates: 1,
    latest: 7,
  })
})
