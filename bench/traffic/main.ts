/**
 * `npm run bench`: messages a second, and memory of an idle socket, beside bare `ws` and the peers. In each round all
 * take their turn, and each figure is compared with that of bare `ws` in the same round: the table has the median of
 * these ratios, with their quartiles. `--rounds`, `--count` and `--only` (part of a row's name) make it shorter.
 */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { ensureBuilt } from '../../scripts/setup.mjs'
import { quartiles, ratio, table } from '../report.js'
import type { Open } from './clients.js'
import { type Load, receiving, sending } from './measure.js'

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '15' },
    count: { type: 'string', default: '100000' },
    only: { type: 'string', default: '' },
    idle: { type: 'string', default: '' },
    url: { type: 'string', default: '' },
  },
})
const rounds = Number(values.rounds)
const count = Number(values.count)
/** Sockets whose memory is measured. */
const IDLE = 1_000

type Measure = (open: Open, url: string) => Promise<number>

const load = (kind: Load['kind'], size: number, burst = 1): Load => ({
  kind,
  size,
  burst,
  // a large one takes longer
  count: Math.max(100, Math.ceil(count / Math.max(1, size / 1_000))),
})

const rows: Readonly<Record<string, Measure>> = {
  'receive 100 B text': (open, url) => receiving(open, url, load('text', 100)),
  'receive 100 B binary': (open, url) => receiving(open, url, load('binary', 100)),
  'receive 64 KiB binary': (open, url) => receiving(open, url, load('binary', 65_536)),
  'send 100 B text': (open, url) => sending(open, url, load('text', 100)),
  'send 100 B binary': (open, url) => sending(open, url, load('binary', 100)),
  'send 100 B text, 3 a turn': (open, url) => sending(open, url, load('text', 100, 3)),
  'send 100 B binary, 3 a turn': (open, url) => sending(open, url, load('binary', 100, 3)),
  'send 100 B text, 100 a turn': (open, url) => sending(open, url, load('text', 100, 100)),
  'send 64 KiB binary': (open, url) => sending(open, url, load('binary', 65_536)),
}

if (values.idle !== '') {
  // a process of its own: what it holds is this client's
  const { clients } = await import('./clients.js')
  process.send?.(await memory(clients[values.idle]!, values.url))
  process.exit()
} else await compare()

async function compare(): Promise<void> {
  await ensureBuilt()
  const server = fork(fileURLToPath(new URL('server.mjs', import.meta.url)), { execArgv: [] })
  const [port] = (await once(server, 'message')) as [number]
  const url = `ws://127.0.0.1:${port}/`
  const { clients } = await import('./clients.js')
  const names = Object.keys(clients)
  const lines: string[][] = []
  for (const [row, measure] of Object.entries(rows)) {
    if (!row.includes(values.only)) continue
    const rates: number[][] = []
    // once to warm up
    for (let round = 0; round <= rounds; round++) {
      process.stderr.write(`\r${row}: round ${round} of ${rounds} `)
      const rate: number[] = []
      for (const name of names) rate.push(await measure(clients[name]!, url))
      if (round > 0) rates.push(rate)
    }
    const told = names.map((_, client) =>
      client === 0
        ? `${(quartiles(rates.map(([bare]) => bare!))[1] / 1_000).toFixed(0)} k/s`
        : ratio(rates.map((rate) => rate[client]! / rate[0]!)),
    )
    lines.push([row, ...told])
  }
  if ('idle'.includes(values.only)) lines.push(await idle(names, url))
  process.stderr.write('\r')
  server.kill()
  console.log(table(['', ...names], lines))
}

async function idle(names: readonly string[], url: string): Promise<string[]> {
  const bytes: number[] = []
  for (const name of names) {
    const args = ['--idle', name, '--url', url]
    const execArgv = [...process.execArgv, '--expose-gc']
    const child = fork(fileURLToPath(import.meta.url), args, { execArgv })
    bytes.push(((await once(child, 'message')) as [number])[0])
  }
  const told = bytes.map((one, i) =>
    i === 0 ? `${(one / 1_024).toFixed(1)} kB` : `+ ${((one - bytes[0]!) / 1_024).toFixed(1)} kB`,
  )
  return ['idle', ...told]
}

/** Bytes of heap that an open and idle socket takes. */
async function memory(open: Open, url: string): Promise<number> {
  const collected = async (): Promise<number> => {
    await new Promise((resolve) => setTimeout(resolve, 50))
    globalThis.gc!()
    return process.memoryUsage().heapUsed
  }
  // what the first ones load stays
  await Promise.all(Array.from({ length: 20 }, () => open(url, () => {})))
  const before = await collected()
  const sockets = await Promise.all(Array.from({ length: IDLE }, () => open(url, () => {})))
  const bytes = (await collected()) - before
  return sockets.length > 0 ? bytes / IDLE : NaN
}
