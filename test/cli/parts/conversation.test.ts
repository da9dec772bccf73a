/** A run of the command without a process: what it is given, and what it makes of it. */
import { afterEach, describe, expect, test, vi } from 'vitest'
import { connectConfig, type ConnectConfig } from '../../../src/cli/config.js'
import { prepare, type Listener } from '../../../src/cli/connect.js'
import { type Conversation, converse } from '../../../src/cli/conversation.js'
import { pipe } from '../../../src/cli/pipe.js'
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

  test('a session has pings too, which before the first dial do nothing', async () => {
    const prepared = await prepare(configure('--session'), listener)
    expect(prepared.session).toBe(true)
    prepared.ping()
    expect(prepared.socket.state).toBe('idle')
    prepared.socket.close()
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
  }
  return { conversation: conversation as unknown as Conversation, listeners }
}

test('a pipe reads no further where a message is not accepted', async () => {
  const offered: string[] = []
  const send = (message: unknown): Promise<boolean> => {
    offered.push(String(message))
    return Promise.resolve(offered.length < 2)
  }
  const { conversation } = fake({ execute: ['a', 'b', 'c'] }, { send, flushed: () => Promise.resolve(true) })
  await pipe(conversation)
  expect(offered).toEqual(['a', 'b'])
})

test('a terminal says what cannot be sent, and stops waiting for a pong when the connection ends', async () => {
  const { conversation, listeners } = fake({ encoding: 'base64' })
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
  type('/ping')
  expect([listeners.heartbeat?.length, listeners.close?.length]).toEqual([1, 1])
  for (const heard of listeners.close!) heard()
  expect([listeners.heartbeat, listeners.close]).toEqual([[], []])
  leave()
  await ended
})
