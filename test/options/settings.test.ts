import { readBackoff } from '../../src/retry/backoff.js'
import { describe, expect, test } from 'vitest'
import { InvalidArgumentError } from '../../src/diagnostics/errors.js'
import type { Options } from '../../src/options/options.js'
import type { End } from '../../src/machine/state.js'
import {
  checkClose,
  checkEndpoint,
  checkProtocols,
  checkSend,
  readSettings,
} from '../../src/options/settings.js'
import { SimPlatform } from '../sim/platform.js'
import { catchReports, simulate, URL_A } from '../sim/socket.js'

const end: End = { by: 'network', code: 1006, reason: '', wasClean: false }
const moment = { retry: 1, end, previous: 0, random: () => 0.5 }

/** Which argument `action` refuses, `undefined` where it accepts all. */
function refused(action: () => unknown): string | undefined {
  try {
    action()
    return undefined
  } catch (error) {
    if (!(error instanceof InvalidArgumentError)) throw error
    return error.argument
  }
}

describe('defaults', () => {
  const defaults = {
    url: URL_A,
    protocols: undefined,
    autoConnect: true,
    connectTimeout: 10_000,
    closeTimeout: 5_000,
    binaryType: 'arraybuffer',
    readAhead: 1_000,
    hints: undefined,
    log: undefined,
    signal: undefined,
    WebSocket: undefined,
    node: {},
    heartbeat: { interval: 25_000, timeout: 10_000, message: undefined, isReply: undefined },
    outbox: {
      maxMessages: 1_000,
      maxBytes: 1_048_576,
      overflow: 'throw',
      maxAge: Infinity,
      highWaterMark: 65_536,
      maxBuffered: 16_777_216,
    },
    retry: {
      limit: Infinity,
      maxElapsed: Infinity,
      stableAfter: 5_000,
      maxRetryAfter: 300_000,
      decide: undefined,
      backoff: undefined,
    },
  }

  test('hold without options', () => {
    expect(readSettings(URL_A)).toEqual(defaults)
    expect(readSettings(URL_A, {})).toEqual(defaults)
  })

  test('hold for all that is undefined', () => {
    const names = Object.keys(defaults).filter((name) => name !== 'url')
    const nothing = Object.fromEntries(names.map((name) => [name, undefined])) as Options
    expect(readSettings(URL_A, nothing)).toEqual(defaults)
    const inner: Options = {
      retry: { backoff: undefined, limit: undefined, maxElapsed: undefined, stableAfter: undefined },
      heartbeat: { interval: undefined, timeout: undefined, message: undefined, isReply: undefined },
      outbox: { maxMessages: undefined, maxBytes: undefined, overflow: undefined, maxAge: undefined },
    }
    expect(readSettings(URL_A, inner)).toEqual(defaults)
  })

  test('hold where an option is true', () => {
    expect(readSettings(URL_A, { retry: true, heartbeat: true, outbox: true, hints: true })).toEqual(defaults)
  })

  test('retry.backoff is exponential: 4 s after an end that all may have seen', () => {
    expect(readBackoff(readSettings(URL_A).retry!.backoff)(moment)).toBe(2_000)
  })
})

test('false turns off', () => {
  const off = readSettings(URL_A, { retry: false, heartbeat: false, outbox: false, hints: false })
  expect(off).toMatchObject({ retry: undefined, heartbeat: undefined, outbox: undefined, hints: false })
})

test('what is given is used, and the rest of its group keeps its defaults', () => {
  const log = (): void => {}
  const decide = (): void => {}
  const hints = (): (() => void) => log
  const signal = new AbortController().signal
  class WebSocket {}
  const node = { headers: { a: 'b' }, maxPayload: 5 }
  const settings = readSettings([URL_A], {
    protocols: ['p'],
    autoConnect: false,
    connectTimeout: 1,
    closeTimeout: 2,
    binaryType: 'blob',
    readAhead: 3,
    hints,
    log,
    signal,
    WebSocket,
    node,
    retry: { limit: 4, decide },
    heartbeat: { interval: 5 },
    outbox: { overflow: 'drop-oldest' },
  })
  expect(settings).toMatchObject({
    url: [URL_A],
    protocols: ['p'],
    autoConnect: false,
    connectTimeout: 1,
    closeTimeout: 2,
    binaryType: 'blob',
    readAhead: 3,
  })
  expect(settings.hints).toBe(hints)
  expect(settings.log).toBe(log)
  expect(settings.signal).toBe(signal)
  expect(settings.WebSocket).toBe(WebSocket)
  expect(settings.node).toBe(node)
  expect(settings.retry).toMatchObject({ limit: 4, decide, stableAfter: 5_000 })
  expect(settings.heartbeat).toMatchObject({ interval: 5, timeout: 10_000 })
  expect(settings.outbox).toMatchObject({ overflow: 'drop-oldest', maxMessages: 1_000 })
})

describe('retry.backoff', () => {
  const backoff = (given: NonNullable<Exclude<Options['retry'], boolean>>['backoff']) =>
    readBackoff(readSettings(URL_A, { retry: { backoff: given } }).retry!.backoff)

  test('by name, by parameters, or both', () => {
    expect(backoff('constant')(moment)).toBe(1_000)
    expect(backoff({ type: 'constant', base: 7 })(moment)).toBe(7)
    expect(backoff({ base: 100 })(moment)).toBe(50)
    expect(backoff({ base: 100, cap: undefined })(moment)).toBe(50)
  })

  test('a function gets the attempt and the end', () => {
    const calls: unknown[] = []
    const mine = backoff((...given) => calls.push(given))
    expect(mine({ ...moment, retry: 3 })).toBe(1)
    expect(calls).toEqual([[3, end]])
  })

  test.each([[-1], [NaN], [Infinity], [2 ** 31], ['5'], [undefined], [Promise.resolve(1)]])(
    'a function that gives %s: the error surfaces, and the default holds',
    (given) => {
      const reports = catchReports()
      expect(backoff(() => given as number)(moment)).toBe(2_000)
      expect(reports).toEqual([expect.objectContaining({ argument: 'retry.backoff()' })])
    },
  )

  test('a function that throws: likewise', () => {
    const reports = catchReports()
    const error = new Error('mine')
    const mine = backoff(() => {
      throw error
    })
    expect(mine(moment)).toBe(2_000)
    expect(reports).toEqual([error])
  })
})

describe('what cannot be used is refused by name, and nothing is dialed', () => {
  const no = { fn: 'x', object: 5 }
  const numbers = [NaN, -1, '1', null]
  const wrong: Record<string, readonly unknown[]> = {
    protocols: [5, null, {}, ['a', 'a'], ['a b'], '', [5]],
    autoConnect: [0, 'true', null, {}],
    retry: [null, 0, 'on', [], no.fn],
    'retry.backoff': [null, 5, 'linear', []],
    'retry.backoff.type': ['linear', null, 5],
    'retry.backoff.base': numbers,
    'retry.backoff.factor': [...numbers, 0.9, 1_001],
    'retry.backoff.cap': [...numbers, Infinity],
    'retry.backoff.floor': [...numbers, 1.1],
    'retry.backoff.ownBase': numbers,
    'retry.limit': [...numbers, 1.5],
    'retry.maxElapsed': numbers,
    'retry.stableAfter': numbers,
    'retry.maxRetryAfter': [...numbers, Infinity],
    'retry.decide': [null, 'stop', {}],
    hello: [null, 5, {}, []],
    codec: [null, 5, {}, { encode: () => '' }, () => ({})],
    connectTimeout: [...numbers, 0, Infinity, 2 ** 31],
    closeTimeout: [...numbers, 0, Infinity, 2 ** 31],
    heartbeat: [null, 0, 'on', []],
    'heartbeat.interval': [...numbers, 0, Infinity],
    'heartbeat.timeout': [...numbers, 0, Infinity],
    'heartbeat.message': [null, 5, {}, []],
    'heartbeat.isReply': [null, 'pong', {}],
    outbox: [null, 0, 'on', []],
    'outbox.maxMessages': [...numbers, 1.5],
    'outbox.maxBytes': [...numbers, 1.5],
    'outbox.overflow': ['drop', null, 5, ''],
    'outbox.maxAge': numbers,
    'outbox.highWaterMark': [...numbers, 0],
    binaryType: ['nodebuffer', null, 5, ''],
    readAhead: [...numbers, 0, 1.5, Infinity],
    hints: [null, 0, 'on', {}],
    log: [null, true, 'x', {}],
    signal: [
      ...[null, true, 'x', {}, () => {}, { aborted: false }],
      ...[{ addEventListener: 1, removeEventListener: () => {} }, { addEventListener() {} }],
    ],
    WebSocket: [null, 'ws', {}],
    node: [null, 5, 'x', [], () => {}],
  }

  /** `{ a: { b: value } }` of `a.b`. */
  const nest = (path: string, value: unknown): Options =>
    path.split('.').reduceRight((inner, key) => ({ [key]: inner }), value) as Options

  test.each<[unknown, string]>([
    [{ retry: { backoff: { factor: 0.9 } } }, 'retry.backoff.factor must be a number from 1 to 1000'],
    [{ retry: { backoff: { floor: 2 } } }, 'retry.backoff.floor must be a number from 0 to 1'],
    [
      { retry: { backoff: 'x' } },
      'retry.backoff must be one of exponential, full, equal, decorrelated, constant',
    ],
    [{ hello: 5 }, 'hello must be a message or a function'],
    [{ codec: 5 }, 'codec must have the functions encode and decode'],
    [{ heartbeat: { message: 5 } }, 'heartbeat.message must be a message or a function'],
    [{ outbox: { overflow: 'x' } }, 'outbox.overflow must be one of throw, drop-oldest, drop-newest'],
    [{ outbox: { highWaterMark: 0 } }, 'outbox.highWaterMark must be a number above 0'],
    [{ outbox: { maxAge: -1 } }, 'outbox.maxAge must be a duration in ms from 0 to Infinity'],
    [{ retry: { maxRetryAfter: -1 } }, 'retry.maxRetryAfter must be a duration in ms from 0 to 2147483647'],
    [{ binaryType: 'x' }, 'binaryType must be one of arraybuffer, blob'],
    [{ readAhead: 0 }, 'readAhead must be a whole number from 1'],
    [{ protocols: 5 }, 'protocols must be a string or an array of strings'],
    [{ protocols: '' }, 'protocols has a name that is not a token of RFC 9110'],
    [[], 'options must be an object; pass subprotocols as { protocols }'],
  ])('says what is expected: %j', (options, expected) => {
    expect(() => readSettings(URL_A, options as Options)).toThrow(expected)
  })

  const cases = Object.entries(wrong).flatMap(([path, values]) =>
    values.map((value) => [path, value] as const),
  )

  test.each(cases)('%s: %j', (path, value) => {
    const platform = new SimPlatform()
    expect(refused(() => simulate(nest(path, value), URL_A, platform))).toBe(path)
    expect(platform.links).toEqual([])
    expect(platform.clock.timers).toEqual([])
  })

  test('every option is among them', () => {
    const { backoff: _, ...retry } = readSettings(URL_A).retry!
    const { outbox, heartbeat, url: __, ...rest } = readSettings(URL_A)
    const paths = [
      ...Object.keys(rest),
      ...Object.keys(retry).map((name) => `retry.${name}`),
      ...Object.keys(outbox!)
        // follows from maxBytes
        .filter((name) => name !== 'maxBuffered')
        .map((name) => `outbox.${name}`),
      ...Object.keys(heartbeat!).map((name) => `heartbeat.${name}`),
    ]
    expect(Object.keys(wrong)).toEqual(expect.arrayContaining(paths))
  })

  test.each(['retries', 'retry.limt', 'retry.backoff.bas', 'heartbeat.pong', 'outbox.size', 'toString'])(
    '%s is no option',
    (path) => {
      expect(refused(() => simulate(nest(path, undefined)))).toBe(path)
    },
  )

  test('what is inherited is neither checked nor used', () => {
    const inherited = { retry: { limit: 'x' }, heartbeat: 5, outbox: 5, hints: 5, connectTimeout: 'x' }
    expect(readSettings(URL_A, Object.create(inherited) as Options)).toEqual(readSettings(URL_A))
  })

  test('what a getter gives is what was checked', () => {
    let reads = 0
    const options = {
      get connectTimeout() {
        return reads++ === 0 ? 100 : 'x'
      },
    }
    expect(readSettings(URL_A, options as Options).connectTimeout).toBe(100)
  })

  test.each([[null], [5], ['x'], [[]]])('options %j', (options) => {
    expect(refused(() => simulate(options as unknown as Options))).toBe('options')
  })

  test.each([
    [undefined],
    [null],
    [''],
    ['/x'],
    ['ftp://a.test/'],
    ['ws://a.test/#x'],
    [[]],
    [[URL_A, '']],
    [5],
  ])('url %j', (url) => {
    expect(refused(() => readSettings(url as string))).toBe('url')
  })

  test('a function is asked only at the dial', () => {
    expect(
      refused(() => readSettings(() => '', { protocols: () => 'a b', heartbeat: { message: () => 'x' } })),
    ).toBe(undefined)
  })
})

test('what a codec encodes may be anything, a hello too', () => {
  const codec = { encode: () => '', decode: () => '' }
  expect(readSettings(URL_A, { codec, hello: 5 as never }).hello).toBe(5)
})

test.each([0.5, Number.MAX_VALUE, Infinity])(
  'any positive number is a high-water mark: %s',
  (highWaterMark) => {
    expect(readSettings(URL_A, { outbox: { highWaterMark } }).outbox).toMatchObject({ highWaterMark })
  },
)

test('an explicit limit of the outbox applies to what the platform holds, too', () => {
  expect(readSettings(URL_A, { outbox: { maxBytes: 5 } }).outbox).toEqual({
    maxMessages: 1_000,
    maxBytes: 5,
    overflow: 'throw',
    maxAge: Infinity,
    highWaterMark: 65_536,
    maxBuffered: 5,
  })
})

test('a relative URL without a page is checked only by a socket that dials later', () => {
  expect(readSettings('/live', { autoConnect: false }).url).toBe('/live')
  expect(refused(() => readSettings('ftp:/live', { autoConnect: false }))).toBe('url')
  expect(refused(() => readSettings('/live'))).toBe('url')
})

test('checkEndpoint gives the URLs as they are dialed', () => {
  expect(checkEndpoint('url', 'https://a.test')).toEqual(['wss://a.test/'])
  expect(checkEndpoint('url', ['ws://a.test', new URL('ws://b.test')])).toEqual([
    'ws://a.test/',
    'ws://b.test/',
  ])
  // as its type says, href is all that is needed
  expect(checkEndpoint('url', { href: 'ws://a.test' })).toEqual(['ws://a.test/'])
  expect(() => checkEndpoint('url', [])).toThrow('url must name at least one endpoint')
})

test('checkProtocols gives a list', () => {
  expect(checkProtocols('protocols', undefined)).toBeUndefined()
  expect(checkProtocols('protocols', 'a')).toEqual(['a'])
  expect(checkProtocols('protocols', ['a', 'b'])).toEqual(['a', 'b'])
  expect(checkProtocols('protocols', [])).toEqual([])
  for (const wrong of [null, 5, { 0: 'a' }, new Set(['a'])])
    expect(refused(() => checkProtocols('protocols', wrong))).toBe('protocols')
})

describe('checkClose', () => {
  test.each([[undefined], [1000], [3000], [3999], [4999]])('code %s may be sent', (code) => {
    expect(refused(() => checkClose(code, undefined))).toBeUndefined()
  })

  test.each([[999], [1001], [1005], [1006], [2999], [5000], [3000.5], [NaN], ['1000'], [null], [{}]])(
    'code %s may not',
    (code) => {
      expect(refused(() => checkClose(code, undefined))).toBe('code')
    },
  )

  test('a reason is at most 123 bytes in UTF-8, and needs a code', () => {
    expect(refused(() => checkClose(1000, ''))).toBeUndefined()
    expect(refused(() => checkClose(1000, 'x'.repeat(123)))).toBeUndefined()
    expect(refused(() => checkClose(1000, '€'.repeat(41)))).toBeUndefined()
    expect(refused(() => checkClose(1000, 'x'.repeat(124)))).toBe('reason')
    expect(refused(() => checkClose(1000, '€'.repeat(41) + 'x'))).toBe('reason')
    expect(refused(() => checkClose(undefined, 'x'))).toBe('reason')
    for (const wrong of [null, 5, {}]) expect(refused(() => checkClose(1000, wrong))).toBe('reason')
  })

  test('says what is expected', () => {
    expect(() => checkClose(1001, '')).toThrow('code must be 1000 or from 3000 to 4999')
    expect(() => checkClose(1000, 5)).toThrow('reason must be a string of at most 123 bytes in UTF-8')
    expect(() => checkClose(undefined, '')).toThrow('reason needs a code')
  })
})

test('checkSend', () => {
  const check = (given: unknown): string | undefined => refused(() => checkSend('options', given))
  expect(check({ maxAge: 0, volatile: true })).toBeUndefined()
  expect(check({ maxAge: Infinity, volatile: undefined })).toBeUndefined()
  expect(check({ maxAge: -1 })).toBe('maxAge')
  expect(check({ volatile: 1 })).toBe('volatile')
  expect(check({ urgent: true })).toBe('urgent')
  for (const wrong of [null, 5, 'x']) expect(check(wrong)).toBe('options')
})
