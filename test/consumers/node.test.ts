/** Node, as installed: by `require` and by `import`, each against a server that closes it, each ending by itself. */
import { spawn } from 'node:child_process'
import { readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { WebSocketServer } from 'ws'
import { type Home, makeHome, root } from './home.js'

const CLOSES = 5
let home: Home
let server: WebSocketServer
let url: string

beforeAll(async () => {
  home = makeHome()
  let count = 0
  server = new WebSocketServer({ port: 0, host: '127.0.0.1' })
  server.on('connection', (socket) => {
    if (count++ % (CLOSES + 1) < CLOSES) socket.close(1001, 'away')
  })
  await new Promise((resolve) => server.once('listening', resolve))
  url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(async () => {
  await new Promise((resolve) => server.close(resolve))
  home.remove()
})

const app = `
  const socket = new ReconnectingSocket(process.argv[2], { retry: { backoff: () => 5 } })
  const told = []
  socket.on('close', ({ code, willRetry }) => told.push(code + ' ' + willRetry))
  socket.on('open', () => told.length === ${CLOSES} && socket.close(1000))
  socket.closed.then(() => console.log(JSON.stringify({ told, names: names.sort() })))
`
const loaders = {
  'require.cjs': `const all = require('everopen'); const { ReconnectingSocket } = all; const names = Object.keys(all);${app}`,
  'import.mjs': `import * as all from 'everopen'; const { ReconnectingSocket } = all; const names = Object.keys(all);${app}`,
}
const seen: string[][] = []

test.each(Object.entries(loaders))(
  '%s: five closes, six connections, and the process ends',
  async (name, code) => {
    const file = path.join(home.dir, name)
    writeFileSync(file, code)
    const child = spawn(process.execPath, [file, url], { stdio: ['ignore', 'pipe', 'pipe'], timeout: 60_000 })
    let out = ''
    let err = ''
    child.stdout.on('data', (data) => (out += data))
    child.stderr.on('data', (data) => (err += data))
    const status = await new Promise((resolve) => child.on('close', resolve))
    expect(err).toBe('')
    expect(status).toBe(0)
    const { told, names } = JSON.parse(out) as { told: string[]; names: string[] }
    expect(told).toEqual([...Array.from({ length: CLOSES }, () => '1001 true'), '1000 false'])
    seen.push(names)
  },
)

test('what both give is the same, of every entry: an error of the one is an instance of the other’s class', async () => {
  for (const name of ['react', 'vue', 'redis'])
    symlinkSync(path.join(root, 'node_modules', name), path.join(home.dir, 'node_modules', name))
  const { exports: entries } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as {
    exports: object
  }
  const names = Object.keys(entries)
    .filter((name) => !name.endsWith('.json'))
    .map((name) => path.posix.join('everopen', name))
  const file = path.join(home.dir, 'both.mjs')
  writeFileSync(
    file,
    `import { createRequire } from 'node:module'
     const require = createRequire(import.meta.url)
     for (const entry of ${JSON.stringify(names)}) {
       const [imported, required] = [await import(entry), require(entry)]
       const all = new Set([...Object.keys(imported), ...Object.keys(required)])
       for (const name of all) if (imported[name] !== required[name]) console.log(entry, name, 'differ')
     }
     const { ReconnectingSocket, InvalidArgumentError } = await import('everopen')
     const { proxyAgent } = await import('everopen/proxy')
     for (const make of [() => new ReconnectingSocket(''), () => proxyAgent('x y'), () => require('everopen/proxy').proxyAgent('x y')])
       try { make() } catch (error) {
         console.log(error instanceof InvalidArgumentError, error instanceof require('everopen').EveropenError)
       }`,
  )
  const child = spawn(process.execPath, [file], { stdio: ['ignore', 'pipe', 'inherit'], timeout: 60_000 })
  let out = ''
  child.stdout.on('data', (data) => (out += data))
  await new Promise((resolve) => child.on('close', resolve))
  expect(out).toBe('true true\n'.repeat(3))
})

test('with a class of the user’s, ws is not loaded; without one it is', async () => {
  const file = path.join(home.dir, 'lean.cjs')
  writeFileSync(
    file,
    `const { ReconnectingSocket } = require('everopen')
     const loaded = () => Object.keys(require.cache).some((name) => /node_modules.ws.lib/.test(name))
     class Given { close() {} }
     const socket = new ReconnectingSocket(process.argv[2], { WebSocket: Given })
     socket.on('state', async ({ to }) => {
       if (to !== 'closed') return
       console.log(loaded())
       const other = new ReconnectingSocket(process.argv[2], { retry: false })
       await other.opened
       console.log(loaded())
       other.close()
     })
     setImmediate(() => socket.close())`,
  )
  const child = spawn(process.execPath, [file, url], {
    stdio: ['ignore', 'pipe', 'inherit'],
    timeout: 60_000,
  })
  let out = ''
  child.stdout.on('data', (data) => (out += data))
  await new Promise((resolve) => child.on('close', resolve))
  expect(out).toBe('false\ntrue\n')
})

test('both give the same names, and nothing by accident', () => {
  expect(seen[0]).toEqual(seen[1])
  expect(seen[0]).toEqual([
    'CloseCodeError',
    'CloseEvent',
    'CloseTimeoutError',
    'ClosedError',
    'CodecError',
    'ConnectTimeoutError',
    'ConnectionError',
    'DialError',
    'DrainError',
    'EveropenError',
    'HandshakeError',
    'HeartbeatError',
    'HelloError',
    'InvalidArgumentError',
    'MissingPackageError',
    'NotOpenError',
    'OutboxFullError',
    'ProviderError',
    'ProxyError',
    'ReconnectingSocket',
    'ReconnectingWebSocket',
    'RetryLimitError',
    'SlowConsumerError',
    'json',
    'trace',
  ])
})
