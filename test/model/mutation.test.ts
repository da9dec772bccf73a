/** Breaks the machine in every small way that its source offers, and sees the walk object to each. */
import { readFileSync } from 'node:fs'
import ts from 'typescript'
import { expect, test } from 'vitest'
import { transition } from '../../src/machine/transition.js'
import { type Transition, walk } from './walk.js'

const file = new URL('../../src/machine/transition.ts', import.meta.url)
const source = readFileSync(file, 'utf8')
const ATTEMPTS = 4

interface Mutant {
  readonly what: string
  readonly text: string
}

function replace(node: ts.Node, by: string, root: ts.SourceFile): Mutant {
  const { line } = root.getLineAndCharacterOfPosition(node.getStart(root))
  return {
    what: `line ${line + 1}: ${node.getText(root).replace(/\s+/g, ' ').slice(0, 70)} → ${by.slice(0, 40)}`,
    text: source.slice(0, node.getStart(root)) + by + source.slice(node.getEnd()),
  }
}

/** Each case made to do nothing, each condition reversed, each effect left out, each name swapped for its neighbour. */
function mutants(): Mutant[] {
  const root = ts.createSourceFile('transition.ts', source, ts.ScriptTarget.ES2022, true)
  const found: Mutant[] = []
  const visit = (node: ts.Node): void => {
    if (ts.isCaseClause(node) && node.statements.length > 0) {
      const inner = node.getText(root).includes('transition') ? 'stay(state)' : 'stay(state as never)'
      for (const statement of node.statements) found.push(replace(statement, `return ${inner}`, root))
    }
    if (ts.isConditionalExpression(node)) {
      const [test, yes, no] = [node.condition, node.whenTrue, node.whenFalse].map((part) =>
        part.getText(root),
      )
      found.push(replace(node, `(${test}) ? ${no} : ${yes}`, root))
    }
    if (ts.isIfStatement(node))
      found.push(replace(node.expression, `!(${node.expression.getText(root)})`, root))
    if (ts.isArrayLiteralExpression(node))
      for (const element of node.elements) {
        const rest = node.elements.filter((other) => other !== element).map((other) => other.getText(root))
        found.push(replace(node, `[${rest.join(', ')}]`, root))
      }
    if (ts.isCallExpression(node))
      for (const effect of node.arguments.filter(isEffect)) {
        const rest = node.arguments.filter((other) => other !== effect).map((other) => other.getText(root))
        found.push(replace(node, `${node.expression.getText(root)}(${rest.join(', ')})`, root))
      }
    if (ts.isNumericLiteral(node)) found.push(replace(node, String(Number(node.text) + 1), root))
    ts.forEachChild(node, visit)
  }
  visit(root)
  return found
}

/** What a step is given beside its states. */
function isEffect(node: ts.Expression): boolean {
  return ts.isSpreadElement(node) || /^(told|\{ type: )/.test(node.getText())
}

function load(text: string): Transition {
  const { outputText } = ts.transpileModule(text, { compilerOptions: { module: ts.ModuleKind.CommonJS } })
  const exports: { transition?: Transition } = {}
  new Function('exports', outputText)(exports)
  return exports.transition as Transition
}

function isCaught(mutant: Mutant): boolean {
  try {
    return walk(load(mutant.text), ATTEMPTS).violations.length > 0
  } catch {
    return true
  }
}

test('the machine as it is passes at the bound used here', () => {
  expect(walk(transition, ATTEMPTS).violations).toEqual([])
  expect(walk(load(source), ATTEMPTS).violations).toEqual([])
})

test('breaking any one case of transition is caught by the walk', () => {
  const all = mutants()
  const survivors = all.filter((mutant) => !isCaught(mutant)).map(({ what }) => what)
  console.log(`${all.length} mutants of the machine, ${all.length - survivors.length} caught`)
  expect(all.length).toBeGreaterThan(60)
  expect(survivors).toEqual([])
}, 120_000)
