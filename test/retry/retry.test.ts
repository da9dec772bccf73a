import { runInNewContext } from 'node:vm'
import { describe, expect, test } from 'vitest'
import {
  CloseCodeError,
  ConnectionError,
  DialError,
  HandshakeError,
  InvalidArgumentError,
  ProxyError,
  RetryLimitError,
} from '../../src/diagnostics/errors.js'
import type { End } from '../../src/machine/state.js'
import type { Decision, Endpoint, Options, RetryOptions } from '../../src/options/options.js'
import { Endpoints } from '../../src/retry/endpoints.js'
import { Retry } from '../../src/retry/retry.js'
import { readSettings } from '../../src/options/settings.js'
import { SimPlatform } from '../sim/platform.js'
import { catchReports, URL_A } from '../sim/socket.js'
import type { Provider } from '../../src/options/provider.js'

const lost: End = { by: 'network', code: 1006, reason: '', wasClean: false, cause: new ConnectionError() }
const closed = (code: number, reason = ''): End => ({ by: 'peer', code, reason, wasClean: true })
const refused = (status: number, retryAfter?: number): End => ({
  ...lost,
  cause: new HandshakeError(status, {}, '', retryAfter),
})

function start(retry: Options['retry'] = {}, url: Provider<Endpoint> = URL_A, more: Options = {}) {
  const platform = new SimPlatform()
  platform.random = () => 0.5
  const endpoints = new Endpoints()
  const settings = readSettings(url, { retry, ...more })
  const subject = new Retry(settings, platform, endpoints)
  subject.begin()
  let count = 0
  return {
    platform,
    subject,
    endpoints,
    /** Judges the end of the next attempt in a row. */
    judge(end: End, stability: 'stable' | 'short' = 'short') {
      if (stability === 'stable') count = 0
      if (typeof url !== 'function')
        endpoints.pick((Array.isArray(url) ? url : [url]) as unknown as [string, ...string[]])
      const stable = stability === 'stable' && subject.lasted(Infinity)
      return subject.judge(end, ++count, stable)
    },
  }
}

describe('the default', () => {
  test('retries after the backoff', () => {
    const { judge } = start()
    expect(judge(lost)).toEqual({ end: lost, verdict: { type: 'retry', delay: 2_000 } })
    const delay = expect.closeTo(0.775 * 4_000 * 1.3) as unknown
    expect(judge(closed(1000)).verdict).toEqual({ type: 'retry', delay })
  })

  test('1012 and 1013 wait a random 5 to 30 s', () => {
    for (const code of [1012, 1013])
      for (const [random, delay] of [
        [0, 5_000],
        [0.5, 17_500],
        [1, 30_000],
      ] as const) {
        const { judge, platform } = start()
        platform.random = () => random
        expect(judge(closed(code)).verdict).toEqual({ type: 'retry', delay })
      }
  })

  test.each([1002, 1003, 1007, 1010])('%i is final, whatever a function might bring', (code) => {
    expect(start({}, () => URL_A).judge(closed(code)).verdict).toMatchObject({ type: 'stop' })
  })

  test.each([1002, 1003, 1007, 1010])('%i is final, with an error that says so', (code) => {
    const { end, verdict } = start().judge(closed(code))
    expect(end).toMatchObject({ by: 'peer', code, cause: expect.any(CloseCodeError) as unknown })
    expect(end.cause).toMatchObject({ closeCode: code })
    expect(verdict).toEqual({ type: 'stop', end })
  })

  test('a dial that the platform refuses is final, but for one more where a function can bring another URL', () => {
    const refusal = { ...lost, cause: new DialError(new Error('SecurityError')) }
    expect(start().judge(refusal)).toEqual({ end: refusal, verdict: { type: 'stop', end: refusal } })
    const { judge } = start({}, () => URL_A)
    expect([judge(refusal).verdict.type, judge(refusal).verdict.type]).toEqual(['retry', 'stop'])
    const several = start({}, [URL_A, 'wss://b.test/'])
    expect([several.judge(refusal).verdict, several.judge(refusal).verdict.type]).toEqual([
      { type: 'retry', delay: 0 },
      'stop',
    ])
  })

  test.each([400, 404, 501])('HTTP %i is final, with its own error', (status) => {
    const given = refused(status)
    expect(start().judge(given)).toEqual({ end: given, verdict: { type: 'stop', end: given } })
  })

  test('without retry every end is the last', () => {
    expect(start(false).judge(lost)).toEqual({ end: lost, verdict: { type: 'stop', end: lost } })
    expect(start(false).judge(closed(1008)).end.cause).toBeInstanceOf(CloseCodeError)
  })
})

describe('a refused authorization', () => {
  const ends = [closed(1008), closed(3000), closed(3003), refused(401), refused(403)]

  test('without a provider is final', () => {
    for (const end of ends) expect(start().judge(end).verdict.type).toBe('stop')
  })

  test.each([
    ['the URL', () => start({}, () => URL_A)],
    ['the protocols', () => start({}, URL_A, { protocols: () => 'a' })],
    ['the headers', () => start({}, URL_A, { node: { headers: () => ({}) } })],
  ])('with a provider of %s is worth one more dial, and no second one', (_, make) => {
    for (const first of ends)
      for (const second of ends) {
        const { judge } = make()
        expect(judge(first).verdict.type).toBe('retry')
        expect(judge(second).verdict.type).toBe('stop')
      }
  })

  test('after any other end it is worth another', () => {
    const { judge } = start({}, () => URL_A)
    expect([closed(1008), lost, closed(1008)].map((end) => judge(end).verdict.type)).toEqual([
      'retry',
      'retry',
      'retry',
    ])
  })

  test('after a stable connection, and in a new run, it is worth another', () => {
    const { judge, subject } = start({}, () => URL_A)
    judge(closed(1008))
    expect(judge(closed(3000), 'stable').verdict.type).toBe('retry')
    expect(judge(closed(3000)).verdict.type).toBe('stop')
    subject.begin()
    expect(judge(closed(3000)).verdict.type).toBe('retry')
  })

  test.each([closed(1008), closed(3000), closed(3003), refused(401), refused(403)])(
    'the attempt that may bring a new token does not wait: %#',
    (end) => {
      const { judge } = start({}, () => URL_A)
      expect(judge(end).verdict).toEqual({ type: 'retry', delay: 0 })
    },
  )

  test('unless the server asks for a time, or decide does', () => {
    const { judge } = start({}, () => URL_A)
    expect(judge(refused(401, 60_000)).verdict).toMatchObject({ delay: 75_000 })
    const asked = start({ decide: () => 70 }, () => URL_A)
    expect(asked.judge(refused(401)).verdict).toEqual({ type: 'retry', delay: 70 })
  })
})

describe('1008 and 404', () => {
  const types = (judgements: { verdict: { type: string } }[]): string[] =>
    judgements.map(({ verdict }) => verdict.type)

  test.each([
    ['1008', closed(1008)],
    ['404', refused(404)],
  ])('%s from the first dial on is final', (_, end) => {
    const { judge } = start()
    expect(judge(end).verdict.type).toBe('stop')
  })

  test.each([
    ['1008', closed(1008)],
    ['404', refused(404)],
  ])('%s after a stable connection is final the third time in a row', (_, end) => {
    const { judge } = start()
    expect(types([judge(lost, 'stable'), judge(end), judge(end), judge(end)])).toEqual([
      'retry',
      'retry',
      'retry',
      'stop',
    ])
  })

  test('of a stable connection itself is the first of the three, each time', () => {
    const { judge } = start()
    for (let i = 0; i < 5; i++) expect(judge(closed(1008), 'stable').verdict.type).toBe('retry')
    expect(types([judge(refused(404)), judge(closed(1008))])).toEqual(['retry', 'stop'])
  })

  test('are counted anew after another end', () => {
    const { judge } = start()
    judge(lost, 'stable')
    const ends = [refused(404), refused(404), lost, refused(404), refused(404), refused(404)]
    expect(types(ends.map((end) => judge(end)))).toEqual([...Array<string>(5).fill('retry'), 'stop'])
  })

  test('wait out the backoff, but for the one that may bring a new token', () => {
    const { judge } = start({ backoff: () => 70 }, () => URL_A)
    judge(lost, 'stable')
    const delays = [closed(1008), closed(1008)].map((end) => judge(end).verdict)
    expect(delays).toEqual([
      { type: 'retry', delay: 0 },
      { type: 'retry', delay: 70 },
    ])
    expect(judge(closed(1008)).verdict.type).toBe('stop')
  })

  test('count rounds where there are several endpoints', () => {
    const { judge } = start({}, ['ws://a.test/', 'ws://b.test/'])
    judge(lost, 'stable')
    const all = Array.from({ length: 6 }, () => judge(refused(404)))
    expect(types(all)).toEqual([...Array<string>(5).fill('retry'), 'stop'])
  })

  test('a new run knows of no stable connection', () => {
    const { judge, subject } = start()
    judge(lost, 'stable')
    subject.begin()
    expect(judge(refused(404)).verdict.type).toBe('stop')
  })

  test('a proxy that answers 404 is as final as ever', () => {
    const { judge } = start()
    judge(lost, 'stable')
    expect(judge({ ...lost, cause: new ProxyError('no', 404) }).verdict.type).toBe('stop')
  })
})

describe('several endpoints', () => {
  const urls = ['ws://a.test/', 'ws://b.test/', 'ws://c.test/']

  test('are tried one after the other at once, with a backoff after each round', () => {
    const { judge } = start({ backoff: { type: 'full', base: 100 } }, urls)
    const delays = Array.from({ length: 7 }, () => {
      const { verdict } = judge(lost)
      return verdict.type === 'retry' && verdict.delay
    })
    expect(delays).toEqual([0, 0, 50, 0, 0, 100, 0])
  })

  test('are all tried before an answer is final, or a wish to wait is heard', () => {
    const { judge } = start({}, urls)
    for (const end of [closed(1002), refused(404)])
      expect(judge(end)).toEqual({ end, verdict: { type: 'retry', delay: 0 } })
    expect(judge(closed(1002)).verdict.type).toBe('stop')
    const waiting = start({}, urls)
    for (const end of [closed(1012, '{"retryAfterMs":60000}'), lost])
      expect(waiting.judge(end)).toEqual({ end, verdict: { type: 'retry', delay: 0 } })
    expect(waiting.judge(closed(1012, '{"retryAfterMs":60000}')).verdict).toEqual({
      type: 'retry',
      delay: 75_000,
    })
  })

  test('do not end for good while one of them may be back, whichever it is', () => {
    const { judge } = start({ backoff: { type: 'full', base: 100 } }, urls)
    const round = (...ends: End[]): unknown => ends.map((end) => judge(end).verdict).at(-1)
    expect(round(lost, refused(403), refused(404))).toEqual({ type: 'retry', delay: 50 })
    expect(round(refused(403), closed(1012), closed(1002))).toEqual({ type: 'retry', delay: 100 })
    expect(round(refused(403), closed(1002), lost)).toEqual({ type: 'retry', delay: 200 })
    expect(round(refused(403), closed(1002), refused(404))).toMatchObject({ type: 'stop' })
  })

  test('and a new run, or a stable connection, knows nothing of the round before', () => {
    for (const anew of ['begin', 'stable'] as const) {
      const { judge, subject } = start({}, urls)
      judge(lost)
      if (anew === 'begin') subject.begin()
      else judge(lost, 'stable')
      expect([refused(403), refused(403), refused(403)].map((end) => judge(end).verdict.type)).toEqual([
        'retry',
        'retry',
        'stop',
      ])
    }
  })

  test('the one that was stable and then gives a final answer is left for the next', () => {
    const { judge } = start({ backoff: { type: 'full', base: 100 } }, urls)
    for (const code of [1002, 3000]) {
      expect(judge(closed(code), 'stable').verdict).toEqual({ type: 'retry', delay: 0 })
      expect(judge(refused(403)).verdict).toEqual({ type: 'retry', delay: 0 })
      expect(judge(refused(403)).verdict.type).toBe('stop')
    }
    // what may pass, or may have a new token, is dialed there again
    expect(judge(closed(1008), 'stable').verdict).toEqual({ type: 'retry', delay: 50 })
    const refreshing = start({}, urls, { protocols: () => [] })
    expect(refreshing.judge(closed(3000), 'stable').verdict).toEqual({ type: 'retry', delay: 0 })
    expect(refreshing.endpoints.pick(urls as [string, ...string[]])).toBe(urls[0])
  })

  test('a new run begins a round of its own', () => {
    const { judge, subject } = start({ backoff: { type: 'full', base: 100 } }, urls)
    for (let i = 0; i < 4; i++) judge(lost)
    subject.begin()
    const delays = Array.from({ length: 3 }, () => judge(lost).verdict)
    expect(delays).toEqual([0, 0, 50].map((delay) => ({ type: 'retry', delay })))
  })

  test('decide has its say: retry goes on with the next at once, a number waits, stop stops', () => {
    for (const [answer, verdict] of [
      ['retry', { type: 'retry', delay: 0 }],
      [500, { type: 'retry', delay: 500 }],
      ['stop', { type: 'stop', end: lost }],
    ] as const)
      expect(start({ decide: () => answer }, urls).judge(lost).verdict).toEqual(verdict)
  })

  test('the one that was stable is dialed again first, after the backoff of a first dial', () => {
    const { judge } = start({ backoff: { type: 'full', base: 100 } }, urls)
    for (let i = 0; i < 4; i++) judge(lost)
    expect(judge(lost, 'stable').verdict).toEqual({ type: 'retry', delay: 50 })
    expect(judge(lost).verdict).toEqual({ type: 'retry', delay: 0 })
  })
})

describe('what the server asks for', () => {
  const delay = (end: End, random: number, retry: RetryOptions = {}): unknown => {
    const { judge, platform } = start(retry)
    platform.random = () => random
    const { verdict } = judge(end)
    return verdict.type === 'retry' && verdict.delay
  }

  test('is heard, by Retry-After or a close reason, and jittered upwards by half or 4 s', () => {
    for (const end of [refused(503, 60_000), closed(1013, '{"retryAfterMs":60000}')]) {
      expect(delay(end, 0)).toBe(60_000)
      expect(delay(end, 1)).toBe(90_000)
    }
    expect([delay(refused(503, 0), 0), delay(refused(503, 0), 1)]).toEqual([0, 4_000])
  })

  test('is bounded', () => {
    expect(delay(refused(503, Infinity), 0)).toBe(300_000)
    expect(delay(refused(503, 60_000), 0, { maxRetryAfter: 1_000 })).toBe(1_000)
    expect(delay(refused(503, Infinity), 0, { maxRetryAfter: 0 })).toBe(0)
    expect(delay(refused(503, Infinity), 1, { maxRetryAfter: 2 ** 31 - 1 })).toBe(2 ** 31 - 1)
  })

  test('does not turn a final end around', () => {
    expect(delay(closed(1002, '{"retryAfterMs":5}'), 0)).toBe(false)
    expect(delay(refused(404, 5), 0)).toBe(false)
  })

  test('is not in an HTTP answer without Retry-After, whatever the reason says', () => {
    expect(delay({ ...refused(503), reason: '{"retryAfterMs":60000}' }, 0.5)).toBe(2_000)
  })
})

describe('bounds', () => {
  const cause = (verdict: { readonly type: string; readonly end?: End }): unknown => verdict.end?.cause

  test('limit: that many retries in a row', () => {
    const { judge } = start({ limit: 2 })
    expect([judge(lost), judge(lost)].map(({ verdict }) => verdict.type)).toEqual(['retry', 'retry'])
    const { end, verdict } = judge(lost)
    expect(end).toBe(lost)
    expect(verdict).toMatchObject({ type: 'stop', end: { code: 1006, by: 'network' } })
    expect(cause(verdict)).toBeInstanceOf(RetryLimitError)
    expect(cause(verdict)).toMatchObject({
      cause: lost.cause,
      message: expect.stringContaining('limit') as unknown,
    })
  })

  test('limit: 0 retries nothing', () => {
    expect(start({ limit: 0 }).judge(lost).verdict.type).toBe('stop')
  })

  test('limit: a stable connection resets it', () => {
    const { judge } = start({ limit: 1 })
    judge(lost)
    expect(judge(lost, 'stable').verdict.type).toBe('retry')
    expect(judge(lost).verdict.type).toBe('stop')
  })

  test('maxElapsed: that long without a stable connection', () => {
    const { judge, platform } = start({ maxElapsed: 1_000, backoff: () => 0 })
    platform.clock.sleep(999)
    expect(judge(lost).verdict.type).toBe('retry')
    platform.clock.sleep(1)
    const { verdict } = judge(lost)
    expect(cause(verdict)).toBeInstanceOf(RetryLimitError)
    expect(cause(verdict)).toMatchObject({ message: expect.stringContaining('maxElapsed') as unknown })
  })

  test.each([
    ['the backoff', { backoff: () => 901 }, lost],
    ['what the server asks for', {}, refused(503, 200_000)],
    ['what a restart is given', {}, closed(1012)],
    ['decide', { decide: () => 901 }, lost],
  ])('maxElapsed: a wait that ends after it is not begun: %s', (_, retry: RetryOptions, end) => {
    const { judge, platform } = start({ maxElapsed: 1_000, ...retry })
    platform.clock.sleep(100)
    const { verdict } = judge(end)
    expect(cause(verdict)).toBeInstanceOf(RetryLimitError)
    expect(cause(verdict)).toMatchObject({ message: expect.stringContaining('maxElapsed') as unknown })
    expect((cause(verdict) as Error).cause).toBe(end.cause)
  })

  test('maxElapsed: a wait that ends with it is', () => {
    const { judge, platform } = start({ maxElapsed: 1_000, backoff: () => 900 })
    platform.clock.sleep(100)
    expect(judge(lost).verdict).toEqual({ type: 'retry', delay: 900 })
  })

  test('maxElapsed: counts from the end of a stable connection', () => {
    const { judge, platform } = start({ maxElapsed: 1_000, backoff: () => 0 })
    platform.clock.sleep(5_000)
    expect(judge(lost, 'stable').verdict.type).toBe('retry')
    platform.clock.sleep(999)
    expect(judge(lost).verdict.type).toBe('retry')
  })

  test('maxElapsed: does not count the time in which a connection was open, however short', () => {
    const { judge, subject, platform } = start({ maxElapsed: 1_000, backoff: () => 0 })
    for (let flaps = 0; flaps < 9; flaps++) {
      platform.clock.sleep(100)
      platform.clock.sleep(4_000)
      expect(subject.lasted(4_000)).toBe(false)
      expect(judge(lost).verdict.type).toBe('retry')
    }
    // and it adds up the rest: a server that accepts and closes does not put the end off for ever
    platform.clock.sleep(101)
    expect(cause(judge(lost).verdict)).toBeInstanceOf(RetryLimitError)
  })

  test('nobody is asked any more', () => {
    const asked: unknown[] = []
    start({ limit: 0, decide: (end) => void asked.push(end) }).judge(lost)
    expect(asked).toEqual([])
  })
})

test('lasted: stable from stableAfter on; without retry always', () => {
  const { subject } = start({ stableAfter: 100 })
  expect([99, 100, 101].map((lived) => subject.lasted(lived))).toEqual([false, true, true])
  expect(start(false).subject.lasted(0)).toBe(true)
})

test('a backoff knows the wait before, whoever chose it', () => {
  const decide = (end: End): Decision => (end.code === 1001 ? 2_000 : undefined)
  const { judge } = start({ backoff: 'decorrelated', decide })
  expect(judge(lost).verdict).toEqual({ type: 'retry', delay: 2_000 })
  expect(judge(lost).verdict).toEqual({ type: 'retry', delay: 3_500 })
  judge(closed(1001))
  expect(judge(lost).verdict).toEqual({ type: 'retry', delay: 3_500 })
  expect(judge(lost, 'stable').verdict).toEqual({ type: 'retry', delay: 2_000 })
})

test('and a dial at once, of the next endpoint or with a new token, is no wait', () => {
  const delays = (...[ends, url]: [End[], string[] | (() => string)]): unknown => {
    const { judge } = start({ backoff: 'decorrelated' }, url)
    return ends.map((end) => judge(end).verdict).map((verdict) => verdict.type === 'retry' && verdict.delay)
  }
  const [a, b] = ['ws://a.test/', 'ws://b.test/']
  expect(delays(Array<End>(6).fill(lost), [a, b])).toEqual([0, 2_000, 0, 3_500, 0, 5_750])
  expect(delays([lost, refused(401), lost], () => a)).toEqual([2_000, 0, 3_500])
})

describe('decide', () => {
  const backoff = { type: 'retry', delay: 2_000 } as const
  const answers: [Decision, unknown][] = [
    ['retry', backoff],
    [true, backoff],
    [undefined, backoff],
    [0, { type: 'retry', delay: 0 }],
    [123.5, { type: 'retry', delay: 123.5 }],
    ['stop', { type: 'stop', end: lost }],
    [false, { type: 'stop', end: lost }],
  ]

  test.each(answers)('%s', async (answer, verdict) => {
    expect(start({ decide: () => answer }).judge(lost)).toEqual({ end: lost, verdict })
    const { verdict: asked, answer: later } = start({ decide: () => Promise.resolve(answer) }).judge(lost)
    expect(asked).toEqual({ type: 'ask' })
    expect(await later).toEqual(verdict)
  })

  test('gets the end and the number of the retry', () => {
    const asked: unknown[] = []
    const { judge } = start({ decide: (...given) => void asked.push(given) })
    judge(lost)
    judge(closed(1000))
    expect(asked).toEqual([
      [lost, 1],
      [closed(1000), 2],
    ])
  })

  test('may retry what is final by default, and gets the error it would have', () => {
    let cause: unknown
    const { judge } = start({
      decide: (end) => {
        cause = end.cause
        return 'retry'
      },
    })
    expect(judge(closed(1002)).verdict).toEqual(backoff)
    expect(cause).toBeInstanceOf(CloseCodeError)
  })

  test('undefined leaves a final end final', () => {
    expect(start({ decide: () => {} }).judge(closed(1002)).verdict.type).toBe('stop')
  })

  const bad = [null, 'maybe', -1, NaN, Infinity, 2 ** 31, Symbol('x'), 5n]
  test.each(bad)('%s: the default holds, and the error surfaces', async (answer) => {
    const reports = catchReports()
    expect(start({ decide: () => answer as Decision }).judge(lost).verdict).toEqual(backoff)
    const { answer: later } = start({ decide: () => Promise.resolve(answer as Decision) }).judge(lost)
    expect(await later).toEqual(backoff)
    expect(reports).toEqual([expect.any(InvalidArgumentError), expect.any(InvalidArgumentError)])
    expect(reports[0]).toMatchObject({ argument: 'retry.decide()' })
  })

  test.each([[{}], [[]], [() => 'stop']])('%o is no answer', async (answer) => {
    const reports = catchReports()
    const { answer: later } = start({ decide: () => answer as unknown as Decision }).judge(lost)
    expect(await later).toEqual(backoff)
    expect(reports.length).toBe(1)
  })

  test('throws or rejects: the default holds, and the error surfaces', async () => {
    const reports = catchReports()
    const error = new Error('mine')
    const throws = (): never => {
      throw error
    }
    expect(start({ decide: throws }).judge(closed(1002)).verdict.type).toBe('stop')
    const { verdict, answer } = start({ decide: () => Promise.reject(error) }).judge(lost)
    expect(verdict).toEqual({ type: 'ask' })
    expect(await answer).toEqual(backoff)
    expect(reports).toEqual([error, error])
  })

  test('never answers: the fallback is the default', () => {
    const never = new Promise<Decision>(() => {})
    expect(start({ decide: () => never }).judge(lost).fallback!()).toEqual(backoff)
    expect(start({ decide: () => never }).judge(closed(1002)).fallback!().type).toBe('stop')
  })

  test('may answer by any thenable, and by a promise of another realm', async () => {
    const reports = catchReports()
    const thenable = { then: (resolve: (decision: Decision) => void) => resolve('stop') }
    const foreign = runInNewContext('Promise.resolve("stop")') as Promise<Decision>
    for (const promise of [thenable as Promise<Decision>, foreign]) {
      const { verdict, answer } = start({ decide: () => promise }).judge(lost)
      expect(verdict).toEqual({ type: 'ask' })
      expect(await answer).toEqual({ type: 'stop', end: lost })
    }
    expect(reports).toEqual([])
  })
})

test('wake-ups come in flocks: the first of each counts, and the first after a sleep', () => {
  const { subject, platform } = start()
  expect([subject.wakes(), subject.wakes()]).toEqual([true, false])
  platform.clock.sleep(4_999)
  expect(subject.wakes()).toBe(false)
  platform.clock.sleep(1)
  expect([subject.wakes(), subject.wakes()]).toEqual([true, false])
  subject.sleep()
  expect(subject.wakes()).toBe(true)
})
