/** What an HTTP answer to the handshake means for the next dial. */
import { expect, test } from 'vitest'
import { ConnectionError, HandshakeError, ProxyError } from '../../src/diagnostics/errors.js'
import { readAnswer } from '../../src/platform/answer.js'
import { platform as browser } from '../../src/platform/browser.js'
import { withPlatformOf } from '../../src/platform/platform-of.js'
import { testServer } from '../../src/testing/index.js'

const statuses = Array.from({ length: 500 }, (_, i) => 100 + i)
const meaning = (error: HandshakeError | ProxyError): string | undefined => readAnswer(error)?.meaning
const statusesOf = (what: string): number[] =>
  statuses.filter((status) => meaning(new HandshakeError(status)) === what)

test('every status: what is not named is retried, a redirect and a captive portal too', () => {
  expect(statusesOf('stop')).toEqual([400, 404, 405, 410, 426, 501])
  expect(statusesOf('refresh')).toEqual([401, 403])
  expect(statusesOf('retry').length).toBe(500 - 8)
})

test('a proxy’s status means what a server’s does, and 407 what 401 does', () => {
  const proxy = (status?: number) => meaning(new ProxyError('no', status))
  expect([407, 401, 403, 501, 502, 503].map(proxy)).toEqual([
    'refresh',
    'refresh',
    'refresh',
    'stop',
    'retry',
    'retry',
  ])
})

test('a server’s 404 may pass where all was well before; nothing else', () => {
  expect(statuses.filter((status) => readAnswer(new HandshakeError(status))?.mayPass)).toEqual([404])
  expect(readAnswer(new ProxyError('no', 404))?.mayPass).toBe(false)
})

test('a server may ask by Retry-After', () => {
  expect(readAnswer(new HandshakeError(503, {}, '', 7))?.asked).toBe(7)
  expect(readAnswer(new HandshakeError(503))?.asked).toBeUndefined()
})

test('what is no answer means nothing here', () => {
  for (const error of [undefined, new ConnectionError(), new ProxyError('unreachable')])
    expect(readAnswer(error)).toBeUndefined()
})

test('a page never sees one, but for that of a test’s server', () => {
  expect(browser.readAnswer).toBeUndefined()
  expect(withPlatformOf(browser, testServer().WebSocket).readAnswer).toBe(readAnswer)
})
