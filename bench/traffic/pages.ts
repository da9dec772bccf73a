/**
 * `npm run bench:pages`: messages a second in a page, beside the engine's own `WebSocket`, in each engine that is found.
 * All take their turn in each round, burst by burst, and a figure is the median of the ratios, with their quartiles.
 * `--rounds`, `--bursts`, `--only` (part of a row's name) and `--engine` make it shorter.
 */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { ensureBuilt } from '../../scripts/setup.mjs'
import { quartiles, ratio, table } from '../report.js'
import type { PageLoad, Rates } from './page.js'
import { openTab, type Tab } from './tab.js'

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '15' },
    bursts: { type: 'string', default: '20' },
    only: { type: 'string', default: '' },
    engine: { type: 'string', default: '' },
  },
})
const rounds = Number(values.rounds)
const bursts = Number(values.bursts)
const rows = (['receive', 'send'] as const).flatMap((way) =>
  (['text', 'binary'] as const).map((kind) => ({ way, kind, size: 100 })),
)
/** As many messages as each engine holds for a page that is busy, and as take it a few milliseconds. */
const amounts = {
  chromium: { burst: 500, part: 100 },
  firefox: { burst: 2_000, part: 500 },
  webkit: { burst: 2_000, part: 500 },
}
/** How long that takes to arrive, and some more, in ms. */
const BUSY = 40

await ensureBuilt()
const server = fork(fileURLToPath(new URL('server.mjs', import.meta.url)), { execArgv: [] })
const [port] = (await once(server, 'message')) as [number]
const lines: string[][] = []
try {
  for (const engine of ['chromium', 'firefox', 'webkit'] as const) {
    if (!engine.includes(values.engine)) continue
    const tab = await openTab(engine)
    if (!tab) {
      lines.push([`${engine}: not found`])
      continue
    }
    try {
      for (const row of rows) {
        const name = `${engine}: ${row.way} ${row.size} B ${row.kind}`
        if (name.includes(values.only))
          lines.push([name, ...(await compare(tab, { ...row, ...amounts[engine] }, name))])
      }
    } finally {
      await tab.close()
    }
  }
} finally {
  server.kill()
}
process.stderr.write('\r')
console.log(
  table(['', "the engine's own", "the engine's own, again", 'everopen', 'everopen, as a WebSocket'], lines),
)

async function compare(
  tab: Tab,
  row: Omit<PageLoad, 'bursts' | 'busy' | 'url'>,
  name: string,
): Promise<string[]> {
  const load = { ...row, bursts, busy: BUSY, url: `ws://127.0.0.1:${port}/` }
  const rates: Rates[] = []
  // once to warm up
  for (let round = 0; round <= rounds; round++) {
    process.stderr.write(`\r${name}: round ${round} of ${rounds} `)
    const rate = await tab.measure(load)
    if (round > 0) rates.push(rate)
  }
  const own = ({ engine, again }: Rates): number => (engine + again) / 2
  return [
    `${(quartiles(rates.map(own))[1] / 1_000).toFixed(0)} k/s`,
    ...(['again', 'socket', 'face'] as const).map((one) =>
      ratio(rates.map((rate) => rate[one] / (one === 'again' ? rate.engine : own(rate)))),
    ),
  ]
}
