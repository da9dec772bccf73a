/** The figures of docs/benchmarks.md: a chart and a table for each row, from the latest run that had it. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { format } from 'prettier'
import type { Row } from './rows/row.js'

const docs = new URL('../../docs/', import.meta.url)
const page = new URL('benchmarks.md', docs)
const figures = /(?<=<!-- figures -->\n\n)[^]*?(?=\n\n<!-- \/figures -->)/

export interface Section {
  readonly row: Row
  /** As SVG. */
  readonly chart: string
  /** The same figures as text, by library. */
  readonly figures: readonly { readonly name: string; readonly text: string }[]
  /** Of how many rounds, where, and when. */
  readonly made: string
}

const titleOf = ({ name }: Row): string => name[0]!.toUpperCase() + name.slice(1)

/** Puts these sections into the page, beside those of other rows. `all` gives the order. */
export async function write(sections: readonly Section[], all: readonly Row[]): Promise<void> {
  const text = readFileSync(page, 'utf8')
  const parts = new Map<string, string>()
  for (const part of (figures.exec(text)?.[0] ?? '').split(/^(?=### )/m))
    if (part.startsWith('### ')) parts.set(part.slice(4, part.indexOf('\n')), part.trimEnd())
  mkdirSync(new URL('benchmarks', docs), { recursive: true })
  for (const { row, chart, figures: lines, made } of sections) {
    const file = `benchmarks/${row.name
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, '-')
      .replace(/-$/, '')}.svg`
    writeFileSync(new URL(file, docs), chart)
    const title = titleOf(row)
    const table = ['library', row.unit].join(' | ') + '\n--- | ---:\n'
    const rows = lines.map(({ name, text: figure }) => `${name} | ${figure}`).join('\n')
    parts.set(title, `### ${title}\n\n![${row.name}, ${row.unit}](${file})\n\n${table}${rows}\n\n${made}`)
  }
  const ordered = all.flatMap((row) => parts.get(titleOf(row)) ?? [])
  const whole = text.replace(figures, () => ordered.join('\n\n'))
  writeFileSync(page, await format(whole, { parser: 'markdown', printWidth: 110 }))
}
