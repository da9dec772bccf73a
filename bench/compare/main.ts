/**
 * `npm run bench`: everopen beside its peers, on this machine, in turn, several rounds; medians, and medians of ratios to
 * bare `ws` of the same round with their spread.
 *
 *     --only traffic      rows whose group or name has it; `--only 10,000` for what takes 10,000 sockets
 *     --peers a,b         only these, and bare ws
 *     --rounds n          default 3
 *     --quick             a tenth of everything
 *     --write             charts and tables into docs/benchmarks.md, beside those of other rows
 *     --json file         all figures
 *     --against commit    beside the figures of that commit in .bench-history.jsonl, to which each run adds its own
 */
import { execFileSync, fork } from 'node:child_process'
import { once } from 'node:events'
import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { build } from 'esbuild'
import { ensureBuilt } from '../../scripts/setup.mjs'
import { median, table } from '../report.js'
import { bars } from '../svg.js'
import { type Section, write } from './page.js'
import type { Row } from './rows/row.js'

const root = fileURLToPath(new URL('../..', import.meta.url))
const history = `${root}.bench-history.jsonl`
/** A peer that never comes back, or never answers, ends its row. */
const PATIENCE = 60_000

const { values: given } = parseArgs({
  options: {
    only: { type: 'string' },
    peers: { type: 'string' },
    rounds: { type: 'string', default: '3' },
    quick: { type: 'boolean', default: false },
    write: { type: 'boolean', default: false },
    json: { type: 'string' },
    against: { type: 'string' },
  },
})

await ensureBuilt()
// made once, since it starts hundreds of times
const child = `${root}.cache/bench/child.mjs`
await build({
  entryPoints: [fileURLToPath(new URL('child.ts', import.meta.url))],
  outfile: child,
  bundle: true,
  packages: 'external',
  platform: 'node',
  format: 'esm',
})
// the build as users have it, made by now
const { others, peers } = await import('./peers.js')
const { heavy, rows } = await import('./rows/index.js')

const rounds = Number(given.rounds)
const share = given.quick ? 0.1 : 1
const only = given.only?.toLowerCase()
const asked = only
  ? [...rows, ...heavy].filter(({ group, name }) => group === only || name.toLowerCase().includes(only))
  : rows
const named = given.peers?.split(',')
const compared = peers.filter(({ name }, index) => index === 0 || !named || named.includes(name))
if (!Number.isInteger(rounds) || rounds < 1) throw new TypeError('--rounds must be a whole number from 1')
if (asked.length === 0) throw new TypeError(`--only: there is no row like ${given.only}`)
for (const name of named ?? [])
  if (!peers.some((peer) => peer.name === name))
    throw new TypeError(
      `--peers: there is no ${name}; there are ${peers.map((peer) => peer.name).join(', ')}`,
    )

/** The figures of one row, by peer and round; or why there is none. */
type Figures = Record<string, (number | string)[]>
const results: Record<string, Figures> = {}

const total = asked.length * compared.length * rounds
let done = 0
const started = Date.now()
for (const row of asked) {
  const figures: Figures = (results[row.name] = {})
  for (let round = 0; round < rounds; round++)
    for (const peer of compared) {
      progress(`${row.name}: ${peer.name}`)
      const reason = row.needs.map((need) => peer.cannot[need]).find((why) => why !== undefined)
      ;(figures[peer.name] ??= []).push(reason ?? (await measure(row, peer.name)))
      done++
    }
}
progress('')

const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], { cwd: root, encoding: 'utf8' }).trim()
const before = given.against === undefined ? undefined : found(given.against)
for (const row of asked) console.log(`\n${row.name}, ${row.unit}\n\n${table(['', ...head(row)], cells(row))}`)
console.log(`\n${others}.`)

const record = {
  commit,
  at: new Date().toISOString(),
  node: process.version,
  cpu: cpus()[0]?.model,
  share,
  results,
}
appendFileSync(history, `${JSON.stringify(record)}\n`)
if (given.json !== undefined) writeFileSync(given.json, `${JSON.stringify(record, undefined, 2)}\n`)
if (given.write) await write(sections(), [...rows, ...heavy])

async function measure(row: Row, peer: string): Promise<number | string> {
  const server = fork(fileURLToPath(new URL('server.mjs', import.meta.url)), { execArgv: [] })
  const [{ port }] = (await once(server, 'message')) as [{ port: number }]
  const args = [row.name, peer, `ws://127.0.0.1:${port}/`, String(share)]
  const measuring = fork(child, args, {
    execArgv: ['--expose-gc'],
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  })
  const patience = row.patience ?? PATIENCE
  let ending: number | undefined
  const timer = setTimeout(() => measuring.kill('SIGKILL'), patience)
  let complaint = ''
  measuring.stderr!.on('data', (text) => (complaint += text))
  try {
    return await new Promise<number | string>((resolve) => {
      measuring.on('message', (message: { value?: number; ending?: number; kill?: string }) => {
        if (message.value !== undefined) return resolve(message.value)
        if (message.ending !== undefined) return void (ending = message.ending)
        server.once('message', () => measuring.connected && measuring.send('killed'))
        server.send(message)
      })
      measuring.once('exit', (_, signal) => {
        if (ending !== undefined && signal === null) return resolve(Date.now() - ending)
        const [error] = /^\w*Error: .*$/m.exec(complaint) ?? []
        resolve(signal === null ? (error ?? 'ended without a figure') : `no end within ${patience / 1_000} s`)
      })
    })
  } finally {
    clearTimeout(timer)
    measuring.kill('SIGKILL')
    server.kill('SIGKILL')
  }
}

function head(row: Row): string[] {
  return ['median', 'from', 'to', ...(row.ratio ? ['of bare ws', '±'] : []), ...(before ? ['before'] : [])]
}

function numbers(row: Row, peer: string): number[] {
  return results[row.name]![peer]!.filter((value) => typeof value === 'number')
}

/** Medians of the ratios round by round: what the machine did meanwhile, it did to both. */
function ratios(row: Row, peer: string): number[] {
  const [all, bare] = [results[row.name]![peer]!, results[row.name]![compared[0]!.name]!]
  return all.flatMap((value, round) => {
    const other = bare[round]
    return typeof value === 'number' && typeof other === 'number' ? [value / other] : []
  })
}

function cells(row: Row): string[][] {
  return compared.map(({ name }) => {
    const all = numbers(row, name)
    if (all.length === 0) return [name, String(results[row.name]![name]![0])]
    const text = (value: number): string =>
      value.toLocaleString('en', { maximumFractionDigits: row.digits, minimumFractionDigits: row.digits })
    const shares = row.ratio ? ratios(row, name) : []
    const ratio =
      shares.length === 0
        ? []
        : [median(shares).toFixed(2), ((Math.max(...shares) - Math.min(...shares)) / 2).toFixed(2)]
    const old = before?.results[row.name]?.[name]?.filter((value) => typeof value === 'number')
    const change = before
      ? [old?.length ? `${text(median(old))} (${((median(all) / median(old) - 1) * 100).toFixed(0)} %)` : '–']
      : []
    return [name, text(median(all)), text(Math.min(...all)), text(Math.max(...all)), ...ratio, ...change]
  })
}

/** The latest run of a commit. */
function found(wanted: string): { results: typeof results } {
  const lines = existsSync(history) ? readFileSync(history, 'utf8').trim().split('\n') : []
  const all = lines.map(
    (line) => JSON.parse(line) as { commit: string; share: number; results: typeof results },
  )
  const last = all
    .filter((run) => run.commit.startsWith(wanted.slice(0, run.commit.length)) && run.share === share)
    .at(-1)
  if (!last)
    throw new TypeError(
      `--against: no run of ${wanted} in ${history}; run the benchmark there first, as: git worktree add /tmp/before ${wanted}`,
    )
  return last
}

function progress(what: string): void {
  if (!process.stderr.isTTY) return void (what && process.stderr.write(`${done} of ${total}: ${what}\n`))
  const filled = Math.round((done / total) * 30)
  const left =
    done === 0 ? '' : `, ${((((Date.now() - started) / done) * (total - done)) / 60_000).toFixed(0)} min left`
  process.stderr.write(
    `\r\u001b[K${'█'.repeat(filled)}${'░'.repeat(30 - filled)} ${done}/${total}${left} ${what}`,
  )
  if (what === '') process.stderr.write('\n')
}

/** A chart and a table of each row, for the page. */
function sections(): Section[] {
  const made = `${rounds === 1 ? 'One round' : `Medians of ${rounds} rounds`}, Node ${process.version}, ${cpus().length} processors, commit ${commit}.`
  return asked.map((row) => {
    const lines = cells(row)
    const figures = compared.map(({ name }, index) => ({
      name,
      value: numbers(row, name).length === 0 ? undefined : median(numbers(row, name)),
      text:
        lines[index]!.length === 2
          ? lines[index]![1]!
          : `${lines[index]![1]}${row.ratio ? ` (${lines[index]![4]} ×)` : ''}`,
    }))
    const chart = bars(`${row.name}, ${row.unit}: ${row.better} is better`, figures)
    return { row, chart, figures, made }
  })
}
