import { describe, expect, test } from 'vitest'
import { askedByReason, retryAfter } from '../../src/retry/asked.js'

const now = Date.UTC(2026, 0, 1)

describe('Retry-After', () => {
  test.each([
    ['0', 0],
    ['1', 1_000],
    ['120', 120_000],
    [new Date(now + 90_000).toUTCString(), 90_000],
    ['Thu, 01 Jan 2026 00:00:10 GMT', 10_000],
    // the two obsolete forms of RFC 9110 section 5.6.7
    ['Thursday, 01-Jan-26 00:00:10 GMT', 10_000],
    [new Date(now - 90_000).toUTCString(), 0],
  ])('%s', (value, ms) => {
    expect(retryAfter(value, now)).toBe(ms)
  })

  test.each([[undefined], [''], ['soon'], ['-5'], ['1.5'], ['1e3'], ['5s'], ['0x10']])(
    '%s asks for nothing',
    (value) => {
      expect(retryAfter(value, now)).toBeUndefined()
    },
  )
})

describe('a close reason', () => {
  test.each([
    ['{"retryAfterMs":0}', 0],
    ['{"retryAfterMs":1500.5,"why":"deploy"}', 1500.5],
    ['{ "retryAfterMs": 5 }', 5],
  ])('%s', (reason, ms) => {
    expect(askedByReason(reason)).toBe(ms)
  })

  test.each([
    '',
    'bye',
    '5',
    'null',
    '[{"retryAfterMs":5}]',
    '{',
    '{"retryAfterMs":',
    '{}',
    '{"retryAfterMs":null}',
    '{"retryAfterMs":"5"}',
    '{"retryAfterMs":-1}',
    '{"retryAfterMs":[5]}',
  ])('%s asks for nothing', (reason) => {
    expect(askedByReason(reason)).toBeUndefined()
  })
})
