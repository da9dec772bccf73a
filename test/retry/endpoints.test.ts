import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Endpoints } from '../../src/retry/endpoints.js'

const abc = ['a', 'b', 'c'] as const

test('each failure moves on to the next, and a round is over when all have failed', () => {
  const endpoints = new Endpoints()
  const seen = Array.from({ length: 7 }, () => [endpoints.pick(abc), endpoints.failed()])
  expect(seen).toEqual([
    ['a', 0],
    ['b', 0],
    ['c', 1],
    ['a', 0],
    ['b', 0],
    ['c', 2],
    ['a', 0],
  ])
})

test('a single endpoint is a round by itself', () => {
  const endpoints = new Endpoints()
  const seen = Array.from({ length: 3 }, () => [endpoints.pick(['a']), endpoints.failed()])
  expect(seen).toEqual([
    ['a', 1],
    ['a', 2],
    ['a', 3],
  ])
})

test('the endpoint whose connection was stable is dialed again first, and begins the first round', () => {
  const endpoints = new Endpoints()
  endpoints.pick(abc)
  endpoints.failed()
  expect(endpoints.pick(abc)).toBe('b')
  expect(endpoints.lost()).toBe(1)
  expect(endpoints.pick(abc)).toBe('b')
  expect([endpoints.failed(), endpoints.pick(abc)]).toEqual([0, 'c'])
  expect([endpoints.failed(), endpoints.pick(abc)]).toEqual([0, 'a'])
  expect([endpoints.failed(), endpoints.pick(abc)]).toEqual([2, 'b'])
})

test('a new run counts afresh, from the endpoint that was the last choice', () => {
  const endpoints = new Endpoints()
  for (let i = 0; i < 4; i++) {
    endpoints.pick(abc)
    endpoints.failed()
  }
  endpoints.begin()
  expect(endpoints.pick(abc)).toBe('b')
  expect([endpoints.failed(), endpoints.failed(), endpoints.failed()]).toEqual([0, 0, 1])
})

test.each([
  ['grows', (n: number) => n + 2, [1, 5, 13]],
  ['shrinks', (n: number) => Math.max(1, 9 - n), [8, 9, 10, 11, 12, 13]],
  ['grows and shrinks', (n: number) => 2 + (n % 2), [1, 3, 5, 7, 9, 11, 13]],
])('a list that %s with every attempt completes its rounds', (_, count, ends) => {
  const endpoints = new Endpoints()
  const rounds = Array.from({ length: 14 }, (_, n) => {
    endpoints.pick(Array.from({ length: count(n) }, (_, i) => i) as [number, ...number[]])
    return endpoints.failed()
  })
  expect(rounds.flatMap((round, n) => (round > 0 ? [n] : []))).toEqual(ends)
  expect(rounds.filter((round) => round > 0)).toEqual(ends.map((_, i) => i + 1))
})

test('whatever a provider gives, it is one of them', () => {
  const count = fc.integer({ min: 1, max: 5 })
  const step = fc.record({
    count,
    what: fc.constantFrom('failed' as const, 'lost' as const, 'begin' as const),
  })
  fc.assert(
    fc.property(fc.array(step), (steps) => {
      const endpoints = new Endpoints()
      for (const { count, what } of steps) {
        const list = Array.from({ length: count }, (_, i) => i) as [number, ...number[]]
        expect(list).toContain(endpoints.pick(list))
        endpoints[what]()
      }
    }),
  )
})

test('of n endpoints, none is left out and n dials are one round', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 8 }), fc.integer({ min: 1, max: 5 }), (count, rounds) => {
      const endpoints = new Endpoints()
      const list = Array.from({ length: count }, (_, i) => i) as [number, ...number[]]
      for (let round = 1; round <= rounds; round++) {
        const seen = list.map(() => [endpoints.pick(list), endpoints.failed()] as const)
        expect(seen.map(([picked]) => picked)).toEqual(list)
        expect(seen.map(([, told]) => told)).toEqual(list.map((i) => (i === count - 1 ? round : 0)))
      }
    }),
  )
})
