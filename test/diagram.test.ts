import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { drawing, withDiagram } from '../scripts/diagram.js'

test('the state diagram of docs/machine.md is what the machine does (npm run diagram draws it)', () => {
  const page = readFileSync(new URL('../docs/machine.md', import.meta.url), 'utf8')
  expect(withDiagram(page)).toBe(page)
})

test('docs/machine.svg has the layout of the demo (npm run diagram draws it)', () =>
  expect(readFileSync(new URL('../docs/machine.svg', import.meta.url), 'utf8')).toBe(drawing()))
