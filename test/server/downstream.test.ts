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
