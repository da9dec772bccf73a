/** The command's own echo server, and what it can be told to do wrong. */
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import net from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { selfSigned } from '../faults/tls.js'
import { everopen, quick, type Run } from './command.js'

const runs: Run[] = []
afterEach(async () => {
  // in good order: it tells what it ran, where that is measured
  for (const run of runs) run.kill('SIGTERM')
  await Promise.all(runs.splice(0).map(({ status }) => status))
})

async function listen(...args: string[]): Promise<{ run: Run; url: string }> {
  return listening(everopen(['--listen', '0', ...args]))
}

async function listening(run: Run): Promise<{ run: Run; url: string }> {
  runs.push(run)
  await run.seen(/listening on (\S+)\n/)
  return { run, url: /listening on (\S+)\n/.exec(run.err)![1]! }
}

async function open(url: string, options = {}): Promise<WebSocket> {
  const socket = new WebSocket(url, options)
  await once(socket, 'open')
  return socket
}

const closed = async (socket: WebSocket): Promise<number> => (await once(socket, 'close'))[0] as number

test('it echoes text and binary, tells what came, and says goodbye', async () => {
  const { run, url } = await listen()
  const socket = await open(url)
  socket.send('text')
  expect(String((await once(socket, 'message'))[0])).toBe('text')
  socket.send(Buffer.from([1, 2]))
  const [data, isBinary] = (await once(socket, 'message')) as [Buffer, boolean]
  expect([[...data], isBinary]).toEqual([[1, 2], true])
  run.kill('SIGINT')
  expect(await closed(socket)).toBe(1001)
  expect(await run.status).toBe(130)
  expect(run.out).toBe('text\n\x01\x02\n')
  expect(run.err).toMatch(/client 1 connected[^]*client 1 left: 1001/)
})

test('an output that nobody reads any more ends it', async () => {
  const { run, url } = await listen()
  const socket = await open(url)
  run.stdout.destroy()
  socket.send('text')
  expect(await closed(socket)).toBe(1001)
  expect(await run.status).toBe(141)
})

test('clients are not read while nobody reads the output, and then get every echo', async () => {
  const { run, url } = await listening(everopen(['--listen', '0'], { reading: false }))
  const clients = await Promise.all(Array.from({ length: 12 }, () => open(url, { perMessageDeflate: false })))
  let echoes = 0
  for (const client of clients) {
    client.on('message', () => echoes++)
    // more than a pipe holds
    for (let i = 0; i < 5; i++) client.send(Buffer.alloc(100_000))
  }
  // the server is not merely slow
  for (let i = 0; i < 100; i++) await fetch(url.replace('ws:', 'http:'))
  expect(echoes).toBeLessThan(60)
  run.stdout.on('data', () => {})
  await expect.poll(() => echoes).toBe(60)
  expect(run.err).not.toContain('MaxListeners')
})

test('a client that reads nothing is not read either, and then gets every echo', async () => {
  const { url } = await listen()
  const [greedy, other] = [await open(url, { perMessageDeflate: false }), await open(url)]
  greedy.pause()
  const [count, message] = [64, Buffer.alloc(1_048_576)]
  for (let i = 0; i < count; i++) greedy.send(message)
  // the server is not merely slow
  for (let i = 0; i < 100; i++) {
    other.send('still there?')
    await once(other, 'message')
  }
  expect(greedy.bufferedAmount).toBeGreaterThan((count / 2) * message.length)
  const echoes = new Promise<void>((resolve) => {
    let heard = 0
    greedy.on('message', () => ++heard === count && resolve())
  })
  greedy.resume()
  await echoes
  for (const socket of [greedy, other]) socket.terminate()
})

test('a client that speaks only HTTP is told so', async () => {
  const { url } = await listen()
  const response = await fetch(url.replace('ws:', 'http:'))
  expect([response.status, response.headers.get('upgrade')]).toEqual([426, 'websocket'])
})

test('--close-every and --close-code', async () => {
  const { url } = await listen('--close-every', '2', '--close-code', '4321')
  const socket = await open(url)
  const messages: string[] = []
  socket.on('message', (data: Buffer) => messages.push(String(data)))
  socket.send('one')
  socket.send('two')
  expect(await closed(socket)).toBe(4321)
  expect(messages).toEqual(['one', 'two'])
})

test('1006 drops the connection, and 0 does so at once', async () => {
  const { url } = await listen('--close-every', '0', '--close-code', '1006')
  const socket = new WebSocket(url)
  expect(await closed(socket)).toBe(1006)
})

test('--silent answers neither message nor ping nor Close', async () => {
  const { run, url } = await listen('--silent')
  const socket = await open(url)
  let answered = false
  socket.on('message', () => (answered = true)).on('pong', () => (answered = true))
  socket.on('close', () => (answered = true))
  socket.send('hello')
  socket.ping()
  socket.close()
  // another client shows that the server is not merely slow
  const other = await open(url)
  await run.seen(/client 2 connected/)
  expect(answered).toBe(false)
  socket.terminate()
  other.terminate()
})

test('everopen itself stays connected to a server that closes every message', async () => {
  const { run, url } = await listen('--close-every', '1', '--close-code', '1000')
  const client = everopen([url, ...quick])
  runs.push(client)
  for (const [i, text] of ['one', 'two', 'three'].entries()) {
    client.stdin.write(`${text}\n`)
    await client.seen(new RegExp(`${text}\n`))
    // what is sent while its Close is on the way is lost
    await client.seen(new RegExp(`(disconnected: 1000[^]*){${i + 1}}`))
  }
  client.stdin.end()
  expect(await client.status).toBe(0)
  expect(run.out).toBe('one\ntwo\nthree\n')
})

test('--cert and --key make it a wss: server', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'everopen-'))
  const { cert, key } = selfSigned('127.0.0.1', new Date(Date.now() - 1e7), new Date(Date.now() + 1e7))
  const [certFile, keyFile] = [path.join(folder, 'cert'), path.join(folder, 'key')]
  writeFileSync(certFile, cert)
  writeFileSync(keyFile, key)
  const { url } = await listen('--cert', certFile, '--key', keyFile)
  expect(url).toMatch(/^wss:/)
  const client = everopen([url, '--ca', certFile, '-x', 'hello', '-w', '0'])
  expect(await client.status).toBe(0)
  rmSync(folder, { recursive: true })
})

test('a certificate that is none is wrong usage, and is not quoted', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'everopen-'))
  const file = path.join(folder, 'pem')
  writeFileSync(file, 's3cret')
  const run = everopen(['--listen', '0', '--cert', file, '--key', file])
  expect(await run.status).toBe(2)
  expect(run.err).toMatch(/--cert and --key cannot be used: ERR_/)
  expect(run.err).not.toContain('s3cret')
  rmSync(folder, { recursive: true })
})

test('--max-payload closes a connection with a message that is longer, and the server goes on', async () => {
  const { run, url } = await listen('--max-payload', '100')
  const socket = await open(url)
  socket.send('x'.repeat(101))
  expect(await closed(socket)).toBe(1009)
  await run.seen(/client 1 left: 1006/)
  const other = await open(url)
  other.send('short')
  expect(String(((await once(other, 'message')) as [Buffer])[0])).toBe('short')
  other.terminate()
})

test('an address of IPv6 is shown as a URL has it', async () => {
  const { url } = await listen('--bind', '::1')
  expect(url).toMatch(/^ws:\/\/\[::1\]:\d+$/)
  const socket = await open(url)
  socket.terminate()
})

test.each([[[]], [['-q']]])('a port that is taken: status 1 %j', async (more: string[]) => {
  const blocker = net.createServer().listen(0, '127.0.0.1')
  await once(blocker, 'listening')
  const { port } = blocker.address() as net.AddressInfo
  const run = everopen(['--listen', String(port), ...more])
  expect(await run.status).toBe(1)
  expect(run.err).toMatch(/cannot listen: EADDRINUSE/)
  blocker.close()
})
