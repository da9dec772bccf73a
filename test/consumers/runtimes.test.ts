/** The suite of behaviour on what is quickly installed; `npm run test:runtimes` has all of them. */
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ownClass, quick, served, servers } from '../runtimes/process.js'
import { BYTECODE } from '../runtimes/react-native.js'
import { names } from '../runtimes/rows.js'
import { all } from '../runtimes/runtimes.js'
import { tried } from '../runtimes/runtime.js'
import { startServer } from '../runtimes/server.js'
import { failures, table } from '../runtimes/table.js'
import { root } from './home.js'

let server: Awaited<ReturnType<typeof startServer>>
beforeAll(async () => {
  server = await startServer()
})
afterAll(() => server.stop())

// with the time to install it
test.each(quick.map((runtime) => [runtime.name, runtime] as const))(
  '%s',
  { timeout: 170_000 },
  async (_, runtime) => {
    const cells = await tried(runtime, server, await names())
    expect(Object.entries(cells).filter(([, { outcome }]) => outcome === 'failed')).toEqual([])
    expect(Object.values(cells).filter(({ outcome }) => outcome === 'passed').length).toBeGreaterThan(20)
  },
)

test.each(servers)('everopen/server on %s', { timeout: 170_000 }, async (_, where, outcome) => {
  const refused = expect.objectContaining({ name: 'InvalidArgumentError', argument: 'socket' }) as unknown
  expect(await served(where)).toEqual(outcome === 'works' ? null : refused)
})

test('Node’s own class in the place of ws, which is not loaded', { timeout: 170_000 }, async () => {
  expect(await ownClass(server)).toEqual({
    messages: ['queued', [1, 2], [3]],
    closes: ['4321 bye', '4321 bye', '1000 '],
    data: 'face',
    refused: ['InvalidArgumentError node.headers', 'InvalidArgumentError heartbeat'],
    loaded: false,
  })
})

test('a case that fails, and one that was said to be impossible and passes, are told', async () => {
  const lacks = { one: 'said to lack it', two: 'said to lack it' }
  const run = () => Promise.resolve({ one: null, two: 'no', three: 'broken', four: null })
  const rows = ['one', 'two', 'three', 'four', 'five']
  const cells = await tried({ name: 'a', lacks, run }, server, rows)
  expect(Object.values(cells).map(({ outcome }) => outcome)).toEqual([
    'failed',
    'not possible',
    'failed',
    'passed',
    'failed',
  ])
  expect(failures({ a: cells })).toBe(3)
  expect(table('', rows, { a: cells })).toContain('| two | – 2 |')
  const dead = { name: 'b', lacks, run: () => Promise.reject(new Error('cannot start')) }
  expect((await tried(dead, server, ['three'])).three).toEqual({ outcome: 'failed', reason: 'cannot start' })
})

test('the table in the documents has every runtime and every case', async () => {
  const page = readFileSync(path.join(root, 'docs/where-it-runs.md'), 'utf8')
  const [, , given = ''] = /<!-- runtimes:(.+?)-->(.+?)<!-- end of runtimes -->/s.exec(page) ?? []
  const [head = '', , ...rows] = given.trim().split('\n\n')[0]!.split('\n')
  const cellsOf = (line: string) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim())
  expect(cellsOf(head).slice(1)).toEqual(all.map(({ name }) => name))
  expect(rows.map((line) => cellsOf(line)[0])).toEqual([...(await names()), BYTECODE])
  expect(given).not.toContain('✗')
})
