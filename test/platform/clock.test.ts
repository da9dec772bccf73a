import { afterEach, expect, test, vi } from 'vitest'
import { systemClock } from '../../src/platform/clock.js'

afterEach(() => vi.useRealTimers())

test('it is the platform’s own time', () => {
  vi.useFakeTimers()
  const callback = vi.fn()
  const [now, date] = [systemClock.now(), systemClock.date()]
  systemClock.setTimeout(callback, 100)
  systemClock.clearTimeout(systemClock.setTimeout(callback, 100))
  vi.advanceTimersByTime(150)
  expect(callback).toHaveBeenCalledTimes(1)
  expect([systemClock.now() - now, systemClock.date() - date]).toEqual([150, 150])
})
