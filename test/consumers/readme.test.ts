/** Every sample of the README and of the documentation runs, from the package as it is installed. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Home, makeHome, root } from './home.js'
import { fencesOf, runSamples, samplesOf } from './samples.js'

/** Pages whose samples need more than a server that answers, and the tests that run them. */
const elsewhere: Readonly<Record<string, string>> = { 'docs/tabs.md': 'e2e/tabs.spec.ts' }

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
  for (const page of pages) if (!(page in elsewhere)) runSamples(page, () => home)

  test.each(Object.entries(elsewhere))('%s is run by %s', (page, file) => {
    expect(existsSync(path.join(root, page))).toBe(true)
    expect(readFileSync(path.join(root, file), 'utf8')).toContain(path.basename(page))
  })
})
