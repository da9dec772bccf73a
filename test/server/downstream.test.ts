import { expect, test } from 'vitest'
import { Downstream } from '../../src/server/downstream.js'

test('what is read late, or written before what is missing, is left to the store', () => {
  const down = new Downstream(1_000, 2, 2)
  down.learn(5)
  // there is one between
  down.written(['five'], 5)
  expect([down.loaded, down.hungry]).toEqual([2, true])
  down.add([
    { number: 2, data: 'two' },
    { number: 3, data: 'three' },
  ])
  expect([down.loaded, down.size, down.get(3)]).toEqual([3, 3, 'three'])
  expect(down.learn(4)).toBe(false)
})

test('no more is at hand than the window, and one batch', () => {
  const down = new Downstream(10, 0, 0)
  down.written(['12345', '67890'], 2)
  down.written(['more'], 3)
  down.learn(3)
  expect([down.loaded, down.hungry]).toEqual([2, false])
  down.forget(1)
  expect(down.hungry).toBe(true)
})

test('so many small messages are at hand that the client acknowledges them at once', () => {
  const window = 262_144
  const down = new Downstream(window, 0, 0)
  const batch = Array.from({ length: 128 }, () => 'x'.repeat(16))
  for (let last = 128; last <= 8_192; last += 128) {
    down.written(batch, last)
    down.learn(last)
  }
  expect(down.loaded * 16).toBeGreaterThanOrEqual(window / 4)
  // and no more than that, though the window has room
  expect(down.loaded).toBe(4_096)
})
