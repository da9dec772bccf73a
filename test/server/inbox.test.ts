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

test('several handlers, of which one throws: it fails when all are done, with the first error', async () => {
  const listener = { handled: vi.fn(), failed: vi.fn(), crowded: vi.fn(), relieved: vi.fn() }
  const inbox = new Inbox(listener)
  let finish!: () => void
  inbox.add(() => Promise.reject(new Error('rejects')))
  inbox.add(() => new Promise<void>((resolve) => (finish = resolve)))
  inbox.add(() => {
    throw new Error('throws')
  })
  inbox.give('x', 1, 1)
  // an unhandled rejection would be one by now
  await new Promise(setImmediate)
  expect(listener.failed).not.toHaveBeenCalled()
  finish()
  await inbox.stop()
  expect(listener.failed.mock.calls).toEqual([[new Error('rejects')]])
  expect(listener.handled).not.toHaveBeenCalled()
})

test('a handler that removes itself takes no message from the next one', async () => {
  const listener = { handled: vi.fn(), failed: vi.fn(), crowded: vi.fn(), relieved: vi.fn() }
  const inbox = new Inbox(listener)
  const given: string[] = []
  const undo = inbox.add(() => {
    given.push('once')
    undo()
  })
  inbox.add(() => void given.push('always'))
  inbox.give('x', 1, 1)
  await inbox.stop()
  expect(given).toEqual(['once', 'always'])
})

test('removing a handler twice removes no other one, nor itself where it was added again', async () => {
  const listener = { handled: vi.fn(), failed: vi.fn(), crowded: vi.fn(), relieved: vi.fn() }
  const inbox = new Inbox(listener)
  const handler = vi.fn()
  const undo = inbox.add(handler)
  const other = vi.fn()
  inbox.add(other)
  undo()
  inbox.add(handler)
  undo()
  inbox.give('x', 1, 1)
  await inbox.stop()
  expect(handler).toHaveBeenCalledOnce()
  expect(other).toHaveBeenCalledOnce()
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
