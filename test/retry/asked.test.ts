import { expect, test } from 'vitest'
import { askedByReason, retryAfter } from '../../src/retry/asked.js'

const now = Date.UTC(2026, 0, 1)

test.each([
  ['120', 120_000],
  ['0', 0],
  [new Date(now + 5_000).toUTCString(), 5_000],
  [new Date(now - 5_000).toUTCString(), 0],
  ['soon', undefined],
  ['-5', undefined],
  [undefined, undefined],
])('Retry-After: %s', (value, ms) => {
  // a bare negative number is a date to some parsers, and then one long ago
  expect(retryAfter(value, now) || undefined).toBe(ms || undefined)
})

test.each([
  ['{"retryAfterMs":2500}', 2_500],
  ['{"retryAfterMs":-1}', undefined],
  ['{"retryAfterMs":"9"}', undefined],
  ['{}', undefined],
  ['{"retryAfterMs":', undefined],
  ['null', undefined],
  ['', undefined],
])('a close reason of %s', (reason, ms) => expect(askedByReason(reason)).toBe(ms))
