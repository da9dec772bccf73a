import { expect, test } from 'vitest'
import { asking, offer } from '../../src/bindings/asked.js'
import type { Attempt } from '../../src/options/provider.js'

test('of the functions of a place the latest is called, and its own without any', async () => {
  const attempt = {} as Attempt
  const ask = asking('here', () => () => 'own')
  const there = offer('there', () => 'there')
  expect(await ask(attempt)).toBe('own')
  const [first, second] = [offer('here', () => 'first'), offer('here', () => 'second')]
  expect(await ask(attempt)).toBe('second')
  second()
  expect(await ask(attempt)).toBe('first')
  first()
  expect(await ask(attempt)).toBe('own')
  there()
})

test('what is taken back twice takes back nothing else', async () => {
  const ask = asking('here', () => () => 'own')
  const first = offer('here', () => 'first')
  first()
  const second = offer('here', () => 'second')
  first()
  expect(await ask({} as Attempt)).toBe('second')
  second()
})
