/** The lines that the troubleshooting page shows are those that `trace()` prints. */
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, expect, test } from 'vitest'
import { WebSocketServer } from 'ws'
import { type Options, ReconnectingSocket, trace } from '../../src/index.js'
import { sparePort } from '../faults/raw-server.js'

const page = readFileSync(new URL('../../docs/troubleshooting.md', import.meta.url), 'utf8')
const shown = [...page.matchAll(/```text\n([^]*?)```/g)].flatMap(([, text = '']) => text.trim().split('\n'))

/** Without what differs from run to run. */
const plain = (line: string): string =>
  line.replace(/\/\/[^/]+\//, '//host/').replace(/\d\d:\d\d:\d\d\.\d+|\d+ ms/g, 'N')

const printed: string[] = []

/** Runs a socket until it has closed, or is about to dial for a second time. */
async function run(url: string | (() => Promise<string>), options: Options = {}): Promise<void> {
  const socket = new ReconnectingSocket(url, { log: trace((line) => printed.push(plain(line))), ...options })
  socket.send('one')
  const waiting = new Promise<void>((resolve) =>
    socket.subscribe(() => socket.snapshot.phase === 'waiting' && resolve()),
  )
  await Promise.race([waiting, socket.closed])
  socket.terminate()
}

const http = createServer((_, response) => response.writeHead(404).end())
const sockets = new WebSocketServer({ noServer: true })
http.on('upgrade', (request, stream, head) => {
  if (request.url === '/missing') return stream.end('HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n')
  sockets.handleUpgrade(request, stream, head, (socket) => {
    if (request.url === '/close') socket.close(1011)
    else socket.once('message', () => socket.terminate())
  })
})
afterAll(() => http.close())

test('each line is printed', async () => {
  http.listen(0, '127.0.0.1')
  await once(http, 'listening')
  const url = `ws://127.0.0.1:${(http.address() as AddressInfo).port}/`
  await run(() => new Promise(() => {}), { connectTimeout: 20, retry: false })
  await run(`ws://127.0.0.1:${sparePort()}/`)
  await run(url)
  await run(`${url}missing`)
  await run(`${url}close`)
  const full = new ReconnectingSocket(url, {
    autoConnect: false,
    outbox: { maxMessages: 1, overflow: 'drop-oldest' },
    log: trace((line) => printed.push(plain(line))),
  })
  full.send('one')
  full.send('two')
  expect(shown.length).toBeGreaterThan(10)
  expect(shown.map(plain).filter((line) => !printed.includes(line))).toEqual([])
})
