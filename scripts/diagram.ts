/**
 * Draws the state diagram of docs/machine.md from the machine itself: every arrow is an edge that the walk found.
 *
 *     npm run diagram            writes it into docs/machine.md, and the picture beside it
 *
 * The picture has the layout of the demo, whose arrows a test compares with the machine's.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { rounded } from '../demo/page/path.js'
import { places, wide } from '../demo/page/places.js'
import { transition } from '../src/machine/transition.js'
import { walk } from '../test/model/walk.js'

const page = new URL('../docs/machine.md', import.meta.url)
const picture = new URL('../docs/machine.svg', import.meta.url)
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

const style = `<style>
  text { font: 14px system-ui, sans-serif; fill: #24292f; text-anchor: middle; dominant-baseline: middle }
  .label, .name { font-size: 13px; fill: #57606a } .name { text-anchor: end }
  rect { fill: #f6f8fa; stroke: #57606a } .group { fill: none; stroke-dasharray: 5 4 }
  path { fill: none; stroke: #57606a } marker path { fill: #57606a; stroke: none }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3 } .label, .name { fill: #8d96a0 } rect { fill: #161b22; stroke: #8d96a0 } .group { fill: none }
    path { stroke: #8d96a0 } marker path { fill: #8d96a0 }
  }
</style>`

/** The picture, as SVG that is readable on light and dark pages. */
export function drawing(): string {
  const { width, height, size, centers, group, groupName, arrows, labels } = wide
  const [w, h] = size
  const [x, y, groupWidth, groupHeight] = group
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" aria-label="The state machine">`,
    style,
    '<defs><marker id="head" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto"><path d="M0 0.5 8 4 0 7.5z"/></marker></defs>',
    `<rect class="group" x="${x}" y="${y}" width="${groupWidth}" height="${groupHeight}" rx="12"/>`,
    `<text class="name" x="${groupName[0]}" y="${groupName[1]}">connecting</text>`,
    ...Object.values(arrows).map((corners) => `<path d="${rounded(corners)}" marker-end="url(#head)"/>`),
    ...labels.map(([left, top, text]) => `<text class="label" x="${left}" y="${top}">${text}</text>`),
    ...places.map((place) => {
      const [cx, cy] = centers[place]
      return `<rect x="${cx - w / 2}" y="${cy - h / 2}" width="${w}" height="${h}" rx="8"/><text x="${cx}" y="${cy}">${place}</text>`
    }),
    '</svg>',
    '',
  ].join('\n')
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  writeFileSync(page, withDiagram(readFileSync(page, 'utf8')))
  writeFileSync(picture, drawing())
}
