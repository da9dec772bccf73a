/** The documents of the tarball, as they are unpacked: every relative link and every anchor leads somewhere. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Home, makeHome } from './home.js'

let home: Home
beforeAll(() => {
  home = makeHome()
})
afterAll(() => home.remove())

/** The text without its code, in which brackets mean something else. */
const prose = (markdown: string): string =>
  markdown
    .replace(/^(```+|~~~+)[^]*?^\1[^\n]*$/gm, '')
    .replace(/(`+)[^`][^]*?\1/g, (code) => code.replace(/[^\n]/g, 'x'))

/** The targets of a page's links, images and HTML attributes. */
function targetsOf(markdown: string): string[] {
  const text = prose(markdown)
  return [
    ...[...text.matchAll(/\]\(\s*<?([^)\s>]+)/g)].map(([, target]) => target!),
    ...[...text.matchAll(/^\[[^\]]+\]:\s*<?(\S+?)>?(?:\s|$)/gm)].map(([, target]) => target!),
    ...[...text.matchAll(/\s(?:href|src|srcset)="([^"]+)"/g)].map(([, target]) => target!),
  ]
}

/** The anchors of a page, as GitHub and VitePress make them of its headings. */
function anchorsOf(markdown: string): Set<string> {
  const anchors = new Set<string>()
  // the code in a heading is a part of it
  const text = markdown.replace(/^(```+|~~~+)[^]*?^\1[^\n]*$/gm, '')
  for (const [, heading = ''] of text.matchAll(/^#{1,6}\s+(.+?)\s*#*$/gm)) {
    const own = /\{#([\w-]+)\}/.exec(heading)?.[1]
    const slug = heading
      .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .trim()
      .replace(/\s/g, '-')
    let anchor = own ?? slug
    for (let n = 1; anchors.has(anchor); n++) anchor = `${slug}-${n}`
    anchors.add(anchor)
  }
  for (const [, id] of markdown.matchAll(/\s(?:id|name)="([^"]+)"/g)) anchors.add(id!)
  return anchors
}

/** What is wrong with the links of a folder's pages, by page. */
function deadLinks(folder: string): string[] {
  const pages = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(
    (file) => file.endsWith('.md') && !/THIRD-PARTY/.test(file),
  )
  expect(pages.length).toBeGreaterThan(40)
  return pages.flatMap((page) => {
    const from = path.join(folder, page)
    const markdown = readFileSync(from, 'utf8')
    return targetsOf(markdown)
      .filter((target) => !/^(https?|mailto):/.test(target))
      .filter((target) => {
        const [file = '', anchor] = decodeURI(target).split('#')
        const to = file === '' ? from : path.join(path.dirname(from), file)
        // a page at home in a site may leave its ending out; a file in a folder may not
        if (path.relative(folder, to).startsWith('..') || !existsSync(to) || !statSync(to).isFile())
          return true
        return anchor !== undefined && !anchorsOf(readFileSync(to, 'utf8')).has(anchor)
      })
      .map((target) => `${page}: ${target}`)
  })
}

test('no document of the tarball has a dead link or anchor', () => {
  expect(deadLinks(path.join(home.dir, 'node_modules/everopen'))).toEqual([])
})

test('a file of the tests or sources that a document names is there', () => {
  const folder = path.join(home.dir, 'node_modules/everopen')
  const root = new URL('../..', import.meta.url).pathname
  const named = home.files
    .filter((file) => file.endsWith('.md'))
    .flatMap((file) =>
      [
        ...readFileSync(path.join(folder, file), 'utf8').matchAll(
          /`((?:test|src|e2e|bench|demo|scripts)\/[\w./-]+)`/g,
        ),
      ].map(([, name]) => name!),
    )
  expect(named.length).toBeGreaterThan(30)
  expect(named.filter((name) => !existsSync(path.join(root, name)))).toEqual([])
})

describe('the check itself', () => {
  test('finds links, and not code', () =>
    expect(targetsOf('[a](b.md#c) `[d](e)` <img src="f.png">\n\n```js\na[0](x)\n```\n[g]: h.md')).toEqual([
      'b.md#c',
      'h.md',
      'f.png',
    ]))
  test('knows anchors', () =>
    expect([...anchorsOf('# One, two\n## `a.b()`\n## One two\n## Über (x)')]).toEqual([
      'one-two',
      'ab',
      'one-two-1',
      'über-x',
    ]))
})
