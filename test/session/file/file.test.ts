/** A session in a file: over restarts, between two processes, and over SIGKILL. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { build } from 'esbuild'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { SessionStoreError } from '../../../src/session/errors.js'
import { file, type FileOptions } from '../../../src/session/file/index.js'
import type { SessionSocketOptions } from '../../../src/session/options.js'
import { SessionSocket } from '../../../src/session/socket.js'
import type { OpenStore } from '../../../src/session/store.js'
import { TestServer } from '../server.js'

let folder: string
let name: string
const stops: (() => Promise<void> | void)[] = []
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'everopen-session-'))
  name = path.join(folder, 'session')
})
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop()
  rmSync(folder, { recursive: true, force: true })
})

const never = new AbortController().signal
const quick = { backoff: { type: 'constant', base: 20 } } as const

function take(options?: FileOptions): OpenStore {
  const store = file(name, options).open(never) as OpenStore
  stops.push(() => store.close())
  return store
}

function connect(server: TestServer, options: SessionSocketOptions = {}): SessionSocket {
  const socket = new SessionSocket(server.url, { retry: quick, session: { store: file(name) }, ...options })
  stops.push(() => socket.terminate())
  return socket
}

async function serve(): Promise<TestServer> {
  const server = await new TestServer().start()
  stops.push(() => server.kill())
  return server
}

describe('the file', () => {
  test('holds what was asked of it, in order, text and binary', () => {
    const store = take()
    expect(store.saved).toEqual({ session: undefined, received: 0, acked: 0, messages: [] })
    void store.append(1, 'one')
    void store.append(2, new Uint8Array([0, 1, 2]).subarray(1))
    void store.append(3, new Uint8Array([3]).buffer)
    void store.append(4, 'f\u0000ür')
    void store.name({ id: 'i', token: 't' })
    void store.received(7)
    void store.forget(1)
    void store.close()
    const { saved } = take()
    expect(saved).toMatchObject({ session: { id: 'i', token: 't' }, received: 7, acked: 1 })
    expect(saved.messages).toEqual([Buffer.from([1, 2]), Buffer.from([3]), 'f\u0000ür'])
  })

  test('is empty after clear()', () => {
    const store = take()
    void store.append(1, 'one')
    void store.name({ id: 'i', token: 't' })
    void store.clear()
    void store.append(1, 'new')
    void store.close()
    expect(take().saved).toEqual({ session: undefined, received: 0, acked: 0, messages: ['new'] })
  })

  test.each(['normal', 'full'] as const)(
    'is for its owner alone to read (synchronous: %s)',
    (synchronous) => {
      take({ synchronous })
      expect(statSync(name).mode & 0o077).toBe(0)
      expect(statSync(`${name}-wal`).mode & 0o077).toBe(0)
    },
  )

  test('in use gives the second a session of its own', () => {
    void take().append(1, 'first')
    void take().append(1, 'second')
    for (const stop of stops.splice(0)) void stop()
    expect(take().saved.messages).toEqual(['first'])
    expect(take().saved.messages).toEqual(['second'])
  })

  test('in use lets the second wait until the first is gone', async () => {
    const first = take({ inUse: 'wait' }) as unknown as Promise<OpenStore>
    const second = file(name, { inUse: 'wait' }).open(never)
    void (await first).append(1, 'first')
    void (await first).close()
    stops.length = 0
    const store = await second
    expect(store.saved.messages).toEqual(['first'])
    void store.close()
  })

  test('is not waited for any more when nobody wants it', async () => {
    const first = take()
    const abort = new AbortController()
    const second = Promise.resolve(file(name, { inUse: 'wait' }).open(abort.signal))
    abort.abort()
    await expect(second).rejects.toThrow('aborted')
    void first
  })

  test('that is none is a typed error', () => {
    writeFileSync(name, 'this is no database, and long enough to be seen as none')
    expect(() => take()).toThrow(SessionStoreError)
    name = path.join(folder, 'no', 'such', 'folder')
    expect(() => take()).toThrow(expect.objectContaining({ code: 'ERR_SESSION_STORE' }) as Error)
  })

  test('bad arguments are named', () => {
    expect(() => file('')).toThrow('path must be a path')
    expect(() => file(name, { inUse: 'both' as never })).toThrow('inUse must be one of own, wait')
    expect(() => file(name, { synchronous: 'half' as never })).toThrow('synchronous must be')
  })
})

describe('a client', () => {
  test('goes on where the last one stopped', async () => {
    const server = await serve()
    const first = connect(server)
    await first.delivered(first.send('a'))
    const { id } = first
    await server.kill()
    first.send('b')
    first.terminate()
    const second = connect(server)
    expect(second.held.size).toBe(1)
    expect(second.id).toBe(id)
    expect(second.send('c')).toBe(3)
    await server.start()
    await second.delivered(3)
    expect(server.all.flatMap(({ messages }) => messages)).toEqual(['a', 'b', 'c'])
  })

  test('that is closed leaves its session to the next, and takes it again', async () => {
    const server = await serve()
    const first = connect(server)
    await first.delivered(first.send('a'))
    first.close()
    await first.closed
    const second = connect(server)
    await second.delivered(second.send('b'))
    expect(second.id).toBe(first.id)
    // while the other one has it: held until the next connect()
    expect(first.send('c')).toBe(2)
    second.close()
    await second.closed
    first.connect()
    await first.delivered(2)
    expect(server.all).toHaveLength(1)
    expect(server.all[0]!.messages).toEqual(['a', 'b', 'c'])
    expect(server.all[0]!.numbers).toEqual([1, 2, 3])
  })

  test('whose file cannot be used is told at each attempt, and not before', async () => {
    const server = await serve()
    writeFileSync(name, 'this is no database, and long enough to be seen as none')
    const socket = connect(server)
    const error = await new Promise((resolve) => socket.on('error', resolve))
    expect(error).toMatchObject({ code: 'ERR_PROVIDER', cause: { code: 'ERR_SESSION_STORE' } })
    expect(server.all).toEqual([])
  })
})

describe('SIGKILL in the middle of a burst', () => {
  // beside node_modules, where the native package is found
  const script = fileURLToPath(new URL('../../../.cache/session-child.cjs', import.meta.url))
  const BURST = 1_000
  let child: ChildProcess | undefined

  beforeAll(async () => {
    await build({
      entryPoints: [fileURLToPath(new URL('child.ts', import.meta.url))],
      outfile: script,
      bundle: true,
      platform: 'node',
      target: 'node20',
      logLevel: 'error',
      external: ['better-sqlite3'],
      define: { 'import.meta.url': JSON.stringify(pathToFileURL(script).href) },
    })
  })
  afterAll(() => {
    child?.kill('SIGKILL')
    rmSync(script, { force: true })
  })

  test('nothing is lost, nothing comes twice, both ways', { timeout: 60_000 }, async () => {
    const server = await serve()
    const journal = path.join(folder, 'journal')
    const start = (run: number, burst: number): void => {
      const args = [script, server.url, name, journal, String(run), String(burst)]
      child = spawn(process.execPath, args, { stdio: 'inherit' })
    }
    const received = (): number => server.all[0]?.messages.length ?? 0
    const RUNS = 6
    let down = 0
    for (let run = 0; run < RUNS; run++) {
      const before = received()
      start(run, BURST)
      // in the middle: some are delivered, some on their way, some in the file
      await server.until(() => received() >= before + 150)
      for (let i = 0; i < 50; i++) server.all[0]!.send(`down ${++down}`)
      await server.until(() => received() >= before + 300)
      child!.kill('SIGKILL')
      await once(child!, 'exit')
    }
    start(RUNS, 1)
    await server.until(() => server.all[0]!.messages.at(-1) === `${RUNS}.0` && server.all[0]!.held === 0)
    child!.kill('SIGKILL')
    await once(child!, 'exit')

    const lines = readFileSync(journal, 'utf8').trim().split('\n')
    expect(lines.filter((line) => line.startsWith('lost'))).toEqual([])
    expect(server.all).toHaveLength(1)
    const { messages, numbers } = server.all[0]!
    expect(numbers).toEqual(numbers.map((_, index) => index + 1))
    // of each run: all that `send()` had taken, in order, once
    const sent = lines.filter((line) => line.startsWith('sent')).map((line) => line.slice(5))
    for (let run = 0; run <= RUNS; run++) {
      const own = messages.filter((message) => String(message).startsWith(`${run}.`))
      expect(own).toEqual(own.map((_, index) => `${run}.${index}`))
      const journaled = sent.filter((line) => line.startsWith(`${run}.`)).length
      expect(own.length).toBeGreaterThanOrEqual(journaled)
      // one may have been killed between send() and its journal
      expect(own.length).toBeLessThanOrEqual(journaled + 1)
    }
    // what was told and not yet noted is told again, with the same number
    const got = new Map<number, string>()
    for (const line of lines.filter((line) => line.startsWith('got'))) {
      const [, number, ...text] = line.split(' ')
      const known = got.get(Number(number))
      if (known === undefined) expect(Number(number)).toBe(got.size + 1)
      else expect(known).toBe(text.join(' '))
      got.set(Number(number), text.join(' '))
    }
    expect([...got.values()]).toEqual(Array.from({ length: down }, (_, i) => `down ${i + 1}`))
  })
})
