import { afterEach, expect, test, vi } from 'vitest'
import { attempt, reportError } from '../src/report.js'

afterEach(() => vi.unstubAllGlobals())

test('in browsers an error goes to the platform’s own report', () => {
  const report = vi.fn()
  vi.stubGlobal('reportError', report)
  const error = new Error('x')
  attempt(() => {
    throw error
  })
  expect(report).toHaveBeenCalledExactlyOnceWith(error)
})

test('elsewhere it is thrown where nobody catches it, and not at once', () => {
  const tasks: (() => void)[] = []
  vi.stubGlobal('queueMicrotask', (task: () => void) => tasks.push(task))
  reportError(new Error('x'))
  expect(tasks).toHaveLength(1)
  expect(tasks[0]).toThrow('x')
})

test('nothing is reported where nothing is thrown', () => {
  const report = vi.fn()
  vi.stubGlobal('reportError', report)
  attempt(() => {})
  expect(report).not.toHaveBeenCalled()
})
