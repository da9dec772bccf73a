/**
 * `npm run bench:pages`: messages a second in a page, beside the engine's own `WebSocket`, in each engine that is found.
 * As in `main.ts`, all take their turn in each round, and a figure is the median of the ratios, with their quartiles.
 * `--rounds`, `--count`, `--only` (part of a row's name) and `--engine` make it shorter.
 */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { chromium, firefox, webkit } from '@playwright/test'
import { launchOptions } from '../../e2e/launch.js'
import { startSite } from '../../e2e/site.js'
import { launchWebKit } from '../../e2e/webkit.js'
import { type EngineName, findBrowser } from '../../scripts/browsers.mjs'
import { ensureBuilt } from '../../scripts/setup.mjs'
import { quartiles, ratio, table } from '../report.js'
import { measure, type PageLoad } from './page.js'

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '15' },
    count: { type: 'string', default: '20000' },
    only: { type: 'string', default: '' },
    engine: { type: 'string', default: '' },
  },
})
const rounds = Number(values.rounds)
const contenders = ['engine', 'socket', 'face'] as const
const rows: readonly Pick<PageLoad, 'way' | 'kind' | 'size'>[] = (['receive', 'send'] as const).flatMap(
  (way) => (['text', 'binary'] as const).map((kind) => ({ way, kind, size: 100 })),
)

interface Tab {
  measure(load: PageLoad): Promise<number>
  close(): Promise<void>
}

await ensureBuilt()
const server = fork(fileURLToPath(new URL('server.mjs', import.meta.url)), { execArgv: [] })
const [port] = (await once(server, 'message')) as [number]
// what runs this file wraps functions in a helper of that name, which a page has not
const helper = '<script>globalThis.__name = (given) => given</script>'
const site = await startSite({ '/': `${helper}<script src="/dist/everopen.min.js"></script>` }, 0)
const lines: string[][] = []
try {
  for (const engine of ['chromium', 'firefox', 'webkit'] as const) {
    if (!engine.includes(values.engine)) continue
    const tab = await open(engine)
    if (!tab) {
      lines.push([`${engine}: not found`])
      continue
    }
    try {
      for (const row of rows) {
        const name = `${engine}: ${row.way} ${row.size} B ${row.kind}`
        if (name.includes(values.only)) lines.push([name, ...(await compare(tab, row, name))])
      }
    } finally {
      await tab.close()
    }
  }
} finally {
  server.kill()
  await site.stop()
}
process.stderr.write('\r')
console.log(table(['', "the engine's own", 'everopen', 'everopen, as a WebSocket'], lines))

async function compare(tab: Tab, row: (typeof rows)[number], name: string): Promise<string[]> {
  const rates: number[][] = []
  // once to warm up
  for (let round = 0; round <= rounds; round++) {
    process.stderr.write(`\r${name}: round ${round} of ${rounds} `)
    const rate: number[] = []
    for (const contender of contenders)
      rate.push(
        await tab.measure({ ...row, contender, count: Number(values.count), url: `ws://127.0.0.1:${port}/` }),
      )
    if (round > 0) rates.push(rate)
  }
  const own = quartiles(rates.map(([rate]) => rate!))[1]
  return [
    `${(own / 1_000).toFixed(0)} k/s`,
    ...[1, 2].map((contender) => ratio(rates.map((rate) => rate[contender]! / rate[0]!))),
  ]
}

async function open(engine: EngineName): Promise<Tab | undefined> {
  const found = findBrowser(engine)
  if (!found) return undefined
  if (engine === 'webkit' && !found.own) {
    const { driver, close } = await launchWebKit(found.executablePath)
    await driver.get(site.origin)
    return {
      close,
      measure: (load) =>
        driver.executeAsyncScript(`(${String(measure)})(arguments[0]).then(arguments[1])`, load),
    }
  }
  const browser = await { chromium, firefox, webkit }[engine].launch(launchOptions(engine))
  const page = await browser.newPage()
  await page.goto(site.origin)
  return { measure: (load) => page.evaluate(measure, load), close: () => browser.close() }
}
