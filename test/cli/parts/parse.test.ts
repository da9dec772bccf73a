import { describe, expect, test } from 'vitest'
import {
  bytes,
  credentials,
  duration,
  headers,
  headerValue,
  oneOf,
  positive,
  serverCloseCode,
  wait,
  whole,
} from '../../../src/cli/parse.js'
import { UsageError } from '../../../src/cli/usage-error.js'

const SECRET = 's3cret'

describe('durations', () => {
  test.each([
    ['1', 1_000],
    ['0', 0],
    ['1.5', 1_500],
    ['.5', 500],
    ['500ms', 500],
    ['2s', 2_000],
    ['2m', 120_000],
    ['1h', 3_600_000],
    ['2147483647ms', 2_147_483_647],
  ])('%s', (text, ms) => expect(duration('--x', text)).toBe(ms))

  test.each(['', '-1', 'soon', '1 s', '1d', '1e3', 'Infinity', '2147483648ms', '1.2.3'])('not %s', (text) =>
    expect(() => duration('--x', text)).toThrow(/^--x must be seconds/),
  )

  test('-1 is for ever where waiting is meant', () => {
    expect(wait('--x', '-1')).toBe(Infinity)
    expect(wait('--x', '2')).toBe(2_000)
  })

  test('0 is not where something must take time', () => {
    expect(positive('--x', '1ms')).toBe(1)
    expect(() => positive('--x', '0')).toThrow('--x must be more than 0')
  })
})

test.each([
  ['1', 1],
  ['64k', 65_536],
  ['16M', 16_777_216],
  ['1G', 1_073_741_824],
])('bytes: %s', (text, count) => expect(bytes('--x', text)).toBe(count))

test.each(['', '0', '-1', '1.5', '2G', '1K', '1kB', 'many'])('not bytes: %s', (text) =>
  expect(() => bytes('--x', text)).toThrow(UsageError),
)

test('whole numbers', () => {
  expect([whole('--x', '0'), whole('--x', '65535', 65_535)]).toEqual([0, 65_535])
  for (const text of ['', '-1', '1.5', '65536', 'x'])
    expect(() => whole('--x', text, 65_535)).toThrow(UsageError)
})

test.each(['1000', '1001', '1003', '1006', '1007', '1014', '3000', '4999'])('close code %s', (text) =>
  expect(serverCloseCode('--x', text)).toBe(Number(text)),
)

test.each(['999', '1004', '1005', '1015', '1016', '2999', '5000', 'x'])('no close code: %s', (text) =>
  expect(() => serverCloseCode('--x', text)).toThrow(UsageError),
)

test('headers', () => {
  expect(headers('--x', ['A: b', 'C:d: e ', 'F:'])).toEqual([
    ['A', 'b'],
    ['C', 'd: e'],
    ['F', ''],
  ])
})

test.each([
  ['no colon', () => headers('--x', [SECRET])],
  ['no name', () => headers('--x', [`: ${SECRET}`])],
  ['a name that is none', () => headers('--x', [`A B: ${SECRET}`])],
  ['a line break', () => headers('--x', [`A: ${SECRET}\r\nB: c`])],
  ['a control character', () => headerValue('--x', `${SECRET}\0`)],
  ['no password', () => credentials('--x', SECRET)],
  ['another name', () => oneOf('--x', SECRET, ['a', 'b'])],
])('the error for %s names the option and not the value', (_, parse) => {
  expect(parse).toThrow(UsageError)
  expect(parse).toThrow(/^--x (?!.*s3cret)/)
})

test('what is right is given back', () => {
  expect(credentials('--x', ':')).toBe(':')
  expect(oneOf('--x', 'b', ['a', 'b'])).toBe('b')
})
