import { expect, test } from 'vitest'
import { ConnectionError, DialError, HandshakeError } from '../../src/diagnostics/errors.js'
import type { End } from '../../src/machine/state.js'
import { readAnswer } from '../../src/platform/answer.js'
import { type Meaning, read } from '../../src/retry/verdict.js'

const meaning = (end: End): Meaning => read(end, readAnswer).meaning
const mayPass = (end: End): boolean | undefined => read(end, readAnswer).mayPass

const closed = (code: number): End => ({ by: 'peer', code, reason: '', wasClean: true })
const refused = (status: number): End => ({
  by: 'network',
  code: 1006,
  reason: '',
  wasClean: false,
  cause: new HandshakeError(status),
})

/** The numbers of each meaning but `retry`. */
function sort(numbers: readonly number[], end: (number: number) => End): Partial<Record<Meaning, number[]>> {
  const found: Partial<Record<Meaning, number[]>> = {}
  for (const number of numbers) {
    const what = meaning(end(number))
    if (what !== 'retry') (found[what] ??= []).push(number)
  }
  return found
}

const range = (from: number, to: number): number[] =>
  Array.from({ length: to - from + 1 }, (_, i) => from + i)

test('every close code: what is not named is retried, 1000 too', () => {
  expect(sort(range(1000, 4999), closed)).toEqual({
    stop: [1002, 1003, 1007, 1010],
    refresh: [1008, 3000, 3003],
    restart: [1012, 1013],
  })
})

test('the status counts, whatever code goes with it', () => {
  expect(meaning({ ...refused(503), code: 1008 })).toBe('retry')
  expect(meaning({ ...refused(401), code: 1012 })).toBe('refresh')
})

test('a dial that the platform refuses is refused for what was asked', () => {
  const cause = new DialError(new Error('SecurityError'))
  expect(meaning({ by: 'network', code: 1006, reason: '', wasClean: false, cause })).toBe('refresh')
})

test('an end without the peer’s word is retried', () => {
  expect(meaning({ ...closed(1006), by: 'network', cause: new ConnectionError() })).toBe('retry')
})

test('1008 may pass where all was well before; nothing else', () => {
  expect(range(1000, 4999).filter((code) => mayPass(closed(code)))).toEqual([1008])
})

test('where no HTTP answer is ever seen, none is looked for', () => {
  expect(read(refused(401))).toEqual({ meaning: 'retry', mayPass: false, asked: undefined })
})

test('what a server asks for: in a close reason, or by Retry-After', () => {
  expect(read({ ...closed(1000), reason: '{"retryAfterMs":5}' }).asked).toBe(5)
  const cause = new HandshakeError(503, {}, '', 7)
  expect(read({ ...refused(503), reason: '{"retryAfterMs":5}', cause }, readAnswer).asked).toBe(7)
  expect(read({ ...refused(503), reason: '{"retryAfterMs":5}' }, readAnswer).asked).toBeUndefined()
})
