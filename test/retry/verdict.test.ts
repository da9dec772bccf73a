import { expect, test } from 'vitest'
import { ConnectionError, DialError, HandshakeError, ProxyError } from '../../src/diagnostics/errors.js'
import type { End } from '../../src/machine/state.js'
import { mayPass, meaning, type Meaning } from '../../src/retry/verdict.js'

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

test('every HTTP status: what is not named is retried, a redirect and a captive portal too', () => {
  expect(sort(range(100, 599), refused)).toEqual({
    stop: [400, 404, 405, 410, 426, 501],
    refresh: [401, 403],
  })
})

test('a proxy’s status means what a server’s does, and 407 what 401 does', () => {
  const proxy = (status?: number): Meaning => meaning({ ...refused(0), cause: new ProxyError('no', status) })
  expect([407, 401, 403, 501, 502, 503, undefined].map(proxy)).toEqual([
    'refresh',
    'refresh',
    'refresh',
    'stop',
    'retry',
    'retry',
    'retry',
  ])
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

test('1008, and a server’s 404, may pass where all was well before; nothing else', () => {
  expect(range(1000, 4999).filter((code) => mayPass(closed(code)))).toEqual([1008])
  expect(range(100, 599).filter((status) => mayPass(refused(status)))).toEqual([404])
  expect(mayPass({ ...refused(0), cause: new ProxyError('no', 404) })).toBe(false)
})
