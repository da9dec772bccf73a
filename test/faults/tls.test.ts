/** TLS: certificates are checked unless the user says which one to trust. */
import { beforeEach, expect, test } from 'vitest'
import { ConnectionError, type LogRecord, ReconnectingSocket, RetryLimitError } from '../../src/index.js'
import { SECRET, tellsNoSecret } from './misbehaving.js'
import { nothingLeft, record, takeBaseline } from './record.js'
import { selfSigned, serveTls } from './tls.js'

beforeEach(takeBaseline)

const DAY = 86_400_000
const at = (days: number): Date => new Date(Date.now() + days * DAY)

const good = selfSigned('127.0.0.1', at(-1), at(1))
const expired = selfSigned('127.0.0.1', at(-2), at(-1))
const early = selfSigned('127.0.0.1', at(1), at(2))
const other = selfSigned('10.0.0.1', at(-1), at(1))

const refused = [
  ['one that signs itself', good, undefined, 'DEPTH_ZERO_SELF_SIGNED_CERT'],
  ['an expired one, though known', expired, expired, 'CERT_HAS_EXPIRED'],
  ['one that is not valid yet, though known', early, early, 'CERT_NOT_YET_VALID'],
  ['one of another host, though known', other, other, 'ERR_TLS_CERT_ALTNAME_INVALID'],
] as const
test.each(refused)('%s: an error for each dial, no request', async (_, credentials, trusted, code) => {
  let requests = 0
  const server = await serveTls(credentials, ({ request }) => void request.then(() => requests++))
  const log: LogRecord[] = []
  const socket = new ReconnectingSocket(`${server.url}?token=${SECRET}`, {
    retry: { backoff: () => 1, limit: 2 },
    node: { headers: { authorization: `Bearer ${SECRET}` }, ca: trusted?.cert },
    log: (entry) => log.push(entry),
    autoConnect: false,
  })
  const seen = record(socket)
  socket.connect()
  expect((await socket.closed).cause).toBeInstanceOf(RetryLimitError)
  expect(seen.words).toEqual([
    'idle → connecting',
    'error ERR_CONNECTION',
    'error ERR_CONNECTION',
    'connecting → closed',
    'error ERR_CONNECTION',
  ])
  const [first] = seen.of('error')
  expect(first).toBeInstanceOf(ConnectionError)
  expect(first!.cause).toMatchObject({ code })
  expect(requests).toBe(0)
  tellsNoSecret(seen, log)
  await nothingLeft(socket, server)
})

test('one that signs itself, with node: { ca }: open', async () => {
  const server = await serveTls(good, (connection) => void connection.accept())
  const socket = new ReconnectingSocket(server.url, { node: { ca: good.cert } })
  const seen = record(socket)
  await seen.until('open')
  socket.close(4000, 'done')
  await socket.closed
  expect(seen.words).toEqual([
    'connecting → open',
    'open 0',
    'open → closing',
    'closing → closed',
    'close 4000 done (user, clean, final)',
  ])
  await nothingLeft(socket, server)
})
