/** Runs the code samples of a Markdown page, each as a process of its own, against a server on loopback. */
import { spawn } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import { transformSync } from 'esbuild'
import { expect, test } from 'vitest'
import { WebSocketServer } from 'ws'
import { samplesOf } from './fences.js'
import type { Home } from './home.js'

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
    if (/\bsend\(/.test(code) && !answered)
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

function run(file: string): Promise<{ status: number | null; err: string }> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [file], { stdio: ['ignore', 'ignore', 'pipe'], timeout: 60_000 })
    let err = ''
    child.stderr.on('data', (data) => (err += data))
    child.on('close', (status) => resolve({ status, err }))
  })
}

/**
 * A test for each sample of the page: it runs to its end, without a word of complaint.
 * @param shown Samples that are run elsewhere, by number, and where.
 */
export function runSamples(
  page: string,
  home: () => Home,
  shown: Readonly<Record<number, string>> = {},
): void {
  for (const [index, { language, code }] of samplesOf(page).entries()) {
    if (index + 1 in shown) {
      test.skip(`${page}, sample ${index + 1}: ${shown[index + 1]}`, () => {})
      continue
    }
    const title = code.split('\n').find((line) => !/^(import|\s*$)/.test(line)) ?? ''
    test(`${page}, sample ${index + 1} (${language}) runs to its end: ${title}`, async () => {
      const server = await serve(code)
      try {
        const extension = code.includes('require(') ? 'cjs' : 'mjs'
        const file = path.join(home().dir, `${page.replace(/\W/g, '-')}-${index}.${extension}`)
        const { code: text } = transformSync(code, { loader: language as 'js' | 'ts', target: 'node20' })
        writeFileSync(file, text.replaceAll('wss://example.test', server.url))
        expect(await run(file)).toEqual({ status: 0, err: '' })
        if (code.includes('wss://example.test')) expect(server.connections()).toBeGreaterThan(0)
      } finally {
        await server.stop()
      }
    })
  }
}
