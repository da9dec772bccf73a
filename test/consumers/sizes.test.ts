/** No entry outgrows its budget, and docs/sizes.md says what is true. */
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { imports, measure, page, table, tableIn } from '../../scripts/sizes.js'

const sizes = await measure()
const written = tableIn.exec(readFileSync(page, 'utf8'))?.[0] ?? ''
console.log(table(sizes))

test.each(sizes.map((size) => [size.import.code, size] as const))(
  '%s',
  (_, { import: { budget }, production }) => {
    expect(production.gzip).toBeLessThanOrEqual(budget)
    // a budget that holds nobody is none
    expect(budget).toBeLessThan(production.gzip + 500)
  },
)

test('every entry has a budget', () => {
  const { exports } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
    exports: Record<string, object | string>
  }
  const names = Object.keys(exports)
    .filter((path) => path !== './package.json')
    .map((path) => path.replace(/^\./, 'everopen'))
  for (const name of names)
    expect([name, imports.some(({ code }) => code.includes(`'${name}'`))]).toEqual([name, true])
  expect(names.length).toBeGreaterThan(10)
})

/** The words and the numbers of a table. */
const cells = (text: string): (string | number)[] =>
  text.split('|').map((cell) => (/^ *[\d.]+ *$/.test(cell) ? Number(cell) : cell.replace(/-+:?/, '-').trim()))

test('docs/sizes.md has this table: `npm run sizes -- --write`', () => {
  const [there, here] = [cells(written), cells(table(sizes))]
  expect(there).toHaveLength(here.length)
  for (const [index, cell] of here.entries())
    // another zlib compresses a few bytes better or worse
    if (typeof cell === 'number') expect(Math.abs(cell - Number(there[index]))).toBeLessThan(0.15)
    else expect(there[index]).toBe(cell)
  expect(here.filter((cell) => typeof cell === 'number')).toHaveLength(imports.length * 5)
})
