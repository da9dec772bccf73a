/** Node, as installed: by `require` and by `import`, each against a server that closes it, each ending by itself. */
import { spawn } from 'node:child_process'
import { cpSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
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

test('beside an application’s older ws, it dials with its own', async () => {
  const project = makeHome()
  onTestFinished(() => project.remove())
  const modules = path.join(project.dir, 'node_modules')
  // as npm lays them out: isomorphic-ws takes any ws, and finds the application's
  for (const name of ['ws', 'isomorphic-ws']) rmSync(path.join(modules, name))
  cpSync(path.join(root, 'node_modules/isomorphic-ws'), path.join(modules, 'isomorphic-ws'), {
    recursive: true,
  })
  mkdirSync(path.join(modules, 'ws'))
  writeFileSync(
    path.join(modules, 'ws/index.js'),
    `module.exports = class { constructor() { throw new Error('the older one') } }`,
  )
  mkdirSync(path.join(modules, 'everopen/node_modules'))
  symlinkSync(path.join(root, 'node_modules/ws'), path.join(modules, 'everopen/node_modules/ws'))
  const file = path.join(project.dir, 'beside.cjs')
  writeFileSync(
    file,
    `const socket = new (require('everopen').ReconnectingSocket)(process.argv[2], { retry: false })
     socket.on('handshake', ({ status }) => console.log(status))
     socket.on('error', ({ cause }) => console.log(cause.message))
     socket.on('open', () => socket.close())`,
  )
  expect(await outputOf(process.execPath, [file, url])).toBe('101\n')
})

// a limit of open files for one process is Linux's and macOS's
test.skipIf(process.platform === 'win32')(
  'a process with too many open files at its first dial: a typed error, and a later dial opens',
  async () => {
    const file = path.join(home.dir, 'full.cjs')
    writeFileSync(
      file,
      `const { EveropenError, ReconnectingSocket } = require('everopen')
       const fs = require('node:fs')
       const files = []
       const fill = () => { for (;;) files.push(fs.openSync(__filename)) }
       try { fill() } catch ({ code }) { console.log(code) }
       const socket = new ReconnectingSocket(process.argv[2], { retry: { backoff: () => 1, limit: 5 } })
       socket.on('error', (error) => {
         console.log(error instanceof EveropenError, error.code)
         files.splice(0).forEach((fd) => fs.closeSync(fd))
       })
       socket.on('open', () => { console.log('open'); socket.close() })`,
    )
    const limited = `ulimit -n 256 && exec "$0" "$@"`
    const out = await outputOf('sh', ['-c', limited, process.execPath, file, url])
    expect(out).toBe('EMFILE\ntrue ERR_CONNECTION\nopen\n')
  },
)

/** What a program writes. */
async function outputOf(command: string, args: readonly string[]): Promise<string> {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'], timeout: 60_000 })
  let out = ''
  child.stdout.on('data', (data) => (out += data))
  await new Promise((resolve) => child.on('close', resolve))
  return out
}

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
