/** A run of the command without a process: what it is given, and what it makes of it. */
import { afterEach, describe, expect, test, vi } from 'vitest'
import { connectConfig, type ConnectConfig } from '../../../src/cli/config.js'
import { prepare, type Listener } from '../../../src/cli/connect.js'
import { type Conversation, converse } from '../../../src/cli/conversation.js'
import { pipe } from '../../../src/cli/pipe.js'
import { SessionDelivery } from '../../../src/cli/session-delivery.js'
import { readProgram } from '../../../src/cli/program.js'
import type { CommandRecord } from '../../../src/cli/record.js'
import { terminal } from '../../../src/cli/terminal.js'
import { UsageError } from '../../../src/cli/usage-error.js'
import { MissingPackageError } from '../../../src/index.js'
import { sparePort } from '../../faults/raw-server.js'

const never = new Promise<never>(() => {})
const listener: Listener = { log() {}, timings() {}, control() {} }

function configure(...args: string[]): ConnectConfig {
  const { urls, given } = readProgram([`ws://127.0.0.1:${sparePort()}`, ...args], '1.2.3', () => {})
  return connectConfig(urls, given)
}

describe('the socket', () => {
  afterEach(() => void vi.doUnmock('../../../src/session/file/index.js'))

  test('what the library refuses is wrong usage; anything else is an error', async () => {
    await expect(prepare({ ...configure(), urls: ['nonsense'] }, listener)).rejects.toThrow(UsageError)
    const broken = Object.defineProperty({ ...configure() }, 'urls', {
      get() {
        throw new TypeError('broken')
      },
    })
    await expect(prepare(broken, listener)).rejects.toThrow(TypeError)
  })

  test.each([
    ['localhost:80', 'url must use ws: or wss:, not localhost:; did you mean ws://localhost:80?'],
    ['a.test:443/feed', 'url must use ws: or wss:, not a.test:; did you mean wss://a.test:443/feed?'],
    [
      '127.0.0.1:8080/?token=s3cret',
      'url is not a valid URL, such as wss://host/path; did you mean ws://127.0.0.1:8080/?',
    ],
    ['me:5@a.test', 'url must use ws: or wss:, not me:'],
    ['ftp://a.test:80', 'url must use ws: or wss:, not ftp:'],
  ])('%s: what may have been meant is said, without a secret', async (url, message) => {
    const prepared = prepare({ ...configure(), urls: ['ws://a.test', url] }, listener)
    await expect(prepared).rejects.toThrow(new UsageError(message))
  })

  test.each([
    [['-s', 'a b'], '--subprotocol has a name that is not a token of RFC 9110'],
    [['-H', 'Upgrade: x'], '--header must not have headers of the handshake itself or of a body'],
    [['--servername', '127.0.0.1'], '--servername must be the name of a host'],
    [['--proxy', 'ftp://a.test'], '--proxy must use http:, https:, socks4: or socks5:, not ftp:'],
    [['--connect-timeout', '0.5ms'], '--connect-timeout must be a duration in ms from 1 to 2147483647'],
    [['--heartbeat', '0.5ms'], '--heartbeat must be a duration in ms from 1 to 2147483647'],
    [['--session-file', ''], '--session-file must be a path'],
  ])('%j: what the library refuses has the name of the option', async (args, message) => {
    await expect(prepare(configure(...args), listener)).rejects.toThrow(new UsageError(message))
  })

  test('a session has pings too, which before the first dial do nothing', async () => {
    const prepared = await prepare(configure('--session'), listener)
    expect(prepared.session).toBe(true)
    prepared.ping()
    expect(prepared.socket.state).toBe('idle')
    prepared.socket.close()
  })

  test('a session file without a name is wrong usage', async () => {
    const prepared = prepare(configure('--session', '--session-file', ''), listener)
    await expect(prepared).rejects.toThrow(UsageError)
  })

  test('a session file without its package is wrong usage, and says what to install', async () => {
    vi.doMock('../../../src/session/file/index.js', () => ({
      file() {
        throw new MissingPackageError('better-sqlite3', 'a store in a file')
      },
    }))
    const prepared = prepare(configure('--session', '--session-file', 'never-made'), listener)
    await expect(prepared).rejects.toThrow(/needs the package better-sqlite3/)
  })
})

test('a session that is ended before the server has named it has sent nothing', async () => {
  const prepared = await prepare(configure('--session'), listener)
  if (!prepared.session) throw new Error('no session')
  const told: CommandRecord[] = []
  const delivery = new SessionDelivery(prepared.socket, {
    store: undefined,
    each: true,
    tell: (record) => void told.push(record),
  })
  expect(delivery.offer('hello')).toBe(true)
  expect([delivery.waiting.size, delivery.waiting.bytes]).toEqual([1, 5])
  prepared.socket.end()
  await prepared.socket.closed
  expect([delivery.undelivered, delivery.inDoubt, told]).toEqual([1, 0, []])
})

test('to connect twice is to connect once', async () => {
  const told: CommandRecord[] = []
  const status = await converse(
    configure('-q'),
    { log() {}, tell: (record: CommandRecord) => void told.push(record) } as never,
    { room: () => Promise.resolve(), broken: never } as never,
    { first: never, status: undefined } as never,
    async ({ connect, socket }) => {
      connect()
      const { url } = socket
      connect()
      expect([socket.state, socket.url]).toEqual(['connecting', url])
    },
  )
  expect(told.at(-1)).toMatchObject({ type: 'end', status })
})

/** A conversation as far as a pipe or a terminal needs one. */
function fake(config: Partial<ConnectConfig>, delivery: object = {}) {
  const listeners: Record<string, (() => void)[]> = {}
  const conversation = {
    config: { encoding: 'text', linger: 0, ...config },
    socket: {
      closed: never,
      snapshot: { state: 'open' },
      state: 'open',
      subscribe: () => () => {},
      on(type: string, heard: () => void) {
        ;(listeners[type] ??= []).push(heard)
        return () => void (listeners[type] = listeners[type]!.filter((each) => each !== heard))
      },
    },
    delivery: { waiting: { size: 0, bytes: 0 }, ...delivery },
    tell() {},
    ping() {},
    connect() {},
    interrupted: never,
  }
  return { conversation: conversation as unknown as Conversation, listeners }
}

test('what a pipe cannot send in time counts as undelivered', async () => {
  const refuse = vi.fn<() => void>()
  const send = vi.fn<(message: unknown) => Promise<boolean>>(() => never)
  const { conversation } = fake({ execute: ['a', 'b', 'c'], drain: 1 }, { send, refuse })
  const count = await pipe(conversation)
  // the socket may still send meanwhile: the rest is counted once it is closed
  expect(refuse).not.toHaveBeenCalled()
  await count()
  // the delivery itself counts the first
  expect(send.mock.calls).toEqual([['a']])
  expect(refuse).toHaveBeenCalledTimes(2)
})

test('a terminal says what cannot be sent, and stops waiting for a pong when the connection ends', async () => {
  const { conversation, listeners } = fake({ encoding: 'base64' }, { offer: () => false })
  const said: string[] = []
  let type!: (text: string) => void
  let leave!: () => void
  const screen = {
    prompt() {},
    listen(heard: { line(text: string): void; end(): void }) {
      type = heard.line
      leave = heard.end
    },
  }
  const reporter = {
    paint: (_: string, text: string) => text,
    say: (_: string, text: string) => said.push(text),
  }
  const ended = terminal(conversation, screen as never, reporter as never, { first: never } as never)
  type('no base64!')
  expect(said).toEqual([expect.stringMatching(/^not sent: it /)])
  type('')
  type('aGVsbG8=')
  expect(said.slice(1)).toEqual(['not sent: too many messages wait already'])
  // an error of the program's own is not taken for what its user typed
  expect(() => type('/close')).toThrow(TypeError)
  type('/ping')
  expect([listeners.heartbeat?.length, listeners.close?.length]).toEqual([1, 1])
  for (const heard of listeners.close!) heard()
  expect([listeners.heartbeat, listeners.close]).toEqual([[], []])
  leave()
  await ended
})
