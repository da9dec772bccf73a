/**
 * `npm run test:runtimes`: the suite on every runtime, as a table, which is also written into docs/where-it-runs.md.
 * With names behind `--` it runs those whose names begin so, and writes nothing.
 */
import { names } from './rows.js'
import { all } from './runtimes.js'
import { type Cells, tried } from './runtime.js'
import { startServer } from './server.js'
import { failures, print, publish, table } from './table.js'

const wanted = process.argv.slice(2).map((name) => name.toLowerCase())
const runtimes = all.filter(
  ({ name }) => wanted.length === 0 || wanted.some((start) => name.toLowerCase().startsWith(start)),
)
const rows = await names()
const more = new Set(runtimes.flatMap((runtime) => runtime.more ?? []))
const server = await startServer()
const columns: Record<string, Cells> = {}
for (const runtime of runtimes) {
  process.stdout.write(`${runtime.name} … `)
  const started = Date.now()
  columns[runtime.name] = await tried(runtime, server, rows)
  console.log(`${((Date.now() - started) / 1000).toFixed(0)} s`)
}
await server.stop()

const text = table('', [...rows, ...more], columns)
await print(text)
if (wanted.length === 0) await publish('runtimes', text)
const failed = failures(columns)
console.log(`${runtimes.length} runtimes, ${failed} failed`)
process.exitCode = failed > 0 || runtimes.length === 0 ? 1 : 0
