/** What fails before a server is met: no error, down to its last cause, tells the query or a header. */
import { inspect } from 'node:util'
import { beforeEach, expect, test } from 'vitest'
import { type LogRecord, type Options, ReconnectingSocket } from '../../src/index.js'
import { SECRET, tellsNoSecret } from './misbehaving.js'
import { sparePort } from './raw-server.js'
import { nothingLeft, record, takeBaseline } from './record.js'

beforeEach(takeBaseline)

const nowhere = `ws://127.0.0.1:${sparePort()}/`
const given: [what: string, url: () => string, code: string, options?: Options][] = [
  ['nobody listens', () => `${nowhere}?token=${SECRET}`, 'ERR_CONNECTION'],
  ['no such host', () => `ws://nobody.invalid/?token=${SECRET}`, 'ERR_CONNECTION'],
  ['credentials in the URL', () => `ws://user:${SECRET}@127.0.0.1:1/?token=${SECRET}`, 'ERR_CONNECTION'],
  ['another scheme', () => `ftp://127.0.0.1/?token=${SECRET}`, 'ERR_PROVIDER'],
  ['no URL', () => `ws://?token=${SECRET}`, 'ERR_PROVIDER'],
  ['an impossible port', () => `ws://127.0.0.1:99999/?token=${SECRET}`, 'ERR_PROVIDER'],
  ['a fragment', () => `${nowhere}?token=${SECRET}#there`, 'ERR_PROVIDER'],
  [
    'a header that cannot be sent',
    () => nowhere,
    'ERR_PROVIDER',
    { node: { headers: () => ({ 'x-secret': `${SECRET}\n` }) } },
  ],
  [
    'a subprotocol that cannot be sent',
    () => `${nowhere}?token=${SECRET}`,
    'ERR_PROVIDER',
    { protocols: () => 'a b' },
  ],
]
test.each(given)('%s', async (_, url, code, options) => {
  const log: LogRecord[] = []
  const socket = new ReconnectingSocket(url, { retry: false, ...options, log: (entry) => log.push(entry) })
  const seen = record(socket)
  const end = await socket.closed
  expect(seen.words).toEqual(['connecting → closed', `error ${code}`])
  tellsNoSecret(seen, log)
  expect(inspect(end, { depth: 10 })).not.toContain(SECRET)
  await nothingLeft(socket)
})

test.each([`ftp://h/?token=${SECRET}`, `ws://h/?token=${SECRET}#there`, `ws://?token=${SECRET}`])(
  'a URL that the constructor refuses: %s',
  (url) => {
    let error: unknown
    try {
      new ReconnectingSocket(url, { autoConnect: false })
    } catch (thrown) {
      error = thrown
    }
    expect(error).toMatchObject({ code: 'ERR_INVALID_ARGUMENT', argument: 'url' })
    expect(inspect(error, { depth: 10 })).not.toContain(SECRET)
  },
)

const secret = `${SECRET}\n`
test.each<[string, Options['node']]>([
  ['node.headers', { headers: { 'x-secret': secret } }],
  ['node.headers', { headers: { [secret]: 'x' } }],
  ['node.cookie', { cookie: secret }],
  ['node.key', { key: SECRET }],
  ['node.pfx', { pfx: SECRET, passphrase: SECRET }],
  ['node.ciphers', { ciphers: SECRET }],
])('what the constructor refuses: %s', (argument, node) => {
  let error: unknown
  try {
    new ReconnectingSocket('ws://h/', { autoConnect: false, node })
  } catch (thrown) {
    error = thrown
  }
  expect(error).toMatchObject({ code: 'ERR_INVALID_ARGUMENT', argument })
  expect(inspect(error, { depth: 10 })).not.toContain(SECRET)
})
