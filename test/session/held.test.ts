import { expect, test } from 'vitest'
import { Held } from '../../src/session/held.js'

test('messages are found by their numbers, and positions are sums of sizes', () => {
  const held = new Held<string>(10)
  expect([held.first, held.last, held.size, held.bytes]).toEqual([11, 10, 0, 0])
  expect([held.add('a', 1), held.add('bb', 2), held.add('ccc', 3)]).toEqual([11, 12, 13])
  expect([held.at(10), held.at(11), held.at(12), held.at(13)]).toEqual([0, 1, 3, 6])
  held.forget(11)
  expect([held.first, held.last, held.size, held.bytes]).toEqual([12, 13, 2, 5])
  expect([held.at(11), held.get(12), held.list()]).toEqual([1, 'bb', ['bb', 'ccc']])
  held.forget(13)
  expect([held.first, held.last, held.size, held.bytes, held.at(13)]).toEqual([14, 13, 0, 0, 6])
  expect(held.add('d', 4)).toBe(14)
  expect([held.at(14), held.get(14), held.bytes]).toEqual([10, 'd', 4])
})

test('forgetting up to the last that was forgotten changes nothing', () => {
  const held = new Held<string>()
  held.add('a', 1)
  held.forget(0)
  expect(held.list()).toEqual(['a'])
})

/** Counts the elements that a run copies from one array into another. */
function copies(messages: number, waiting: number): number {
  const slice = Array.prototype.slice
  let count = 0
  Array.prototype.slice = function (this: unknown[], ...args) {
    const result = slice.apply(this, args)
    count += result.length
    return result
  }
  try {
    const held = new Held<number>()
    for (let i = 0; i < waiting; i++) held.add(i, 1)
    for (let i = 0; i < messages; i++) held.forget(held.add(i, 1) - waiting)
  } finally {
    Array.prototype.slice = slice
  }
  return count
}

test('what a message costs does not grow with what is held', () => {
  const [few, many] = [copies(20_000, 500), copies(20_000, 5_000)]
  // both arrays are copied once for as many messages as they hold
  expect(few).toBeLessThanOrEqual(2 * 20_000)
  expect(many).toBeLessThanOrEqual(2 * 20_000)
})
