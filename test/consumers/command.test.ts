/** The command as it is installed: the samples of the README, word for word, in a shell. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import { type Home, makeHome, root } from './home.js'

const readme = readFileSync(path.join(root, 'README.md'), 'utf8')
const samples = [...readme.matchAll(/```sh\n([^]*?)```/g)]
  .map(([, code = '']) => code.trim())
  .filter((code) => code.includes('npx everopen'))

let home: Home
beforeAll(() => {
  home = makeHome()
  // what npm does with `bin`
  const { bin } = JSON.parse(
    readFileSync(path.join(home.dir, 'node_modules/everopen/package.json'), 'utf8'),
  ) as { bin: { everopen: string } }
  const target = path.join(home.dir, 'node_modules/everopen', bin.everopen)
  chmodSync(target, 0o755)
  mkdirSync(path.join(home.dir, 'node_modules/.bin'))
  symlinkSync(target, path.join(home.dir, 'node_modules/.bin/everopen'))
})
afterAll(() => home.remove())

function shell(command: string) {
  const child = spawn('sh', ['-c', command.replace('npx everopen', 'exec npx --no-install everopen')], {
    cwd: home.dir,
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  })
  const said = { out: '', err: '' }
  child.stdout.on('data', (data) => (said.out += data))
  child.stderr.on('data', (data) => (said.err += data))
  return { child, said }
}

test('there is a sample for each side', () => {
  expect(samples.map((code) => code.includes('--listen'))).toEqual([false, true])
})

test('a line in, a line out', async () => {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' })
  server.on('connection', (socket) => socket.on('message', (data) => socket.send(`${String(data)}!`)))
  await once(server, 'listening')
  const url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}`
  const { child, said } = shell(samples[0]!.replace('wss://example.test', url))
  const [status] = (await once(child, 'close')) as [number]
  expect(status).toBe(0)
  expect(said.out).toBe('{"op":"status"}!\n')
  await new Promise((resolve) => server.close(resolve))
})

test('the server', async () => {
  // the port of the sample may be in use here
  const { child, said } = shell(samples[1]!.replace('8080', '0'))
  while (!/listening on \S+\n/.test(said.err)) await once(child.stderr, 'data')
  const socket = new WebSocket(/listening on (\S+)\n/.exec(said.err)![1]!)
  await once(socket, 'open')
  const echoed: string[] = []
  socket.on('message', (data) => echoed.push(String(data)))
  for (const word of ['one', 'two', 'three']) socket.send(word)
  while (echoed.length < 3) await once(socket, 'message')
  expect(echoed).toEqual(['one', 'two', 'three'])
  socket.close()
  await once(socket, 'close')
  // npx stands between: the whole group is told
  process.kill(-child.pid!, 'SIGINT')
  await once(child, 'close')
  expect(said.out).toBe('one\ntwo\nthree\n')
})
