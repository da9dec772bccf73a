/** What ends a run early, and what ends it at once. */
import { afterEach, expect, test, vi } from 'vitest'
import { Interrupt } from '../../../src/cli/interrupt.js'

const signals = ['SIGINT', 'SIGTERM'] as const
const before = signals.map((signal) => process.listeners(signal))
afterEach(() =>
  signals.forEach((signal, i) => {
    for (const listener of process.listeners(signal))
      if (!before[i]!.includes(listener)) process.off(signal, listener)
  }),
)

test('an output that breaks after a signal does not count as a second one', async () => {
  const atOnce = vi.fn<(status: number) => void>()
  const interrupt = new Interrupt(atOnce)
  interrupt.raise(143)
  await interrupt.first
  interrupt.end(141)
  expect(interrupt.status).toBe(143)
  expect(atOnce).not.toHaveBeenCalled()
  interrupt.raise(130)
  expect(atOnce.mock.calls).toEqual([[143]])
})
