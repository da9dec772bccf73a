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

/** How many elements a piece of work copies from arrays. */
function copiesIn(work: () => void): number {
  let count = 0
  // not bound to an array: called for each
  const values = Object.getOwnPropertyDescriptor(Array.prototype, Symbol.iterator)!
  Object.defineProperty(Array.prototype, Symbol.iterator, {
    ...values,
    value: function (this: unknown[]) {
      count += this.length
      return Reflect.apply(values.value as () => Iterator<unknown>, this, [])
    },
  })
  try {
    work()
  } finally {
    Object.defineProperty(Array.prototype, Symbol.iterator, values)
  }
  return count
}

test('what a message costs does not grow with what is held, nor with how many there were', () => {
  for (const waiting of [500, 5_000]) {
    const held = new Held<number>()
    for (let i = 0; i < waiting; i++) held.add(i, 1)
    const pass = (): void => {
      for (let i = 0; i < 20_000; i++) held.forget(held.add(i, 1) - waiting)
    }
    // at most once, when the first comes beside those that wait
    expect(copiesIn(pass)).toBeLessThanOrEqual(4 * waiting)
    expect(copiesIn(pass)).toBe(0)
    expect([held.size, held.get(held.last), held.bytes]).toEqual([waiting, 19_999, waiting])
  }
})

test('the memory of a burst is given back once all of it is acknowledged', () => {
  const held = new Held<string>(3)
  const burst = (): number =>
    copiesIn(() => {
      for (let i = 0; i < 1_000; i++) held.add(`${i}`, 1)
    })
  const first = burst()
  expect(first).toBeGreaterThan(1_000)
  held.forget(1_003)
  expect(held.list()).toEqual([])
  // it grows again, as it did before
  expect(burst()).toBe(first)
  expect([held.get(1_004), held.at(1_004), held.bytes]).toEqual(['0', 1_001, 1_000])
})

test('numbers beyond 32 bits have places of their own', () => {
  const held = new Held<number>(2 ** 32 - 20)
  for (let i = 0; i < 40; i++) held.add(i, 1)
  held.forget(2 ** 32 - 15)
  expect(held.list()).toEqual(Array.from({ length: 35 }, (_, i) => i + 5))
  expect(held.get(2 ** 32 + 20)).toBe(39)
})
