import { expect, test } from 'vitest'
import { Places } from '../../../src/platform/node/places.js'
import { touched } from '../../cost.js'

/** `n` items of a size each, written to a stream that always has that many bytes left to pass on. */
function saturated(n: number, size: number, left: number) {
  const places = new Places<{ start: number }>()
  let most = 0
  for (let start = 0; start < n * size; start += size) {
    if (places.add({ start })) places.forget(start - left)
    most = Math.max(most, places.size)
  }
  return { places, most }
}

test('what a stream that is never idle has passed on is forgotten, and nothing else', () => {
  for (const size of [8, 1_000, 100_000])
    for (const left of [0, 5 * size, 4_000_000]) {
      const { places, most } = saturated(20_000, size, left)
      // twice what is left, and what is not worth looking
      expect(most * size).toBeLessThanOrEqual(2 * (left + size) + 65_536 + 2 * size)
      const through = 19_999 * size - left
      const first = Math.max(0, Math.ceil(through / size) * size)
      expect(places.first(through)).toEqual({ start: first })
      expect(places.since(through).length).toBe((20_000 * size - first) / size)
    }
})

test('each costs the same, however many are left', () => {
  const cost = (n: number): number => touched(() => saturated(n, 100, n * 50))
  expect(cost(16_000)).toBeLessThan(2.5 * cost(8_000))
  expect(cost(16_000)).toBeLessThan(16_000 * 3)
})

test('nothing begins after the last', () => {
  const { places } = saturated(3, 10, 0)
  expect([places.size, places.first(20), places.first(21), places.since(21)]).toEqual([
    3,
    { start: 20 },
    undefined,
    [],
  ])
  places.forget(21)
  expect([places.size, places.first(0)]).toEqual([0, undefined])
  places.add({ start: 30 })
  places.clear()
  expect(places.size).toBe(0)
})
