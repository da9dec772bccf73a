import { expect, test, vi } from 'vitest'
import { Inbox } from '../../src/server/inbox.js'

test('a handler may stop it: nothing more is given', async () => {
  const listener = { handled: vi.fn(), failed: vi.fn(), crowded: vi.fn(), relieved: vi.fn() }
  const inbox = new Inbox(listener)
  const given: number[] = []
  inbox.add((_, { number }) => {
    given.push(number)
    if (number === 2) void inbox.stop()
  })
  for (let number = 1; number <= 3; number++) inbox.push('x', number, number)
  inbox.run()
  inbox.push('x', 4, 4)
  inbox.run()
  expect(given).toEqual([1, 2])
  expect(listener.handled).toHaveBeenCalledTimes(2)
})

test('taking a message costs the same however many wait', () => {
  const listener = { handled: vi.fn(), failed: vi.fn(), crowded: vi.fn(), relieved: vi.fn() }
  const inbox = new Inbox(listener)
  const slice = vi.spyOn(Array.prototype, 'slice')
  const moved = (count: number): number => {
    for (let number = 1; number <= count; number++) inbox.push('x', number, number)
    slice.mockClear()
    inbox.run()
    return slice.mock.results.reduce((sum, { value }) => sum + (value as unknown[]).length, 0) / count
  }
  let undo = inbox.add(() => {})
  const few = moved(1_000)
  undo()
  undo = inbox.add(() => {})
  const many = moved(2_000)
  undo()
  slice.mockRestore()
  expect(many).toBeLessThanOrEqual(few + 0.1)
})
