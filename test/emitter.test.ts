import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { Emitter } from '../src/emitter.js'

interface Events {
  a: number
  b: string
}
const report = vi.fn()
beforeEach(() => {
  report.mockReset()
  vi.stubGlobal('reportError', report)
})
afterEach(() => vi.unstubAllGlobals())

test('listeners get the detail and nothing else; `*` gets the type too, after them', () => {
  const emitter = new Emitter<Events>()
  const told: unknown[] = []
  emitter.on('*', (...args: unknown[]) => told.push(args))
  emitter.on('a', (...args: unknown[]) => told.push(args))
  emitter.emit('a', 1)
  emitter.emit('b', 'x')
  expect(told).toEqual([[1], ['a', 1], ['b', 'x']])
})

test('on() returns its own undo; off() removes', () => {
  const emitter = new Emitter<Events>()
  const [first, second] = [vi.fn(), vi.fn()]
  const undo = emitter.on('a', first)
  emitter.on('a', second)
  undo()
  undo()
  emitter.off('a', second)
  emitter.emit('a', 1)
  expect([first.mock.calls, second.mock.calls]).toEqual([[], []])
})

test('law 9: a listener that throws disturbs no other, and its error surfaces', () => {
  const emitter = new Emitter<Events>()
  const told: string[] = []
  const error = new Error('on purpose')
  for (const name of ['first', 'second'])
    emitter.on('a', () => {
      told.push(name)
      throw error
    })
  emitter.on('*', () => told.push('any'))
  emitter.emit('a', 1)
  expect(told).toEqual(['first', 'second', 'any'])
  expect(report.mock.calls).toEqual([[error], [error]])
})

test('who is added or removed during an event makes no difference to it', () => {
  const emitter = new Emitter<Events>()
  const told: string[] = []
  const undo = emitter.on('a', () => {
    told.push('self')
    undo()
    emitter.on('a', () => told.push('late'))
  })
  emitter.emit('a', 1)
  expect(told).toEqual(['self'])
  emitter.on('a', () => {
    told.push('remover')
    emitter.off('a', doomed)
  })
  const doomed = (): number => told.push('doomed')
  emitter.on('a', doomed)
  told.length = 0
  emitter.emit('a', 1)
  emitter.emit('a', 1)
  expect(told).toEqual(['late', 'remover', 'doomed', 'late', 'remover'])
})
