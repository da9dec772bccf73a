/** The command with --session, beside a server whose process may die: what arrives, and what it reports. */
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { WebSocketServer } from 'ws'
import {
  memoryStore,
  type Session,
  SessionServer,
  type SessionServerOptions,
} from '../../src/server/index.js'
import { everopen, quick } from './command.js'

const cleanUps: (() => unknown)[] = []
afterEach(async () => {
  for (const clean of cleanUps.splice(0).reverse()) await clean()
})

/** A server of sessions that echoes. Its store outlives it, as Redis does. */
function makeServer(options: SessionServerOptions = {}) {
  const store = memoryStore()
  const messages: string[] = []
  let port = 0
  let http: Server
  let sockets: WebSocketServer
  let sessions: SessionServer
  let session: Session | undefined

  const server = {
    messages,
    get url() {
      return `ws://127.0.0.1:${port}/`
    },
    get session() {
      return session
    },
    async start() {
      http = createServer()
      sessions = new SessionServer({ store, ...options })
      sessions.on('session', (each) => {
        session = each
        each.on('message', async (data) => {
          messages.push(String(data))
          await each.send(`echo of ${String(data)}`)
        })
      })
      sockets = new WebSocketServer({ server: http })
      sockets.on('connection', (socket, request) => sessions.accept(socket, request))
      await new Promise<void>((resolve) => http.listen(port, '127.0.0.1', resolve))
      port = (http.address() as AddressInfo).port
    },
    /** No Close, no answer: its connections are cut and its port is closed. */
    async die() {
      const dead = new Promise((resolve) => http.close(resolve))
      for (const client of sockets.clients) client.terminate()
      await dead
      await sessions.close({ timeout: 0 })
    },
  }
  cleanUps.push(() => server.die())
  return server
}

function sessionFile(): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'everopen-'))
  cleanUps.push(() => rmSync(folder, { recursive: true }))
  return path.join(folder, 'session')
}

const numbers = (from: number, to: number): string[] =>
  Array.from({ length: to - from }, (_, i) => `line ${from + i}`)
const text = (lines: readonly string[]): string => lines.map((line) => `${line}\n`).join('')

describe('a server that dies and returns', () => {
  test('gets each line exactly once, and so does the output', async () => {
    const server = makeServer()
    await server.start()
    const run = everopen([server.url, ...quick, '--session', '-v', '--eof-wait', '1'])
    for (let round = 0; round < 3; round++) {
      run.stdin.write(text(numbers(round * 100, round * 100 + 100)))
      await expect.poll(() => server.messages.length).toBe(round * 100 + 100)
      await server.die()
      await run.seen(new RegExp(`(disconnected[^]*){${round + 1}}`))
      run.stdin.write(text([`away ${round}`]))
      await server.start()
      await run.seen(new RegExp(`(session resumed[^]*){${round + 1}}`))
      await expect.poll(() => server.messages).toContain(`away ${round}`)
      server.messages.splice(server.messages.indexOf(`away ${round}`), 1)
    }
    run.stdin.end()
    expect(await run.status).toBe(0)
    expect(server.messages).toEqual(numbers(0, 300))
    const echoes = run.out.trimEnd().split('\n')
    expect(echoes.filter((line) => !line.includes('away'))).toEqual(
      numbers(0, 300).map((line) => `echo of ${line}`),
    )
    expect(new Set(echoes).size).toBe(303)
    expect(run.err).toMatch(/message 303 delivered/)
  })

  test('that ends the session: this is reported, and final', async () => {
    const server = makeServer()
    await server.start()
    const run = everopen([server.url, ...quick, '--session', '--json', '-v'])
    await run.seen(/"open"/)
    await server.session!.end()
    expect(await run.status).toBe(3)
    expect(run.records()).toContainEqual(
      expect.objectContaining({ type: 'lost', reason: 'ended', messages: 0 }),
    )
  })
})

describe('what the server has not acknowledged', () => {
  test('is counted, where the session is in memory', async () => {
    const server = makeServer()
    await server.start()
    const run = everopen([server.url, ...quick, '--session', '--retry-for', '2'])
    await run.seen(/connected/)
    await server.die()
    await run.seen(/disconnected/)
    run.stdin.write('one\ntwo\n')
    expect(await run.status).toBe(4)
    expect(run.err).toMatch(/2 messages were not acknowledged, and may not have arrived/)
  })

  test('is kept in a file, and sent by the next run', async () => {
    const server = makeServer()
    await server.start()
    const file = sessionFile()
    const first = everopen([server.url, ...quick, '--session-file', file, '--retry-for', '2', '-v'])
    first.stdin.write('zero\n')
    await first.seen(/message 1 delivered/)
    await first.seen(/echo of zero/)
    await server.die()
    await first.seen(/disconnected/)
    first.stdin.write('one\ntwo\n')
    expect(await first.status).toBe(4)
    expect(first.err).toMatch(/2 messages were not acknowledged; the session file keeps them/)
    await server.start()
    const second = everopen([server.url, '--session-file', file, '--json', '-v', '--eof-wait', '-1'], {
      input: 'three\n',
    })
    await second.seen(/echo of three/)
    await second.seen(/"delivered","number":4/)
    second.kill('SIGINT')
    expect(await second.status).toBe(130)
    expect(server.messages).toEqual(['zero', 'one', 'two', 'three'])
    const records = second.records()
    expect(records).toContainEqual(expect.objectContaining({ type: 'resumed' }))
    expect(records.filter(({ type }) => type === 'message')).toMatchObject(
      ['one', 'two', 'three'].map((line, i) => ({ data: `echo of ${line}`, number: i + 2 })),
    )
    expect(records.at(-1)).toMatchObject({ type: 'end', undelivered: 0, inDoubt: 0, kept: 0 })
  })
})

test('a line that no session can hold is reported, and the rest is sent', async () => {
  const server = makeServer()
  await server.start()
  const run = everopen([server.url, '--session'], { input: `${'x'.repeat(17 * 2 ** 20)}\nshort\n` })
  expect(await run.status).toBe(4)
  expect(run.err).toMatch(/line 1 was not sent: it is longer than a session can hold/)
  expect(run.err).toMatch(/: 1 message was not delivered\n$/)
  expect(server.messages).toEqual(['short'])
})

test('a server that forgets a session in memory when the run ends', async () => {
  const server = makeServer()
  await server.start()
  const run = everopen([server.url, '--session', '-x', 'one', '-w', '0'])
  expect(await run.status).toBe(0)
  expect(server.messages).toEqual(['one'])
  await expect.poll(() => server.session!.state).toBe('ended')
})

test('a server without sessions is a failure', async () => {
  const http = createServer()
  const sockets = new WebSocketServer({ server: http, handleProtocols: () => false })
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
  cleanUps.push(() => {
    for (const client of sockets.clients) client.terminate()
    http.close()
  })
  const { port } = http.address() as AddressInfo
  const run = everopen([`ws://127.0.0.1:${port}/`, '--session', '--no-retry', '-x', 'one'])
  expect(await run.status).toBe(4)
  expect(run.err).toMatch(
    /Server sent no subprotocol \(does it speak everopen sessions\?\); 1 message was not delivered\n$/,
  )
})

test('--hello does not go with it', async () => {
  const run = everopen(['ws://127.0.0.1:1/', '--session', '--hello', 'token'])
  expect(await run.status).toBe(2)
  expect(run.err).toMatch(/--hello cannot be used with --session/)
})
