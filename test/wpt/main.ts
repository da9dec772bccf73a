/**
 * `npm run test:wpt -- <checkout>`: the tests of WebSocket in a checkout of web-platform-tests, with its own server, for
 * the engine's own class and for everopen's in its place, test by test. Fails where a test passes for the former only.
 * The table is also written into docs/where-it-runs.md; with names of engines behind the checkout, only those are tried,
 * and nothing is written. What each test gave is in `.cache/wpt`.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { ensureBrowsers, type EngineName } from '../../scripts/browsers.mjs'
import { NODE } from '../runtimes/versions.js'
import { print, publish } from '../runtimes/table.js'
import { ensureHosts, type Page, pagesOf, serve } from './checkout.js'
import { launch, type Visitor } from './engines.js'
import { forNode, launchNode } from './node.js'
import { below, pagesWith, passed, replace } from './compare.js'
import type { Outcomes } from './report.js'
import { run, type Run } from './run.js'
import { script } from './script.js'

type Which = 'everopen' | 'own'

interface Engine {
  readonly name: string
  readonly pages: (page: Page) => boolean
  launch(which: Which): Promise<Visitor>
  /** Whether it has a class of its own. */
  readonly own: boolean
}

const [given, ...names] = process.argv.slice(2)
if (given === undefined) throw new Error('npm run test:wpt -- <checkout of web-platform-tests> [engine …]')
const checkout = path.resolve(given)

const browser = (name: string): Engine => ({
  name,
  pages: () => true,
  launch: () => launch(name.toLowerCase() as EngineName),
  own: true,
})
const nodeOf = (version: string): Engine => ({
  name: `Node ${version}`,
  pages: forNode,
  launch: async (which) => launchNode(version, which, checkout),
  own: Number(version.split('.')[0]) >= 22,
})
const engines = [
  ...['Chromium', 'Firefox', 'WebKit'].map(browser),
  ...[NODE.least, NODE.before, NODE.stable, NODE.newest].map(nodeOf),
].filter(
  ({ name }) =>
    names.length === 0 || names.some((start) => name.toLowerCase().startsWith(start.toLowerCase())),
)

// so that the servers end too
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1))

await ensureHosts()
ensureBrowsers()
const pages = await pagesOf(checkout)
mkdirSync('.cache/wpt', { recursive: true })
const servers = { own: await serve(checkout), everopen: await serve(checkout, script) }
const rows: string[] = []
let failed = 0
try {
  for (const engine of engines) {
    const started = Date.now()
    const chosen = pages.filter(engine.pages)
    const take = (which: Which, some: readonly Page[], sideBySide?: number): Promise<Run> =>
      // in Node the class is put in by the process
      run(
        `${engine.name}, ${which === 'own' ? 'its own class' : which}`,
        some,
        servers[engine.name.startsWith('Node') ? 'own' : which],
        () => engine.launch(which),
        sideBySide,
      )
    const own = engine.own ? (await take('own', chosen)).outcomes : undefined
    const { version, outcomes } = await take('everopen', chosen)
    if (own) {
      // both again, alone: beside others a test may be late
      const again = pagesWith(below(outcomes, own), chosen)
      for (const [which, whole] of [
        ['own', own],
        ['everopen', outcomes],
      ] as const)
        replace(whole, again, (await take(which, again, 1)).outcomes)
    }
    const worse = below(outcomes, own)
    failed += worse.length
    keep(engine.name, { own, everopen: outcomes })
    const title = engine.name.startsWith('Node') ? engine.name : `${engine.name} ${version}`
    rows.push(`| ${title} | ${passed(outcomes)} | ${own ? passed(own) : ''} | ${own ? worse.length : ''} |`)
    console.log(`${title}: ${passed(outcomes)}, ${((Date.now() - started) / 1000).toFixed(0)} s`)
    for (const test of worse) console.log(`  only the own class passes ${test}\n    ${outcomes.get(test)}`)
  }
} finally {
  await servers.own.stop()
  await servers.everopen.stop()
}

const text = [
  '| engine | everopen | own class | passed by the own class only |',
  '| :-- | :-- | :-- | :-- |',
  ...rows,
].join('\n')
await print(text)
if (names.length === 0) await publish('wpt', text)
process.exitCode = failed > 0 || engines.length === 0 ? 1 : 0

function keep(name: string, { own, everopen }: { own: Outcomes | undefined; everopen: Outcomes }): void {
  const tests = [...everopen].map(([test, outcome]) => ({ test, everopen: outcome, own: own?.get(test) }))
  writeFileSync(`.cache/wpt/${name}.json`, JSON.stringify(tests, undefined, 1))
}
