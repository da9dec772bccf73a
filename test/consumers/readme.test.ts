/**
 * Every sample of the README and of the documentation runs, from the package as it is installed. What it promises:
 * test/docs.
 */
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Home, makeHome, root } from './home.js'
import { fencesOf, samplesOf } from './fences.js'
import { runSamples } from './samples.js'

/** Samples that need more than a server that answers: by page and number, and what runs the like of them. */
const shown: Readonly<Record<string, Readonly<Record<number, string>>>> = {
  'docs/session-server.md': {
    1: 'needs Redis: test/docs/session-server.test.ts, with a store in memory',
    3: 'a part of a program: test/server/session.test.ts',
  },
  'docs/recipes/frameworks.md': Object.fromEntries(
    [1, 2, 3, 4].map((sample) => [sample, 'needs a framework: npm run test:frameworks']),
  ),
  'docs/recipes/shutdown.md': { 1: 'needs a signal: test/docs/recipes/shutdown.test.ts' },
  'docs/tabs.md': { 1: 'needs a page: e2e/tabs.spec.ts', 2: 'needs a page: e2e/tabs.spec.ts' },
  'docs/testing.md': Object.fromEntries(
    [2, 3, 4, 5, 6, 7, 8].map((sample) => [sample, 'a runner runs it: test/consumers/testing.test.ts']),
  ),
  'docs/sessions.md': { 2: 'needs better-sqlite3 in the application: test/session/file' },
}

const pages = readdirSync(path.join(root, 'docs'), { recursive: true, encoding: 'utf8' })
  .map((file) => `docs/${file.replaceAll(path.sep, '/')}`)
  .filter((file) => file.endsWith('.md') && !/^docs\/(api|\.vitepress)\//.test(file))
  .sort()

let home: Home
beforeAll(() => {
  home = makeHome()
})
afterAll(() => home.remove())

describe('README', () => {
  test('has samples', () => expect(samplesOf('README.md').length).toBeGreaterThan(4))
  runSamples('README.md', () => home)

  test('names commands that exist', () => {
    const { scripts } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as {
      scripts: Record<string, string>
    }
    const commands = fencesOf('README.md')
      .filter(({ language }) => language === 'sh')
      .map(({ code }) => code.trim())
    expect(commands.filter((command) => !command.includes('npx everopen'))).toEqual(
      expect.arrayContaining(['npm run demo', 'npm test', 'npm install everopen']),
    )
    expect(Object.keys(scripts)).toEqual(expect.arrayContaining(['demo', 'test']))
  })
})

describe.concurrent('the documentation', () => {
  for (const page of pages) runSamples(page, () => home, shown[page])
})
