/** Every sample of the README runs, against a server on loopback, from the package as it is installed. */
import { spawn } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import { transformSync } from 'esbuild'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { WebSocketServer } from 'ws'
import { type Home, makeHome, root } from './home.js'

const readme = readFileSync(path.join(root, 'README.md'), 'utf8')
const fences = [...readme.matchAll(/```(\w+)\n([^]*?)```/g)].map(([, language = '', code = '']) => ({
  language,
  code,
}))
const samples = fences.filter(({ language }) => language === 'js' || language === 'ts')

let home: Home
beforeAll(() => {
  home = makeHome()
})
afterAll(() => home.remove())

/**
 * Answers each message, then closes with a code that is final: a sample that goes on for ever comes to its end. One
 * that sends nothing is closed at once, unless it ends by itself; so is each further endpoint of one that was answered.
 */
async function serve(
  code: string,
): Promise<{ url: string; connections: () => number; stop: () => Promise<void> }> {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' })
  let count = 0
  let answered = false
  server.on('connection', (socket) => {
    count++
    if (/\.send\(/.test(code) && !answered)
      socket.on('message', (data, isBinary) => {
        answered = true
        socket.send(data, { binary: isBinary })
        socket.close(1008, 'the sample is over')
      })
    else if (!/\.abort\(/.test(code)) socket.close(1008, 'the sample is over')
  })
  await new Promise((resolve) => server.once('listening', resolve))
  return {
    url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}`,
    connections: () => count,
    stop: () => new Promise((resolve) => server.close(() => resolve())),
  }
}

function run(file: string): Promise<{ status: number | null; out: string; err: string }> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [file], { stdio: ['ignore', 'pipe', 'pipe'], timeout: 60_000 })
    let out = ''
    let err = ''
    child.stdout.on('data', (data) => (out += data))
    child.stderr.on('data', (data) => (err += data))
    child.on('close', (status) => resolve({ status, out, err }))
  })
}

describe('README', () => {
  test('has samples', () => expect(samples.length).toBeGreaterThan(8))

  for (const [index, { language, code }] of samples.entries()) {
    const title = code.split('\n').find((line) => !/^(import|\s*$)/.test(line)) ?? ''
    test(`sample ${index + 1} (${language}) runs to its end: ${title}`, async () => {
      const server = await serve(code)
      try {
        const commonjs = code.includes('require(')
        const file = path.join(home.dir, `sample-${index}.${commonjs ? 'cjs' : 'mjs'}`)
        const { code: text } = transformSync(code, { loader: language as 'js' | 'ts', target: 'node20' })
        writeFileSync(file, text.replaceAll('wss://example.test', server.url))
        const { status, err } = await run(file)
        expect(err).toBe('')
        expect(status).toBe(0)
        expect(server.connections()).toBeGreaterThan(0)
      } finally {
        await server.stop()
      }
    })
  }

  test('names commands that exist', () => {
    const { scripts } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as {
      scripts: Record<string, string>
    }
    const commands = fences.filter(({ language }) => language === 'sh').map(({ code }) => code.trim())
    expect(commands.filter((command) => !command.includes('npx everopen'))).toEqual([
      'npm run demo',
      'npm test',
      'npm install everopen',
    ])
    expect(Object.keys(scripts)).toEqual(expect.arrayContaining(['demo', 'test']))
  })
})
