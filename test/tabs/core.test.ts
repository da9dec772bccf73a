/** ReconnectingSocket over `tabs()`: what runs once, in the leader, and what is restored when it goes. */
import { afterEach, beforeEach, expect, test } from 'vitest'
import { DialError } from '../../src/diagnostics/errors.js'
import type { Options } from '../../src/options/options.js'
import { platform as browserPlatform } from '../../src/platform/browser.js'
import type { Platform } from '../../src/platform/platform.js'
import { ReconnectingSocket } from '../../src/socket/socket.js'
import { createClass } from '../../src/tabs/socket.js'
import { FakeBrowser, FakeSocket, type Page } from './browser.js'

const Socket = ReconnectingSocket as unknown as new (
  url: string,
  options: Options,
  platform: Platform,
) => ReconnectingSocket

let browser: FakeBrowser
const made: ReconnectingSocket[] = []
beforeEach(() => {
  browser = new FakeBrowser()
  FakeSocket.made.length = 0
})
afterEach(() => {
  for (const socket of made.splice(0)) socket.terminate()
})

function open(options: Options = {}, page: Page = browser.page()): ReconnectingSocket {
  const platform: Platform = {
    ...browserPlatform,
    clock: browser.clock,
    random: () => 0.5,
    hints: () => () => {},
  }
  const socket = new Socket(
    'wss://example.test/',
    { WebSocket: createClass({}, page.scope), ...options },
    platform,
  )
  made.push(socket)
  return socket
}
const real = (index = 0): FakeSocket => FakeSocket.made[index]!

test('hello and heartbeat run once, in the leader; the others open when the hello is done', async () => {
  let hellos = 0
  const options: Options = {
    heartbeat: { interval: 1_000, timeout: 500, message: 'ping', isReply: (data) => data === 'pong' },
    async hello({ send, receive }) {
      hellos++
      send('token')
      await receive()
    },
  }
  const [a, b] = [open(options), open(options)]
  await browser.pass()
  real().open()
  await browser.pass()
  expect([a.state, b.state, real().sent]).toEqual(['connecting', 'connecting', ['token']])
  b.send('early')
  real().say('welcome')
  await browser.pass()
  expect([a.state, b.state, hellos]).toEqual(['open', 'open', 1])
  const messages: unknown[] = []
  b.on('message', (data) => messages.push(data))
  await browser.pass(1_300)
  expect(real().sent).toEqual(['token', 'early', 'ping'])
  real().say('pong')
  real().say('news')
  await browser.pass(400)
  expect([a.state, b.state, messages]).toEqual(['open', 'open', ['news']])
})

test('a connection that the platform does not allow is final, with the reason', async () => {
  const error = new DOMException('ws: from https:', 'SecurityError')
  let dials = 0
  class Refusing {
    constructor() {
      dials++
      throw error
    }
  }
  const socket = open({ WebSocket: createClass({ WebSocket: Refusing as never }, browser.page().scope) })
  const closed = socket.closed
  await browser.pass()
  expect([socket.state, dials]).toEqual(['closed', 1])
  const { cause } = await closed
  expect(cause).toBeInstanceOf(DialError)
  expect(cause!.cause).toBe(error)
})

test('the error of the platform is the cause of the end', async () => {
  const socket = open()
  const errors: unknown[] = []
  socket.on('error', ({ cause }) => errors.push(cause))
  await browser.pass()
  const error = new Error('refused')
  real().onerror?.({ error })
  real().end()
  await browser.pass()
  expect(errors).toEqual([error])
})

test('the leader goes: what it has not confirmed is restored, and sent once, within two seconds', async () => {
  const page = browser.page()
  open({}, page)
  const b = open()
  await browser.pass()
  real().open()
  await browser.pass()
  b.send('confirmed')
  await browser.pass()
  page.crash()
  for (const n of [1, 2, 3]) b.send(`lost on the way ${n}`)
  expect(b.bufferedAmount).toBeGreaterThan(0)
  await browser.pass(800)
  expect(b.snapshot.lastEnd?.by).toBe('client')
  real(1).open()
  await browser.pass()
  expect(real().sent).toEqual(['confirmed'])
  expect(real(1).sent).toEqual(['lost on the way 1', 'lost on the way 2', 'lost on the way 3'])
})

test('terminate(): another tab sends what was on its way to a leader that has crashed', async () => {
  const page = browser.page()
  open({}, page)
  const [b] = [open(), open()]
  await browser.pass()
  real().open()
  await browser.pass()
  page.crash()
  for (const text of ['one', 'two']) b.send(text)
  b.terminate()
  await browser.pass(1_000)
  real(1).open()
  await browser.pass()
  expect([b.outbox.size, real(1).sent]).toEqual([0, ['one', 'two']])
})

test('a connection that is cut: each tab restores its own, and no other, of what the platform held', async () => {
  const [a, b] = [open(), open()]
  await browser.pass()
  real().open()
  await browser.pass()
  real().holds = 2
  a.send('a1')
  await browser.pass()
  b.send('b1')
  await browser.pass()
  a.send('a2')
  b.send('b2')
  await browser.pass()
  expect(real().sent).toEqual(['a1', 'b1', 'a2', 'b2'])
  // the first two are through
  real().bufferedAmount = 4
  real().end()
  await browser.pass()
  expect([a.outbox.list(), b.outbox.list()]).toEqual([['a2'], ['b2']])
  await browser.pass(4_000)
  real(1).open()
  await browser.pass(4_000)
  expect(real(1).sent).toEqual(['a2', 'b2'])
})

test('close(), reconnect() and a close by the server, as over a connection of its own', async () => {
  const [a, b] = [open(), open()]
  await browser.pass()
  real().open()
  await browser.pass()
  const closes: unknown[] = []
  b.on('close', ({ code, by, willRetry }) => closes.push([code, by, willRetry]))
  b.reconnect()
  await browser.pass(10)
  expect([b.state, FakeSocket.made.length]).toEqual(['open', 1])
  real().end(1012, 'restart', true)
  await browser.pass()
  b.close()
  await b.closed
  expect(closes).toEqual([
    [1005, 'user', true],
    [1012, 'peer', true],
  ])
  expect(a.state).toBe('connecting')
})
