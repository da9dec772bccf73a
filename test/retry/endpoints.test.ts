import { expect, test } from 'vitest'
import { Endpoints } from '../../src/retry/endpoints.js'

const three = ['a', 'b', 'c'] as [string, ...string[]]

test('each failure moves on, and a round counts when all have failed', () => {
  const endpoints = new Endpoints()
  const dialed: string[] = []
  const rounds: number[] = []
  for (let i = 0; i < 7; i++) {
    dialed.push(endpoints.pick(three))
    rounds.push(endpoints.failed())
  }
  expect(dialed.join('')).toBe('abcabca')
  expect(rounds).toEqual([0, 0, 1, 0, 0, 2, 0])
})

test('the one that worked is kept', () => {
  const endpoints = new Endpoints()
  endpoints.pick(three)
  endpoints.failed()
  expect(endpoints.pick(three)).toBe('b')
  expect(endpoints.lost()).toBe(1)
  expect(endpoints.pick(three)).toBe('b')
  // it is gone for good now: the others first
  expect([
    endpoints.failed(),
    endpoints.pick(three),
    endpoints.failed(),
    endpoints.pick(three),
    endpoints.failed(),
  ]).toEqual([0, 'c', 0, 'a', 2])
})

test('with one endpoint each failure is a round; a new run counts afresh', () => {
  const endpoints = new Endpoints()
  endpoints.pick(['a'])
  expect([endpoints.failed(), endpoints.failed()]).toEqual([1, 2])
  endpoints.begin()
  expect(endpoints.failed()).toBe(1)
})

test('a list that has become shorter is no problem', () => {
  const endpoints = new Endpoints()
  endpoints.pick(three)
  endpoints.failed()
  endpoints.pick(three)
  endpoints.failed()
  expect(endpoints.pick(['x'])).toBe('x')
})
