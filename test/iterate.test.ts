import { expect, test, vi } from 'vitest'
import { iterate } from '../src/iterate.js'
import type { Data } from '../src/options.js'

function source(limit: number, pausable = true) {
  const messages = new Set<(data: Data) => void>()
  const closed = new Set<() => void>()
  const resume = vi.fn()
  const pause = vi.fn(() => (pausable ? resume : undefined))
  let state: 'open' | 'closed' = 'open'
  const add = <T>(set: Set<T>, listener: T) => {
    set.add(listener)
    return () => set.delete(listener)
  }
  const close = (): void => {
    state = 'closed'
    for (const listener of [...closed]) listener()
  }
  return {
    source: {
      limit,
      onMessage: (l: (data: Data) => void) => add(messages, l),
      isClosed: () => state === 'closed',
      onClosed: (l: () => void) => add(closed, l),
      pause,
    },
    say: (...all: string[]) => all.forEach((data) => messages.forEach((listener) => listener(data))),
    close,
    pause,
    resume,
    listeners: () => messages.size + closed.size,
  }
}
const done = { done: true, value: undefined }

test('what came before is given first, then what is awaited, in order', async () => {
  const { source: from, say } = source(10)
  const iteration = iterate(from)
  expect(iteration[Symbol.asyncIterator]()).toBe(iteration)
  say('a', 'b')
  expect([await iteration.next(), await iteration.next()]).toEqual([
    { done: false, value: 'a' },
    { done: false, value: 'b' },
  ])
  const [third, fourth] = [iteration.next(), iteration.next()]
  say('c', 'd')
  expect([await third, await fourth]).toEqual([
    { done: false, value: 'c' },
    { done: false, value: 'd' },
  ])
})

test('it ends when the socket is closed, after what is held; and leaves no listener', async () => {
  const { source: from, say, close, listeners } = source(10)
  const iteration = iterate(from)
  say('a')
  close()
  say('late')
  expect([await iteration.next(), await iteration.next(), await iteration.next()]).toEqual([
    { done: false, value: 'a' },
    done,
    done,
  ])
  expect(listeners()).toBe(0)
})

test('whoever waits when the socket is closed is told', async () => {
  const { source: from, close } = source(10)
  const waiting = iterate(from).next()
  close()
  expect(await waiting).toEqual(done)
})

test('on a closed socket it ends at once', async () => {
  const { source: from, close, listeners } = source(10)
  close()
  expect(await iterate(from).next()).toEqual(done)
  expect(listeners()).toBe(0)
})

test('a slow consumer stops the reading, and starts it again at half', async () => {
  const { source: from, say, pause, resume } = source(4)
  const iteration = iterate(from)
  say('1', '2', '3')
  expect(pause).not.toHaveBeenCalled()
  // what had been read already still comes
  say('4', '5')
  expect(pause).toHaveBeenCalledTimes(1)
  for (let i = 0; i < 2; i++) await iteration.next()
  expect(resume).not.toHaveBeenCalled()
  await iteration.next()
  expect(resume).toHaveBeenCalledTimes(1)
  expect([await iteration.next(), await iteration.next()]).toEqual([
    { done: false, value: '4' },
    { done: false, value: '5' },
  ])
  say('6', '7', '8', '9')
  expect(pause).toHaveBeenCalledTimes(2)
})

test('where nothing can be stopped, falling behind is an error, after what is held', async () => {
  const { source: from, say, listeners } = source(2, false)
  const iteration = iterate(from)
  say('1', '2', '3')
  expect([await iteration.next(), await iteration.next()]).toEqual([
    { done: false, value: '1' },
    { done: false, value: '2' },
  ])
  await expect(iteration.next()).rejects.toThrow(
    expect.objectContaining({ code: 'ERR_SLOW_CONSUMER' }) as Error,
  )
  expect(await iteration.next()).toEqual(done)
  expect(listeners()).toBe(0)
})

test('leaving the loop undoes everything, the stopped reading too', async () => {
  const { source: from, say, resume, listeners, close } = source(1)
  const iteration = iterate(from)
  say('1')
  expect(await iteration.return?.()).toEqual(done)
  expect(resume).toHaveBeenCalledTimes(1)
  expect(await iteration.next()).toEqual(done)
  close()
  expect(listeners()).toBe(0)
})
