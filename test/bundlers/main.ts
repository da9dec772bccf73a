/**
 * `npm run test:bundlers`: the package in every bundler, framework and runner of tests, each in a project of its own, as
 * a table, which is also written into docs/where-it-runs.md. With names behind `--` it tries those whose names begin so,
 * and writes nothing.
 */
import { startServer } from '../runtimes/server.js'
import type { Cells } from '../runtimes/runtime.js'
import { failures, print, publish, table } from '../runtimes/table.js'
import { bundlers } from './bundlers.js'
import { frameworks } from './frameworks.js'
import { testers } from './testers.js'
import { columns, rowOf } from './tool.js'

const wanted = process.argv.slice(2).map((name) => name.toLowerCase())
const tools = [...bundlers, ...frameworks, ...testers].filter(
  ({ name }) => wanted.length === 0 || wanted.some((start) => name.toLowerCase().startsWith(start)),
)
const server = await startServer()
const rows: Record<string, Cells> = {}
const waiting = tools.values()
/** Much of what they do is waiting for the disk. */
await Promise.all(
  Array.from({ length: 3 }, async () => {
    for (const tool of waiting) {
      const started = Date.now()
      const row = await rowOf(tool, server)
      rows[tool.name] = row
      console.log(`${tool.name}: ${((Date.now() - started) / 1000).toFixed(0)} s`)
    }
  }),
)
await server.stop()

const byColumn = Object.fromEntries(
  columns.map((column) => [
    column,
    Object.fromEntries(
      Object.entries(rows).flatMap(([name, cells]) => (cells[column] ? [[name, cells[column]]] : [])),
    ),
  ]),
)
const text = table(
  '',
  tools.map(({ name }) => name),
  byColumn,
)
await print(text)
if (wanted.length === 0) await publish('bundlers', text)
const failed = failures(rows)
console.log(`${tools.length} tools, ${failed} failed`)
process.exitCode = failed > 0 || tools.length === 0 ? 1 : 0
