/** The outcome as a table, for the terminal and for the documents. */
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { format, resolveConfig } from 'prettier'
import type { Cells } from './runtime.js'

const marks = { passed: '✓', 'not possible': '–', failed: '✗' } as const

/** By the name of what was tried. */
export type Columns = Readonly<Record<string, Cells>>

/** In Markdown; what was not possible or failed is told below it, by number. */
export function table(head: string, rows: readonly string[], columns: Columns): string {
  const names = Object.keys(columns)
  const notes: string[] = []
  const noted = (text: string): number => {
    const at = notes.indexOf(text)
    return at < 0 ? notes.push(text) : at + 1
  }
  const mark = (name: string, row: string): string => {
    const cell = columns[name]?.[row]
    if (!cell) return ''
    if (cell.outcome === 'passed') return marks.passed
    // one line, without a machine's own paths and hosts
    const reason = cell.reason
      .replace(/\s+/g, ' ')
      .replace(/(https?|file):\/\/[^\s/]*|\/\S*everopen-consumer-\w+/g, '…')
    return `${marks[cell.outcome]} ${noted(reason)}`
  }
  const lines = [
    [head, ...names],
    [':--', ...names.map(() => ':-:')],
    ...rows.map((row) => [row, ...names.map((name) => mark(name, row))]),
  ].map((line) => `| ${line.join(' | ')} |`)
  const told = notes.map((text, index) => `${index + 1}. ${text}`)
  return [...lines, ...(told.length > 0 ? ['', ...told] : [])].join('\n')
}

/** How many failed. */
export function failures(columns: Columns): number {
  return Object.values(columns)
    .flatMap((cells) => Object.values(cells))
    .filter(({ outcome }) => outcome === 'failed').length
}

/** Writes it to the terminal, as it will stand in the page. */
export async function print(text: string): Promise<void> {
  const config = await resolveConfig(fileURLToPath(page))
  console.log(`\n${await format(text, { ...config, parser: 'markdown' })}`)
}

const page = new URL('../../docs/where-it-runs.md', import.meta.url)

/** Puts a text between the page's markers of that name. */
export async function publish(name: string, text: string): Promise<void> {
  const [begin, end] = [`<!-- ${name}: written by npm run test:${name} -->`, `<!-- end of ${name} -->`]
  const whole = readFileSync(page, 'utf8')
  const [from, to] = [whole.indexOf(begin), whole.indexOf(end)]
  if (from < 0 || to < from) throw new Error(`docs/where-it-runs.md has no place for ${name}`)
  const config = await resolveConfig(fileURLToPath(page))
  const filled = `${whole.slice(0, from + begin.length)}\n\n${text}\n\n${whole.slice(to)}`
  writeFileSync(page, await format(filled, { ...config, parser: 'markdown' }))
}
