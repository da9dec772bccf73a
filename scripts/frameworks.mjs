/**
 * `npm run test:frameworks`: installs Express, Fastify, Hono and NestJS into a temporary folder, and runs the programs of
 * docs/recipes/frameworks.md there, each with a client. Needs a registry.
 */
import { execFileSync, spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import net from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { transformSync } from 'esbuild'
import { ensureBuilt, ensureInstalled } from './setup.mjs'

/** How long a program may take to listen, and a message to come back. In ms. */
const PATIENCE = 20_000
const root = fileURLToPath(new URL('..', import.meta.url))
const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm'

await ensureInstalled()
await ensureBuilt()
const { SessionSocket } = await import('everopen/session')

const page = readFileSync(path.join(root, 'docs/recipes/frameworks.md'), 'utf8')
const programs = [...page.matchAll(/^## (\w+)\n\n(?:\w.*\n\n)?```(js|ts)\n([^]*?)^```/gm)].map(
  ([, name, language, code]) => [name, language === 'ts' ? compiled(code) : code],
)
if (programs.length !== 4) throw new Error('docs/recipes/frameworks.md has not four programs')

const dir = mkdtempSync(path.join(tmpdir(), 'everopen-frameworks-'))
try {
  const options = { cwd: dir, stdio: ['ignore', 'pipe', 'inherit'], encoding: 'utf8' }
  const packed = execFileSync(npm, ['pack', '--json', '--ignore-scripts', '--pack-destination', dir], {
    ...options,
    cwd: root,
  })
  const { filename } = Object.values(JSON.parse(packed))[0]
  writeFileSync(path.join(dir, 'package.json'), '{"type":"module","private":true}')
  const nest = ['core', 'common', 'platform-express', 'platform-ws', 'websockets'].map(
    (name) => `@nestjs/${name}`,
  )
  const others = ['express', 'fastify', 'hono', '@hono/node-server', 'rxjs', 'reflect-metadata', 'ws']
  const names = [...others, ...nest, `./${filename}`]
  execFileSync(npm, ['install', '--no-audit', '--no-fund', '--no-save', ...names], options)
  for (const [name, code] of programs) await check(name, code)
} finally {
  rmSync(dir, { recursive: true, force: true })
}

async function check(name, code) {
  const file = path.join(dir, `${name.toLowerCase()}.js`)
  writeFileSync(file, code)
  const port = await sparePort()
  const child = spawn(process.execPath, [file], {
    cwd: dir,
    env: { ...process.env, PORT: String(port) },
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  // until it listens, the socket dials again
  const socket = new SessionSocket(`ws://localhost:${port}/live`, { retry: { backoff: () => 100 } })
  try {
    const back = new Promise((resolve, reject) => {
      socket.on('message', resolve)
      child.once('exit', (code) => reject(new Error(`${name} ended with ${code}`)))
      setTimeout(reject, PATIENCE, new Error(`${name} does not answer`)).unref()
    })
    socket.send('hello')
    if ((await back) !== 'hello') throw new Error(`${name} sends something else back`)
    await socket.delivered(1)
    const health = await (await fetch(`http://localhost:${port}/health`)).text()
    if (health !== 'well') throw new Error(`${name} answers requests with ${health}`)
    if (process.platform !== 'win32') await checkEnd(name, child, socket)
    console.log(`${name}: requests and sessions on one port`)
  } finally {
    socket.terminate()
    child.kill('SIGKILL')
  }
}

/** On SIGTERM it has to close the session's connection and to exit. */
async function checkEnd(name, child, socket) {
  const exited = new Promise((resolve) => child.once('exit', resolve))
  const closed = new Promise((resolve) => socket.on('close', ({ code }) => resolve(code)))
  child.kill('SIGTERM')
  const ends = Promise.all([closed, exited]).then(([code]) => code)
  const code = await Promise.race([ends, later(PATIENCE, 'nothing')])
  if (code !== 1001) throw new Error(`${name} ends a session with ${code}`)
}

/** Without the decorators, which Node does not know. */
function compiled(code) {
  const tsconfigRaw = { compilerOptions: { experimentalDecorators: true } }
  return transformSync(code, { loader: 'ts', tsconfigRaw }).code
}

function later(ms, value) {
  return new Promise((resolve) => void setTimeout(resolve, ms, value).unref())
}

async function sparePort() {
  const server = net.createServer()
  await new Promise((resolve) => server.listen(0, resolve))
  const { port } = server.address()
  await new Promise((resolve) => server.close(resolve))
  return port
}
