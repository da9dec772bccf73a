/** No failure of the field is without a test: each name in field.ts begins the title of at least one that runs. */
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'
import { expect, test } from 'vitest'
import { ancestor, peers, tracker } from './field.js'

const root = fileURLToPath(new URL('../', import.meta.url))

/** What a title may begin with, and what shows that it ends there: `A`, `A: …`, `#686, #1044: …`. */
const names = (title: string): string[] => title.split(':')[0]!.split(', ')

/** The titles of tests and suites in a source, but for those that do not run. */
function titles(source: string): string[] {
  const found: string[] = []
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node)) {
      const [title] = node.arguments
      if (title && ts.isStringLiteralLike(title) && runs(node.expression)) found.push(title.text)
    }
    ts.forEachChild(node, visit)
  }
  visit(ts.createSourceFile('test.ts', source, ts.ScriptTarget.Latest))
  return found
}

/** Whether what is called is `test`, `describe`, or made by them, and not told to do nothing. */
function runs(callee: ts.Expression): boolean {
  if (ts.isIdentifier(callee)) return callee.text === 'test' || callee.text === 'describe'
  if (ts.isCallExpression(callee)) return runs(callee.expression)
  return (
    ts.isPropertyAccessExpression(callee) &&
    !['skip', 'todo'].includes(callee.name.text) &&
    runs(callee.expression)
  )
}

const files = (readdirSync(root, { recursive: true }) as string[]).filter((file) => file.endsWith('.test.ts'))
const covered = files.flatMap((file) => titles(readFileSync(root + file, 'utf8')).flatMap(names))

test('each failure of the field has a test that names it', () => {
  const missing = Object.keys({ ...ancestor, ...tracker, ...peers }).filter(
    (name) => !covered.some((one) => one === name || (name.includes(' ') && one.startsWith(`${name} `))),
  )
  expect(missing).toEqual([])
})

test('what is not called, is skipped, or only looks like a title is none', () => {
  const source = `
    test('A', () => {})
    describe.each([1])('B: of %s', () => {})
    test.skipIf(false)('#1, #2: both', () => {})
    test.skip('C', () => {})
    describe.todo('D')
    other('E', () => {})
    // test('F', () => {})
    const text = "test('G', () => {})"
    test('10', () => {})`
  expect(titles(source).flatMap(names)).toEqual(['A', 'B', '#1', '#2', '10'])
})
