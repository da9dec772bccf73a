import { afterEach, describe, expect, test, vi } from 'vitest'
import { attempt, reportError } from '../../src/diagnostics/report.js'

afterEach(() => void vi.unstubAllGlobals())

const error = new Error('of a listener')

describe('reportError', () => {
  test('goes to the platform’s own, where there is one', () => {
    const reported = vi.fn()
    vi.stubGlobal('reportError', reported)
    reportError(error)
    expect(reported.mock.calls).toEqual([[error]])
  })

  test('is thrown from a microtask where there is none: an uncaught exception', () => {
    const tasks: (() => void)[] = []
    vi.stubGlobal('reportError', undefined)
    vi.stubGlobal('queueMicrotask', (task: () => void) => tasks.push(task))
    reportError(error)
    expect(tasks.length).toBe(1)
    expect(tasks[0]).toThrow(error)
  })

  test('in Node, the process hears of it', async () => {
    // the test runner’s own listeners would fail the run
    const others = process.listeners('uncaughtException')
    process.removeAllListeners('uncaughtException')
    try {
      const uncaught = new Promise((resolve) => process.once('uncaughtException', resolve))
      reportError(error)
      expect(await uncaught).toBe(error)
    } finally {
      process.removeAllListeners('uncaughtException')
      for (const listener of others) process.on('uncaughtException', listener)
    }
  })
})

test('attempt reports what is thrown, and goes on', () => {
  const reported = vi.fn()
  vi.stubGlobal('reportError', reported)
  const ran = vi.fn()
  attempt(ran)
  expect(reported).not.toHaveBeenCalled()
  attempt(() => {
    throw error
  })
  attempt(ran)
  expect(reported.mock.calls).toEqual([[error]])
  expect(ran).toHaveBeenCalledTimes(2)
})
