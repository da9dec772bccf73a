/** What a socket does to the process that it lives in: two more lines of the list of peers. */
import { spawn } from 'node:child_process'
import { getEventListeners } from 'node:events'
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { ReconnectingSocket } from '../../src/index.js'
import { bundle, type Bundle } from './bundle.js'
import { CLOSE, closePayload, encode, type RawConnection, serve, TEXT } from './raw-server.js'
import { nothingLeft, takeBaseline, timers } from './record.js'

// a real mitt, whose registries can be counted
const registries = vi.hoisted((): Map<unknown, unknown[] | undefined>[] => [])
vi.mock('mitt', async (original) => {
  const { default: mitt } = await original<typeof import('mitt')>()
  return {
    default: () => {
      const emitter = mitt()
      registries.push(emitter.all)
      return emitter
    },
  }
})

beforeEach(takeBaseline)

let script: Bundle
beforeAll(async () => {
  script = await bundle('child.ts')
})
afterAll(() => script.remove())

function run(
  url: string,
  scenario: string,
): Promise<{ code: number | null; took: number | null; errors: string }> {
  const child = spawn(process.execPath, [script.file, url, scenario], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  let errors = ''
  child.stdout.on('data', (chunk) => (output += chunk))
  child.stderr.on('data', (chunk) => (errors += chunk))
  return new Promise((resolve) => {
    child.on('close', (code) => resolve({ code, ...JSON.parse(output || '{"took":null}'), errors }))
  })
}

describe('19: once it is closed the process exits by itself within 100 ms', () => {
  const accept = (connection: RawConnection): void => void connection.accept()
  const silent = (connection: RawConnection): void => {
    connection.answers = 'nothing'
  }
  test.each<[string, string, (connection: RawConnection) => void]>([
    ['while open', 'open', accept],
    ['while open, by terminate()', 'terminate', accept],
    ['while open, and the peer is silent', 'silent', (c) => (silent(c), accept(c))],
    ['during the backoff', 'waiting', (c) => void c.accept().then(() => c.close(1001))],
    ['while dialing', 'dialing', silent],
    ['while a provider is out', 'preparing', accept],
    [
      'after a page instead of a handshake',
      'portal',
      (c) => void c.refuse(200, ['Content-Length: 99999'], 'x'),
    ],
    [
      'after an iteration that was left',
      'iterating',
      (c) => void c.accept({ after: encode(TEXT, Buffer.from('x')) }),
    ],
  ])(
    'close() %s',
    async (_, scenario, answer) => {
      const server = await serve(answer)
      const { code, took, errors } = await run(server.url, scenario)
      expect({ code, errors }).toEqual({ code: 0, errors: '' })
      expect(took).toBeLessThan(100)
      await server.stop()
    },
    60_000,
  )

  test('a pending retry keeps it alive', async () => {
    const server = await serve((connection, n) => {
      if (n === 0) connection.rst()
      else void connection.accept({ after: encode(TEXT, Buffer.from('bye')) })
    })
    const { code, took, errors } = await run(server.url, 'retrying')
    expect({ code, errors }).toEqual({ code: 0, errors: '' })
    expect(server.connections).toHaveLength(2)
    expect(server.connections[1]!.at - server.connections[0]!.at).toBeGreaterThan(290)
    expect(took).toBeLessThan(100)
    await server.stop()
  }, 60_000)
})

test('20: 1,000 reconnects leave every listener count unchanged', async () => {
  const bye = encode(CLOSE, closePayload(1001))
  const server = await serve((connection, n) => {
    if (n === 1_000) return void connection.accept()
    connection.answers = 'nothing'
    // each other connection is lost, the rest are closed in good order
    void connection
      .accept({ after: n % 2 ? bye : Buffer.alloc(0) })
      .then(() => n % 2 === 0 && connection.rst())
    void connection.frame(CLOSE).then(() => connection.rst())
  })
  const { signal } = new AbortController()
  const warnings: string[] = []
  const warn = ({ name }: Error): void => void warnings.push(name)
  process.on('warning', warn)
  registries.length = 0
  const socket = new ReconnectingSocket(server.url, { signal, retry: { backoff: () => 0 } })
  const counts = (): unknown => ({
    process: process.eventNames().map((name) => [name, process.listenerCount(name)]),
    signal: getEventListeners(signal, 'abort').length,
    socket: [...registries[0]!].map(([name, list]) => [name, list!.length]),
    timers: timers(),
  })
  let opens = 0
  let closes = 0
  let first: unknown
  socket.on('close', () => closes++)
  const last = new Promise<unknown>((resolve) => {
    socket.on('open', () => {
      first ??= counts()
      if (++opens === 1_001) resolve(counts())
    })
  })
  expect(await last).toEqual(first)
  // the heartbeat, and the one that watches the clocks
  expect(first).toMatchObject({
    signal: 1,
    timers: 2,
    socket: [
      ['close', 1],
      ['open', 1],
    ],
  })
  expect([opens, closes]).toEqual([1_001, 1_000])
  socket.close()
  await socket.closed
  expect(getEventListeners(signal, 'abort')).toEqual([])
  await nothingLeft(socket, server)
  process.off('warning', warn)
  expect(warnings).toEqual([])
}, 60_000)
