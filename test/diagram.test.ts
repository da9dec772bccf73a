import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { withDiagram } from '../scripts/diagram.js'

test('the state diagram of the README is what the machine does (npm run diagram draws it)', () => {
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
  expect(withDiagram(readme)).toBe(readme)
})
