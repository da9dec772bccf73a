/**
 * What the build for the condition `production` leaves out: sentences for people, and long names that nobody outside
 * sees. Its errors keep their class, `code` and fields; docs/sizes.md has what that saves.
 */
import { type Plugin as BundlePlugin, transform } from 'esbuild'
import type { Plugin } from 'rollup'

/** A text with words in it, as a person would read it. */
const words = /[a-z,;:] [a-z]/i

/** Who is told why something is wrong: the errors of this package, and the rules of its options. */
const told = /^(rule|number|[A-Z]\w*Error)$/

interface Node {
  readonly type: string
  readonly start: number
  readonly end: number
}
interface Call extends Node {
  readonly callee: Node & { readonly name?: string }
  readonly arguments: readonly Node[]
}
interface Property extends Node {
  readonly key: Node & { readonly name?: string }
  readonly value: Node
}

/** Puts nothing in the place of each sentence. */
export function withoutSentences(code: string, ast: unknown): string {
  const cuts: Node[] = []
  const cut = (node: Node): void => {
    if (/^(Template)?Literal$/.test(node.type) && words.test(code.slice(node.start, node.end))) cuts.push(node)
    else if (node.type === 'ConditionalExpression') {
      const { consequent, alternate } = node as Node & { consequent: Node; alternate: Node }
      cut(consequent)
      cut(alternate)
    }
  }
  const visit = (node: Node): void => {
    if (node.type === 'NewExpression' || node.type === 'CallExpression') {
      const { callee, arguments: given } = node as Call
      if (callee.type === 'Super' || told.test(callee.name ?? '')) given.forEach(cut)
    }
    if (node.type === 'Property' && (node as Property).key.name === 'problem') cut((node as Property).value)
    for (const child of Object.values(node))
      for (const each of Array.isArray(child) ? child : [child])
        if (typeof (each as Node | null)?.type === 'string') visit(each as Node)
  }
  visit(ast as Node)
  return cuts
    .sort((a, b) => b.start - a.start)
    .reduce((text, { start, end }) => `${text.slice(0, start)}''${text.slice(end)}`, code)
}
