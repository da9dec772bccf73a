/** HTTP answers other than 101, and what a server may ask for: when to come back. */
import net from 'node:net'
import { beforeEach, describe, expect, test } from 'vitest'
import { HandshakeError, type Options, ReconnectingSocket } from '../../src/index.js'
import { failedAndOpen, meet, SECRET, tellsNoSecret } from './misbehaving.js'
import { type RawConnection, serve } from './raw-server.js'
import { nothingLeft, record, SLACK, stopwatch, takeBaseline } from './record.js'

beforeEach(takeBaseline)

const refuse =
  (status: number, headers: readonly string[] = [], body = '') =>
  (connection: RawConnection): void =>
    void connection.refuse(status, [`Content-Length: ${body.length}`, ...headers], body)
const final = ['connecting → closed', 'error ERR_HANDSHAKE']

describe('an HTTP status', () => {
  test.each([200, 204, 206, 300, 302, 307, 408, 429, 500, 502, 503, 504])(
    '%i: an error, and a redial',
    async (status) => {
      await meet(refuse(status), failedAndOpen('ERR_HANDSHAKE'), {}, ({ seen }) => {
        expect(seen.of('error')[0]).toMatchObject({ status, retryAfter: undefined })
      })
    },
  )

  test.each([400, 401, 403, 404, 405, 410, 426, 501])('%i: an error, and the end', async (status) => {
    await meet(refuse(status), final, {}, ({ seen, server }) => {
      expect(seen.of('error')[0]).toMatchObject({ status })
      expect(server.connections).toHaveLength(1)
    })
  })

  test('whose body does not come before connectTimeout: it is the reason all the same', async () => {
    const hanging = (connection: RawConnection): void =>
      void connection.refuse(401, ['Content-Length: 100'], 'no')
    await meet(hanging, final, { connectTimeout: 500 }, ({ seen }) => {
      expect(seen.of('error')[0]).toMatchObject({ status: 401, body: 'no' })
    })
  })

  test.each([401, 403, 404])('%i with Retry-After: the end all the same', async (status) => {
    await meet(refuse(status, ['Retry-After: 0']), final, {}, ({ seen, server }) => {
      expect(seen.of('error')[0]).toMatchObject({ status, retryAfter: 0 })
      expect(server.connections).toHaveLength(1)
    })
  })

  test.each([401, 403])('%i where a provider may bring a new token: one more dial', async (status) => {
    const options: Options = { node: { headers: () => ({ authorization: `Bearer ${SECRET}` }) } }
    await meet(refuse(status), failedAndOpen('ERR_HANDSHAKE'), options)
  })

  test('a redirect is not followed, and its place is not told', async () => {
    await meet(
      refuse(302, [`Location: ws://127.0.0.1:1/?token=${SECRET}`, `Set-Cookie: ${SECRET}`], SECRET),
      failedAndOpen('ERR_HANDSHAKE'),
      {},
      ({ seen, server }) => {
        const error = seen.of('error')[0] as HandshakeError
        expect(error.headers.location).toContain(SECRET)
        expect(error.body).toBe(SECRET)
        expect(server.connections).toHaveLength(2)
      },
    )
  })
})

describe('the body of a refusal: at most 4,096 bytes of it, and no wait for its end', () => {
  const opening = 'HTTP/1.1 503 Busy\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n'
  const chunk = (text: string): string => `${text.length.toString(16)}\r\n${text}\r\n`
  const bodies: [string, (connection: RawConnection) => void, string][] = [
    [
      'that floods without end',
      (connection) => {
        const more = (): unknown => connection.write(chunk('x'.repeat(1_000))) && setImmediate(more)
        connection.write(opening)
        more()
      },
      'x'.repeat(4_096),
    ],
    [
      'that comes at once and is too long',
      (c) => c.write(opening + chunk('y'.repeat(50_000))),
      'y'.repeat(4_096),
    ],
    ['that stops in the middle', (c) => c.write(opening + chunk('busy')), 'busy'],
    ['that never begins', (c) => c.write(opening), ''],
    ['that is cut by FIN', (c) => (c.write(opening + chunk('busy')), c.fin()), 'busy'],
  ]
  test.each(bodies)('one %s', async (_, script, body) => {
    const elapsed = stopwatch()
    await meet(
      (connection) => void connection.request.then(() => script(connection)),
      failedAndOpen('ERR_HANDSHAKE'),
      {},
      ({ seen }) => {
        const error = seen.of('error')[0] as HandshakeError
        expect(error).toMatchObject({ status: 503 })
        expect(error.body).toBe(body)
      },
    )
    expect(elapsed()).toBeLessThan(1_000 + SLACK)
  })

  test('one that is cut by RST', async () => {
    let client!: net.Socket
    const server = await serve(async (connection) => {
      await connection.request
      connection.write(opening + chunk('busy'))
      await expect.poll(() => client.bytesRead).toBeGreaterThan(0)
      connection.rst()
    })
    const createConnection = (options: net.NetConnectOpts): net.Socket => (client = net.connect(options))
    const socket = new ReconnectingSocket(server.url, { retry: false, node: { createConnection } })
    expect((await socket.closed).cause).toMatchObject({ status: 503, body: 'busy' })
    await server.stop()
  })
})

/** How long the wait is, of a socket whose backoff is a minute, after its first connection met `script`, and said `words`. */
async function waitAfter(
  script: (connection: RawConnection) => void,
  words: readonly string[],
  maxRetryAfter?: number,
): Promise<number> {
  const server = await serve(script)
  const log: object[] = []
  const socket = new ReconnectingSocket(`${server.url}?token=${SECRET}`, {
    retry: { backoff: () => 60_000, maxRetryAfter },
    log: (entry) => {
      log.push(entry)
      if (entry.type === 'transition' && entry.dialIn !== undefined)
        [dialIn, dialAt] = [entry.dialIn, entry.at + entry.dialIn]
    },
  })
  let [dialIn, dialAt] = [NaN, NaN]
  const seen = record(socket)
  await seen.until(words.length === 1 ? 'error' : 'close')
  expect(seen.words).toEqual(words)
  expect(socket.snapshot).toMatchObject({ state: 'connecting', phase: 'waiting' })
  expect(Math.abs(socket.snapshot.nextDialAt! - dialAt)).toBeLessThan(SLACK)
  tellsNoSecret(seen, log as never)
  socket.close()
  await socket.closed
  expect(seen.words).toEqual([...words, 'connecting → closed'])
  expect(server.connections).toHaveLength(1)
  await nothingLeft(socket, server)
  return dialIn
}

describe('when to come back: no sooner than asked, no later than half as much again or 4 s, and bounded', () => {
  const date = (ms: number): string => new Date(Date.now() + ms).toUTCString()
  const headers: [string, () => string, number, number, number?][] = [
    ['seconds', () => '120', 120_000, 180_000],
    ['0 seconds', () => '0', 0, 4_000],
    // a date has no fractions of a second
    ['a date', () => date(120_000), 118_000, 180_000],
    ['a date that has been', () => date(-120_000), 0, 4_000],
    ['seconds beyond retry.maxRetryAfter', () => '120', 20_000, 30_000, 20_000],
    ['a date beyond retry.maxRetryAfter', () => date(120_000), 20_000, 30_000, 20_000],
    ['more seconds than there are', () => '9'.repeat(400), 300_000, 450_000],
    ['a year, with the default bound', () => date(365 * 86_400_000), 300_000, 450_000],
    ['no time at all', () => 'soon', 60_000, 60_000],
    ['nothing', () => '', 60_000, 60_000],
  ]
  for (const status of [200, 302, 429, 503])
    test.each(headers)(`Retry-After of ${status}: %s`, async (_, value, least, most, maxRetryAfter) => {
      const wait = await waitAfter(
        refuse(status, [`Retry-After: ${value()}`]),
        ['error ERR_HANDSHAKE'],
        maxRetryAfter,
      )
      expect(wait).toBeGreaterThanOrEqual(least)
      expect(wait).toBeLessThanOrEqual(most)
    })

  const reasons: [string, number, number, number?][] = [
    ['{"retryAfterMs":120000}', 120_000, 180_000],
    ['{"retryAfterMs":0}', 0, 4_000],
    ['{"retryAfterMs":120000}', 20_000, 30_000, 20_000],
    ['{"retryAfterMs":1e300}', 300_000, 450_000],
    ['{"retryAfterMs":-1}', 60_000, 60_000],
    ['{"retryAfterMs":"5"}', 60_000, 60_000],
    ['{"retryAfterMs":1e999}', 300_000, 450_000],
    ['{"retryAfterMs":null}', 60_000, 60_000],
    ['{"retryAfterMs"', 60_000, 60_000],
    ['{"__proto__":{"retryAfterMs":5}}', 60_000, 60_000],
    ['[{"retryAfterMs":5}]', 60_000, 60_000],
    ['5', 60_000, 60_000],
  ]
  test.each(reasons)('the reason of a Close: %s', async (reason, least, most, maxRetryAfter) => {
    const script = (connection: RawConnection): void =>
      void connection.accept().then(() => connection.close(1011, reason))
    const words = [
      'connecting → open',
      'open 0',
      'open → connecting',
      `close 1011 ${reason} (peer, clean, retries)`,
    ]
    const wait = await waitAfter(script, words, maxRetryAfter)
    expect(wait).toBeGreaterThanOrEqual(least)
    expect(wait).toBeLessThanOrEqual(most)
  })
})
