import { afterEach, expect, test, vi } from 'vitest'
import { systemClock } from '../../src/time/clock.js'

afterEach(() => void vi.useRealTimers())

test('now() is monotonic, date() is of the wall clock', () => {
  const [now, date] = [performance.now(), Date.now()]
  expect(systemClock.now()).toBeGreaterThanOrEqual(now)
  expect(systemClock.date()).toBeGreaterThanOrEqual(date)
  expect(systemClock.date() - date).toBeLessThan(60_000)
})

test('a timer fires once, and not at all when it is cleared', async () => {
  const fired: string[] = []
  const cleared = systemClock.setTimeout(() => fired.push('cleared'), 1)
  await new Promise<void>((resolve) => {
    systemClock.setTimeout(() => {
      fired.push('fired')
      resolve()
    }, 5)
    systemClock.clearTimeout(cleared)
  })
  expect(fired).toEqual(['fired'])
})

test('there need not be a timer to clear', () => {
  expect(() => systemClock.clearTimeout(undefined)).not.toThrow()
})

test('the timers of a page or a test are honoured', () => {
  vi.useFakeTimers({ now: 5_000 })
  const fired: number[] = []
  systemClock.setTimeout(() => fired.push(systemClock.date()), 1_000)
  vi.advanceTimersByTime(1_000)
  expect(fired).toEqual([6_000])
})
