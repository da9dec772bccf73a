/**
 * Draws the state diagram of docs/machine.md from the machine itself: every arrow is an edge that the walk found.
 *
 *     npm run diagram            writes it into docs/machine.md
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { transition } from '../src/machine/transition.js'
import { walk } from '../test/model/walk.js'

const page = new URL('../docs/machine.md', import.meta.url)
const marks = /(<!-- diagram: npm run diagram -->\n)[^]*?(<!-- end of diagram -->)/
const everyVerdict = 'ended (ask), ended (retry), ended (stop)'
const phases = ['preparing', 'dialing', 'greeting', 'deciding', 'waiting']

/** The diagram as Mermaid text. */
export function diagram(): string {
  const labels = new Map<string, Set<string>>()
  for (const arrow of walk(transition, 4).arrows) {
    const [from = '', input = '', to = ''] = arrow.split(' ').map((part) => part.replace(/→.*/, ''))
    if (from === to) continue
    const key = `${from} --> ${to}`
    labels.set(
      key,
      (labels.get(key) ?? new Set()).add(input.replace(/:.*/, (verdict) => ` (${verdict.slice(1)})`)),
    )
  }
  // what every phase does alike is drawn once, from the state around them
  for (const [key, inputs] of [...labels].filter(([key]) => key.startsWith(`${phases[0]} `))) {
    const to = key.split(' --> ')[1] ?? ''
    const shared = [...inputs].filter((input) =>
      phases.every((phase) => labels.get(`${phase} --> ${to}`)?.has(input)),
    )
    if (shared.length === 0) continue
    for (const phase of phases) for (const input of shared) labels.get(`${phase} --> ${to}`)?.delete(input)
    labels.set(`connecting --> ${to}`, new Set(shared))
  }
  const lines = [...labels]
    .filter(([, inputs]) => inputs.size > 0)
    .map(([key, inputs]) => `${key}: ${[...inputs].sort().join(', ').replace(everyVerdict, 'ended')}`)
  const inner = lines.filter((line) =>
    line
      .split(': ')[0]
      ?.split(' --> ')
      .every((name) => phases.includes(name)),
  )
  const outer = lines.filter((line) => !inner.includes(line))
  const indent = (by: string) => (line: string) => by + line
  return [
    '',
    '```mermaid',
    'stateDiagram-v2',
    '  [*] --> idle',
    '  state connecting {',
    ...inner.sort().map(indent('    ')),
    '  }',
    ...outer.sort().map(indent('  ')),
    '```',
    '',
    '',
  ].join('\n')
}

/** The page with the diagram in its place. */
export function withDiagram(text: string): string {
  if (!marks.test(text)) throw new Error('docs/machine.md has no place marked for the diagram')
  return text.replace(marks, (_, before: string, after: string) => before + diagram() + after)
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  writeFileSync(page, withDiagram(readFileSync(page, 'utf8')))
