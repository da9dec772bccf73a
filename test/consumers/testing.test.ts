/** The samples of docs/testing.md, each run by the test runner that it is for, with the package as it is installed. */
import { spawnSync } from 'node:child_process'
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { transformSync } from 'esbuild'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Home, makeHome, root } from './home.js'
import { samplesOf } from './fences.js'

const modules = ['vitest', '@jest', 'jest', 'mock-socket', 'jest-websocket-mock', 'msw', 'jsdom']
const files = samplesOf('docs/testing.md').flatMap(({ code }) => {
  const name = /^\/\/ (\S+\.js)\n/.exec(code)?.[1]
  return name ? [{ name, code }] : []
})

let home: Home
/** As they are, and compiled to CommonJS, as the transforms of jest do. */
let given: string
let compiled: string
beforeAll(() => {
  home = makeHome()
  given = path.join(home.dir, 'given')
  compiled = path.join(home.dir, 'compiled')
  for (const dir of [given, compiled]) mkdirSync(dir)
  writeFileSync(path.join(given, 'package.json'), '{ "type": "module" }')
  writeFileSync(path.join(compiled, 'package.json'), '{}')
  for (const name of modules)
    symlinkSync(path.join(root, 'node_modules', name), path.join(home.dir, 'node_modules', name))
  for (const { name, code } of files) {
    writeFileSync(path.join(given, name), code)
    writeFileSync(path.join(compiled, name), transformSync(code, { format: 'cjs', target: 'node20' }).code)
  }
})
afterAll(() => home.remove())

const jest = (environment: 'node' | 'jsdom'): string[] => [
  ...[path.join(root, 'node_modules/jest/bin/jest.js'), '--transform', '{}'],
  ...['--env', path.join(root, `node_modules/jest-environment-${environment}`), '--'],
]

/** How to run the samples of a runner, and from where. */
const ways: readonly (readonly [way: string, of: string, from: () => string, args: string[]])[] = [
  ['node --test', 'node', () => given, ['--test']],
  ['vitest', 'vitest', () => given, [path.join(root, 'node_modules/vitest/vitest.mjs'), 'run']],
  ['jest, in node', 'jest', () => compiled, jest('node')],
  ['jest, in jsdom', 'jest', () => compiled, jest('jsdom')],
  ['jest, as modules', 'jest', () => given, ['--experimental-vm-modules', '--no-warnings', ...jest('node')]],
]

const runs = ways.flatMap(([way, of, from, args]) =>
  files
    .filter(({ name }) => name.includes(`.${of}.test.`))
    .map(({ name }) => [name, way, from, args] as const),
)

test('each sample but the application is run', () => {
  expect(new Set(runs.map(([name]) => name)).size).toBe(files.length - 1)
  expect(files.length).toBe(7)
})

test.each(runs)('%s passes in %s', (name, _way, from, args) => {
  const own = Object.entries(process.env).filter(([key]) => !/^(VITEST|JEST|NODE_OPTIONS)/.test(key))
  const { status, stdout, stderr } = spawnSync(process.execPath, [...args, name], {
    cwd: from(),
    env: { ...Object.fromEntries(own), NO_COLOR: '1' },
    encoding: 'utf8',
    timeout: 100_000,
  })
  expect(status, stdout + stderr).toBe(0)
  // one test, and not none
  expect(stdout + stderr).toMatch(/# pass 1|Tests +1 passed|Tests: +1 passed/)
})
