/**
 * Shows that the fuzz can find what it is for: the faults of guesses, planted one by one into a copy of the sources, are
 * caught within a few runs.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { build } from 'esbuild'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { run, type SocketClass } from './run.js'

const root = fileURLToPath(new URL('../../', import.meta.url))
const src = path.join(root, 'src')

type Change = readonly [file: string, from: string, to: string]

const bugs: Readonly<Record<string, readonly Change[]>> = {
  'what the kernel refuses at once counts as sent': [
    ['platform/node/counted.ts', 'if (!stream.writable) return false', ''],
    ['platform/node/counted.ts', 'this.#refused = Math.min(this.#refused, this.#gathered)', ';'],
  ],
  'what ws holds for compression or a Blob counts as sent': [
    ['platform/node/counted.ts', '...[...this.#held].filter((held) => held !== this.#unreadable),', ''],
  ],
  'what the stream queues counts as sent': [
    ['platform/node/counted.ts', '...[...this.#queued].filter(({ start }) => start >= given),', ''],
  ],
  'what is under way counts as not sent': [
    ['platform/node/counted.ts', "if (idle && this.#turn !== 'gathering') return true", ''],
    ['platform/node/counted.ts', '({ start }) => start >= given', '() => true'],
  ],
  'control frames are not counted': [
    [
      'platform/node/counted.ts',
      'this.#end += sizeOf(chunk)',
      'if (sizeOf(chunk) !== 6 && sizeOf(chunk) !== 14) this.#end += sizeOf(chunk)',
    ],
  ],
  'a Blob whose write fails is unreadable': [
    [
      'platform/node/counted.ts',
      'if (error && this.#held.peek() === held && isBlob(held.data) && !this.#stream.destroyed)',
      'if (error && isBlob(held.data))',
    ],
  ],
  'buffers are kept as they are, and not as they were': [
    ['platform/node/counted.ts', 'this.#queued.push({ data: copyOf(data),', 'this.#queued.push({ data,'],
    [
      'delivery/sender.ts',
      'const message = { data: copyOf(data), expires }',
      'const message = { data, expires }',
    ],
  ],
  'the class of ws is believed what it says of writes under way': [
    ['platform/node.ts', 'return isWs(WebSocket)', 'return false as boolean'],
    ['platform/node.ts', 'new WholeWrites()', 'new Latest()'],
    ['platform/node.ts', 'import { WholeWrites }', 'import { Latest }'],
  ],
  'what comes back goes behind what waits': [
    ['delivery/queue.ts', 'this.#items = [...items, ...this]', 'this.#items = [...this, ...items]'],
  ],
  'what comes back is forgotten': [['delivery/sender.ts', 'this.#outbox.restore(', 'void (']],
}

let dir: string
beforeAll(() => {
  // within the project, where `ws` is found
  mkdirSync(path.join(root, '.cache'), { recursive: true })
  dir = mkdtempSync(path.join(root, '.cache', 'planted-'))
})
afterAll(() => rmSync(dir, { recursive: true, force: true }))

/** The socket with some changes to its sources. Each change must find its place. */
async function load(name: string, changes: readonly Change[]): Promise<SocketClass> {
  const texts = new Map<string, string>()
  for (const [file, from, to] of changes) {
    const full = path.join(src, file)
    const text = texts.get(full) ?? readFileSync(full, 'utf8')
    if (!text.includes(from)) throw new Error(`${file} has no: ${from}`)
    texts.set(full, text.replace(from, to))
  }
  const file = path.join(dir, `${name.replace(/\W+/g, '-')}.mjs`)
  const { outputFiles } = await build({
    entryPoints: [path.join(src, 'socket/socket.ts')],
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'node',
    packages: 'external',
    plugins: [
      {
        name: 'plant',
        setup({ onResolve, onLoad }) {
          onResolve({ filter: /^#platform$/ }, () => ({ path: path.join(src, 'platform/node.ts') }))
          onLoad({ filter: /\.ts$/ }, ({ path: from }) => {
            const contents = texts.get(from)
            return contents === undefined ? undefined : { contents, loader: 'ts' }
          })
        },
      },
    ],
  })
  writeFileSync(file, outputFiles[0]?.contents ?? '')
  const module = (await import(/* @vite-ignore */ pathToFileURL(file).href)) as {
    ReconnectingSocket: SocketClass
  }
  return module.ReconnectingSocket
}

/** Runs until the accounts do not balance. */
async function hunt(Socket: SocketClass, runs: number): Promise<string | undefined> {
  for (let seed = 1; seed <= runs; seed += 4) {
    const lanes = await Promise.allSettled([0, 1, 2, 3].map((lane) => run(Socket, seed + lane)))
    for (const lane of lanes)
      if (lane.status === 'rejected') return `${(lane.reason as Error).message}, seed ${seed}`
  }
  return undefined
}

describe('planted bugs are caught', () => {
  for (const [name, changes] of Object.entries(bugs)) {
    test(name, { timeout: 200_000 }, async () => {
      const finding = await hunt(await load(name, changes), 200)
      console.log(`${name} — ${finding}`)
      expect(finding).toBeDefined()
    })
  }
})
