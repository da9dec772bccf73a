/**
 * `npm run bench:fleet`: a fleet of simulated clients of each library, by default 20,000 of them. `--clients n`, `--seed n`;
 * `--write` puts the tables and the chart into docs/backoff.md. No clock of this machine is in it: its figures are exact.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { scatter } from '../svg.js'
import { median, table } from '../report.js'
import { everopen, policies, type Policy } from './policies.js'
import { alone, again, herd, type Scenario, simulate } from './simulate.js'

const { values } = parseArgs({
  options: {
    clients: { type: 'string', default: '20000' },
    seed: { type: 'string', default: '1' },
    write: { type: 'boolean', default: false },
  },
})
const clients = Number(values.clients)
const seed = Number(values.seed)

const seconds = (ms: number): string => (ms === Infinity ? 'never' : `${(ms / 1_000).toFixed(1)} s`)
const percent = (share: number): string => `${(share * 100).toFixed(0)} %`

/** Of 1,000 clients, what the median of some herds does. */
function herds(policy: Policy): { peak: number; back: number; again: number } {
  const all = Array.from({ length: 21 }, (_, index) => herd(policy, 1_000, 3_000, seed + index))
  return {
    peak: median(all.map(({ peak }) => peak)),
    back: median(all.map(({ back }) => back)),
    again: median(Array.from({ length: 21 }, (_, index) => again(policy, 1_000, seed + index))),
  }
}

const usual: Scenario = { name: 'down for 30 s, then 1 % a second', outage: 30_000, accepts: 0.01 }

function summary(all: readonly Policy[]): string[][] {
  return all.map((policy) => {
    progress(policy.name)
    const { peak, wasted, most, gaveUp } = simulate(policy, usual, clients, seed)
    const { peak: crowd, back, again: second } = herds(policy)
    return [
      policy.name,
      percent(peak),
      gaveUp > 0.5 ? `gives up after ${policy.limit}` : wasted.toFixed(1),
      seconds(most),
      seconds(alone(policy, 0)),
      seconds(alone(policy, 60_000)),
      String(crowd),
      seconds(back),
      String(second),
    ]
  })
}

const summaryHead = [
  'policy',
  'busiest second',
  'wasted dials each',
  '99 % back',
  'alone, after a blip',
  'alone, after 60 s',
  'of 1,000: most in 100 ms',
  'all back',
  'most, the second time',
]

const scenarios: readonly Scenario[] = [
  ...[1_000, 30_000, 600_000].flatMap((outage) =>
    [0.001, 0.01, 0.1].map((accepts) => ({
      name: `down for ${outage / 1_000} s, then ${accepts * 100} % a second`,
      outage,
      accepts,
    })),
  ),
  { name: 'accepts and closes for 60 s', outage: 0, accepts: 1, closes: 60_000 },
  {
    name: '20 servers restarted, one every 10 s; 1 % a second',
    outage: 0,
    accepts: 0.01,
    rolling: { servers: 20, every: 10_000 },
  },
]

function inScenario(scenario: Scenario): string[][] {
  return policies.map((policy) => {
    progress(`${scenario.name}: ${policy.name}`)
    const { peak, wasted, half, most, all, gaveUp } = simulate(policy, scenario, clients, seed)
    const lost = gaveUp > 0 ? percent(gaveUp) : ''
    return [policy.name, percent(peak), wasted.toFixed(1), seconds(half), seconds(most), seconds(all), lost]
  })
}

/** What else the default could have been: each point a policy, by what it costs and what it gives. */
function frontier(): Policy[] {
  const all: Policy[] = []
  for (const base of [2_500, 3_000, 3_400, 4_000, 5_000])
    for (const factor of [1.15, 1.3, 1.5])
      for (const floor of [0, 0.2, 0.4, 0.55, 0.7, 0.85])
        all.push(everopen({ base, factor, floor, cap: 12_000 }, ''))
  return all
}

function progress(what: string): void {
  process.stderr.write(process.stderr.isTTY ? `\r\u001b[K${what} …` : '')
}

const markdown = (head: readonly string[], rows: readonly (readonly string[])[]): string => {
  const widths = head.map((_, column) => Math.max(...[head, ...rows].map((row) => row[column]!.length)))
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, column) => (column === 0 ? cell.padEnd(widths[0]!) : cell.padStart(widths[column]!))).join(' | ')} |`
  const rule = `| ${widths.map((width, column) => (column === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`)).join(' | ')} |`
  return [line(head), rule, ...rows.map(line)].join('\n')
}

const scenarioHead = [
  'policy',
  'busiest second',
  'wasted dials each',
  '50 % back',
  '99 % back',
  'all back',
  'given up',
]
const before = everopen({ cap: 15_000, floor: 0.4 }, 'the default of 0.1.0')
const candidates = [
  everopen({ base: 3_400, factor: 1.25, floor: 0.7 }, 'base 3.4 s, factor 1.25, floor 0.7'),
  everopen({ base: 3_200, factor: 1.25, floor: 0.75 }, 'base 3.2 s, factor 1.25, floor 0.75'),
  everopen({ base: 3_400, factor: 1.15, floor: 0.4 }, 'base 3.4 s, factor 1.15, floor 0.4'),
  everopen({ type: 'full', base: 3_000, cap: 30_000 }, 'full jitter, 3 s × 2, cap 30 s'),
  everopen({ type: 'decorrelated' }, 'decorrelated, 1–30 s'),
]
const first = summary([...policies, before, ...candidates])
process.stderr.write('\n')
console.log(`${clients} simulated clients, seed ${seed}: ${usual.name}\n`)
console.log(table(summaryHead, first))
const others = scenarios.map((scenario) => [scenario.name, inScenario(scenario)] as const)
for (const [name, rows] of others) console.log(`\n${name}\n\n${table(scenarioHead, rows)}`)

if (values.write) {
  const page = new URL('../../docs/backoff.md', import.meta.url)
  const dots = [...policies, ...frontier()].map((policy) => {
    const { peak, back } = herds(policy)
    return { name: policy.name, x: back / 1_000, y: peak }
  })
  writeFileSync(
    new URL('../../docs/backoff.svg', import.meta.url),
    scatter(
      '1,000 clients of a server that is down for 3 s',
      { x: 'all are back so many seconds later', y: 'most dials in 100 ms' },
      dots.filter(({ x, y }) => x <= 10 && y <= 240),
      10,
      240,
    ),
  )
  const part = (name: string, text: string, all: string): string =>
    all.replace(new RegExp(`(?<=<!-- ${name} -->\n\n)[^]*?(?=\n\n<!-- /${name} -->)`), () => text)
  let text = readFileSync(page, 'utf8')
  text = part('summary', markdown(summaryHead, first), text)
  text = part(
    'scenarios',
    others.map(([name, rows]) => `### ${name}\n\n${markdown(scenarioHead, rows)}`).join('\n\n'),
    text,
  )
  writeFileSync(page, text)
}
