/** The package itself: what is in it, what it says of itself, and what the script tag gets. */
import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { builtinModules } from 'node:module'
import path from 'node:path'
import vm from 'node:vm'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { withBuild } from '../../scripts/readme.js'
import { type Home, makeHome, root } from './home.js'

const read = (file: string): string => readFileSync(path.join(root, file), 'utf8')

let home: Home
beforeAll(() => {
  home = makeHome()
})
afterAll(() => home.remove())

/** Both print what is wrong and exit with a status: execFileSync throws with it. */
test.each([
  // it suggests to leave the field `browser` out, which bundlers without `exports` need
  ['publint', ['publint', '--strict', '--level', 'warning']],
  ['are the types wrong', ['attw', '--pack', '.', '--no-color']],
])('%s finds nothing', (_, args) => {
  const out = execFileSync('npx', ['--no-install', ...args], {
    cwd: root,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  expect(out).toMatch(/All good!|No problems found/)
})

test('the tarball holds the build and the documents, and nothing else', () => {
  const strangers = home.files.filter(
    (file) =>
      !/^(dist\/THIRD-PARTY\.md|dist\/[\w./-]+\.(js|cjs|d\.ts|d\.cts|map|1)|docs\/[\w./-]+|[A-Z]+\.md|LICENSE|package\.json)$/.test(
        file,
      ),
  )
  expect(strangers).toEqual([])
  expect(home.files).toEqual(
    expect.arrayContaining([
      'README.md',
      'LICENSE',
      'SECURITY.md',
      'dist/THIRD-PARTY.md',
      'CHANGELOG.md',
      'dist/index.d.ts',
      'dist/index.d.cts',
      'dist/everopen.min.js',
      'dist/everopen.1',
      'docs/getting-started.md',
      'dist/node/proxy.js',
      'dist/node/proxy.cjs',
      'dist/proxy.d.ts',
      'dist/proxy.d.cts',
      'dist/node/server.js',
      'dist/node/server.cjs',
      'dist/server.d.ts',
      'dist/server.d.cts',
      'dist/node/server-redis.js',
      'dist/node/server-redis.cjs',
      'dist/server-redis.d.ts',
      'dist/server-redis.d.cts',
    ]),
  )
})

test('the dependencies are the three, and whoever has use for them brings the optional ones', () => {
  const { dependencies, peerDependencies, peerDependenciesMeta, optionalDependencies } = JSON.parse(
    read('package.json'),
  ) as Record<string, object>
  expect(Object.keys(dependencies ?? {}).sort()).toEqual(['isomorphic-ws', 'mitt', 'ws'])
  expect(optionalDependencies).toBeUndefined()
  expect(Object.keys(peerDependencies ?? {})).toEqual(
    expect.arrayContaining(['better-sqlite3', 'react', 'redis', 'socks', 'vue']),
  )
  for (const name of Object.keys(peerDependencies ?? {}))
    expect(peerDependenciesMeta).toHaveProperty([name], { optional: true })
})

test('the lockfile records no download address', () => {
  expect(read('package-lock.json')).not.toMatch(/"resolved"/)
})

/** What the build made, by a pattern of its path below dist. */
const built = (pattern: RegExp): string[] =>
  readdirSync(path.join(root, 'dist'), { recursive: true, encoding: 'utf8' })
    .filter((file) => pattern.test(file))
    .map((file) => `dist/${file}`)

/** Whom a module asks for, beside its own neighbours. */
const asks = (code: string): string[] =>
  [...code.matchAll(/(?:\bfrom|\brequire\(|\bimport(?:\()?) ?['"]([^'".\s][^'"\s]*)['"]/g)].map(
    ([, name]) => name!,
  )

/** What the entries that are named after them ask for, and no other. */
const frameworks: Readonly<Record<string, string[]>> = { react: ['react'], vue: ['vue'], redis: ['redis'] }
const askedBy = (file: string): string[] => frameworks[/(\w+)\.[\w.]+$/.exec(file)![1]!] ?? []

test('what is built for browsers asks for nobody but its framework, and has nothing of ws', () => {
  const files = [...built(/^browser\/.*js$/), 'dist/everopen.min.js']
  expect(files.length).toBeGreaterThan(2)
  for (const file of files) {
    expect(asks(read(file))).toEqual(askedBy(file))
    expect(read(file)).not.toMatch(/Sec-WebSocket-Key/)
  }
})

test('mitt is bundled for Node', () => {
  for (const file of built(/^node\/.*js$/)) expect(asks(read(file))).not.toContain('mitt')
})

test('every entry is there for each runtime, and before the condition that it shares with others', () => {
  const {
    exports,
    browser,
    'react-native': native,
  } = JSON.parse(read('package.json')) as {
    exports: Record<string, string | Record<string, unknown>>
    browser: Record<string, string>
    'react-native': string
  }
  expect(native).toBe('./dist/portable/index.js')
  for (const extension of ['js', 'cjs'])
    expect(browser[`./dist/node/index.${extension}`]).toBe(`./dist/browser/index.${extension}`)
  for (const [entry, targets] of Object.entries(exports)) {
    if (typeof targets === 'string' || !('browser' in targets || 'node' in targets)) continue
    const conditions = Object.keys(targets)
    const own = ['bun', 'deno', 'react-native', 'workerd'].map((name) => conditions.indexOf(name))
    const shared = ['browser', 'node'].map((name) => conditions.indexOf(name))
    expect(own, entry).not.toContain(-1)
    expect(Math.max(...own), entry).toBeLessThan(Math.min(...shared))
  }
})

test('the builds for runtimes of their own stand alone', () => {
  for (const file of ['dist/portable/index.js', 'dist/portable/index.cjs'])
    expect(read(file)).not.toMatch(/['"](ws|isomorphic-ws|node:[a-z]+)['"]/)
  for (const file of ['dist/with-ws/index.cjs', 'dist/with-ws/proxy.cjs']) {
    expect(read(file)).not.toMatch(/require\(['"](ws|isomorphic-ws)['"]\)|WS_NO_/)
    expect(read(file)).toContain('Permission is hereby granted, free of charge')
  }
})

test('the command has everything but ws and the package itself in its bundle', () => {
  const code = read('dist/cli.js')
  const named = [
    ...code.matchAll(/^import\b[^;]*?["']([^"']+)["'];|[;\n]import[^;(]*?from\s?["']([^"']+)["']/g),
  ]
  const strangers = named
    .map(([, one, other]) => (one ?? other)!)
    .filter((name) => !builtinModules.includes(name.replace('node:', '')))
  expect([...new Set(strangers)].sort()).toEqual(['./node/index.js', 'ws'])
  expect(code).toMatch(/^#!\/usr\/bin\/env node\n/)
  expect(code).toContain('The MIT License')
})

test('what is in the build of others is listed, with its license', () => {
  const page = read('dist/THIRD-PARTY.md')
  const listed = [...page.matchAll(/^## (\S+) [\d.]+$/gm)].map(([, name]) => name!)
  const sources = built(/\.map$/).flatMap((file) => (JSON.parse(read(file)) as { sources: string[] }).sources)
  const mapped = sources.flatMap((file) => /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(file)?.[1] ?? [])
  expect(mapped).toContain('mitt')
  expect(mapped.filter((name) => !listed.includes(name))).toEqual([])
  // the command has no map; these are what it is made with
  expect(listed).toEqual(expect.arrayContaining(['commander', 'socks', 'smart-buffer']))
  for (const part of page.split(/^## /m).slice(1)) {
    expect(part).toMatch(/\n(MIT|ISC|BSD-[23]-Clause|0BSD|Apache-2\.0)\. In `/)
    expect(part).toMatch(/```text\n[^]*copyright/i)
  }
})

test('the public types name no one else’s', () => {
  const files = built(/\.d\.c?ts$/)
  expect(files.length).toBeGreaterThanOrEqual(4)
  for (const file of files) {
    expect([...new Set(asks(read(file)))]).toEqual(askedBy(file))
    expect(read(file)).not.toMatch(/reference types/)
  }
})

test('the man page is made from the page of the command', () => {
  const page = read('dist/everopen.1')
  // no Markdown is left, and no link to a page that a manual does not have
  expect(page).not.toMatch(/`|\.md\b/)
  expect(page).toMatch(/^\.TH "EVEROPEN" "1" ""/)
  expect(page).toContain('\\-\\-eof\\-wait')
})

// the documents that the README links to are in the tarball
test('the README has no dead link', () => {
  const links = [...read('README.md').matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map(([, file]) => file!)
  expect(links.length).toBeGreaterThan(2)
  expect(links.filter((file) => !home.files.includes(file))).toEqual([])
})

test('the script tag of the README has the integrity and the size of this build: npm run readme', () => {
  expect(withBuild(read('README.md'))).toBe(read('README.md'))
})

test('the script tag’s build defines one global', () => {
  class FakeWebSocket {}
  const scope: Record<string, unknown> = {
    WebSocket: FakeWebSocket,
    EventTarget,
    Event,
    URL,
    AbortController,
    setTimeout,
    clearTimeout,
    performance,
    queueMicrotask,
  }
  vm.runInNewContext(`${read('dist/everopen.min.js')};globalThis.result = everopen`, scope)
  const everopen = scope.result as Record<string, unknown>
  expect(Object.keys(everopen)).toEqual(
    expect.arrayContaining(['ReconnectingSocket', 'ReconnectingWebSocket']),
  )
})
