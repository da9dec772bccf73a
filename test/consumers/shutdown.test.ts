/** The worker of docs/recipes/shutdown.md, as a process that gets SIGTERM with messages waiting. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { CLOSE, closeCode, type RawConnection, type RawServer, serve } from '../faults/raw-server.js'
import { type Home, makeHome } from './home.js'
import { samplesOf } from './fences.js'

const DRAIN = '8_000'

/** Says when there are some readings, and how many there are at the signal. */
const watch = `
process.on('SIGTERM', () => process.send(readings))
const ready = setInterval(() => readings > 4 && (clearInterval(ready), process.send('')), 1)
`

let home: Home
beforeAll(() => {
  home = makeHome()
})
afterAll(() => home.remove())

/** Runs it, with what it says of its readings, until it has made some. */
async function start(url: string, timeout = DRAIN) {
  const { code } = samplesOf('docs/recipes/shutdown.md')[0]!
  expect(code).toContain(DRAIN)
  const file = path.join(home.dir, 'worker.mjs')
  const program = code.replace('wss://example.test/feed', url).replace(DRAIN, timeout)
  writeFileSync(file, program + watch)
  const child = spawn(process.execPath, [file], { stdio: ['ignore', 'ignore', 'pipe', 'ipc'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  let errors = ''
  child.stderr!.on('data', (data) => (errors += data))
  const ended = once(child, 'close') as Promise<[number | null]>
  await once(child, 'message')
  return {
    /** How many readings there were when the signal came. */
    async terminate(): Promise<number> {
      child.kill('SIGTERM')
      return ((await once(child, 'message')) as [number])[0]
    },
    end: async () => ({ code: (await ended)[0], errors }),
  }
}

async function listen(script: (connection: RawConnection, n: number) => void): Promise<RawServer> {
  const server = await serve(script)
  onTestFinished(() => server.stop())
  return server
}

const readings = (count: number): string[] => Array.from({ length: count }, (_, i) => `reading ${i + 1}`)

test('everything arrives that was sent before SIGTERM, and the process ends well', async () => {
  // it takes the connection, and answers the handshake only when the signal has come
  const server = await listen(() => {})
  const worker = await start(server.url)
  const connection = await server.connection(0)
  await connection.request
  const count = await worker.terminate()
  await connection.accept()
  const { payload } = await connection.frame(CLOSE)
  expect(connection.texts).toEqual(readings(count))
  expect([closeCode(payload), payload.subarray(2).toString()]).toEqual([1000, 'shutdown'])
  expect(await worker.end()).toEqual({ code: 0, errors: '' })
})

test('also where the connection is lost meanwhile', async () => {
  const server = await listen((connection, n) => {
    if (n > 0) void connection.accept()
  })
  const worker = await start(server.url, '60_000')
  const connection = await server.connection(0)
  await connection.request
  const count = await worker.terminate()
  connection.rst()
  const next = await server.connection(1)
  await next.frame(CLOSE)
  expect(next.texts).toEqual(readings(count))
  expect(await worker.end()).toEqual({ code: 0, errors: '' })
})

test('where the server is gone it says what is left, in time, and ends with 1', async () => {
  const server = await serve()
  await server.stop()
  const worker = await start(server.url, '300')
  const count = await worker.terminate()
  const bytes = readings(count).join('').length
  expect(await worker.end()).toEqual({ code: 1, errors: `not sent: ${count} messages, ${bytes} bytes\n` })
})
