/** `npm run bench:herd`: 1,000 clients, their server down for 3 s, ours beside its peers. Each in a process of its own. */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { median, table } from '../report.js'
import { clients } from './clients.js'
import { peak, stampede } from './herd.js'

const COUNT = 1_000
const DOWN = 3_000
const ROUNDS = 3

interface Figures {
  readonly peak: number
  readonly attempts: number
  readonly back: number
}

const [name] = process.argv.slice(2)
if (name === undefined) await compare()
else {
  const { dials, back } = await stampede(clients[name]!, COUNT, DOWN)
  process.send?.({ peak: peak(dials), attempts: dials.length, back } satisfies Figures)
  process.disconnect()
}

async function compare(): Promise<void> {
  console.log(
    `${COUNT} clients of one server, which is killed, and starts again ${DOWN / 1_000} s later (median of ${ROUNDS} rounds)\n`,
  )
  const names = Object.keys(clients)
  const rounds: Record<string, Figures[]> = Object.fromEntries(names.map((name) => [name, []]))
  for (let round = 1; round <= ROUNDS; round++)
    for (const name of names) {
      process.stderr.write(`round ${round} of ${ROUNDS}: ${name} …\n`)
      const child = fork(fileURLToPath(import.meta.url), [name])
      const [figures] = (await once(child, 'message')) as [Figures]
      rounds[name]!.push(figures)
    }
  const medianOf = (name: string, key: keyof Figures) => median(rounds[name]!.map((figures) => figures[key]))
  const ours = medianOf(names[0]!, 'peak')
  const rows = names.map((name) => [
    name,
    medianOf(name, 'peak'),
    `${(medianOf(name, 'peak') / ours).toFixed(1)} ×`,
    medianOf(name, 'attempts'),
    `${(medianOf(name, 'back') / 1_000).toFixed(1)} s`,
  ])
  console.log(table(['', 'most attempts in 100 ms', 'of ours', 'attempts', 'all back after'], rows))
}
