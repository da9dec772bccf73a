import { afterEach, describe, expect, test, vi } from 'vitest'
import { InvalidArgumentError } from '../src/errors.js'
import type { End } from '../src/machine/state.js'
import type { Options } from '../src/options.js'
import { checkClose, checkEndpoint, checkProtocols, checkSend, readSettings } from '../src/settings.js'

afterEach(() => vi.unstubAllGlobals())

const url = 'ws://a.test/'
const end: End = { by: 'network', code: 1006, reason: '', wasClean: false }

function refused(run: () => unknown): string {
  try {
    run()
  } catch (error) {
    expect(error).toBeInstanceOf(InvalidArgumentError)
    return (error as InvalidArgumentError).argument
  }
  return 'nothing'
}

test('the defaults are those of the documentation', () => {
  const { retry, heartbeat, outbox, ...rest } = readSettings(url)
  expect(rest).toEqual({
    url,
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
  })
  expect(retry).toMatchObject({
    limit: Infinity,
    maxElapsed: Infinity,
    stableAfter: 5_000,
    maxRetryAfter: 300_000,
    decide: undefined,
  })
  expect(heartbeat).toEqual({ interval: 25_000, timeout: 10_000, message: undefined, isReply: undefined })
  expect(outbox).toEqual({
    maxMessages: 1_000,
    maxBytes: 2 ** 20,
    overflow: 'throw',
    maxAge: Infinity,
    highWaterMark: 65_536,
  })
})

test('undefined is the default, true is on, false is off', () => {
  const names = [
    'protocols',
    'autoConnect',
    'retry',
    'connectTimeout',
    'heartbeat',
    'outbox',
    'hints',
    'log',
    'signal',
    'node',
  ]
  const nothing = Object.fromEntries(names.map((name) => [name, undefined])) as Options
  const plain = readSettings(url)
  const without = (settings: object): object => JSON.parse(JSON.stringify(settings)) as object
  expect(without(readSettings(url, nothing))).toEqual(without(plain))
  expect(without(readSettings(url, { retry: true, heartbeat: true, outbox: true, hints: true }))).toEqual(
    without(plain),
  )
  const off = readSettings(url, { retry: false, heartbeat: false, outbox: false, hints: false })
  expect([off.retry, off.heartbeat, off.outbox, off.hints]).toEqual([undefined, undefined, undefined, false])
})

const wrong: Readonly<Record<string, readonly unknown[]>> = {
  protocols: [7, 'a b', ['a', 'a'], [7], {}],
  autoConnect: [1, 'yes', null],
  retry: [7, 'on', null, []],
  'retry.backoff': ['linear', 7, null],
  'retry.backoff.type': ['linear'],
  'retry.backoff.base': [-1, NaN, 2 ** 31, '1'],
  'retry.backoff.factor': [0.5, Infinity],
  'retry.backoff.cap': [-1, Infinity],
  'retry.backoff.floor': [-0.1, 1.1],
  'retry.backoff.ownBase': [-1],
  'retry.backoff.jitter': [true],
  'retry.limit': [-1, 1.5, NaN, '3'],
  'retry.maxElapsed': [-1, NaN],
  'retry.stableAfter': [-1, '5'],
  'retry.maxRetryAfter': [-1, Infinity],
  'retry.decide': [true, 'stop'],
  'retry.limt': [3],
  connectTimeout: [0, -1, NaN, Infinity, 2 ** 31, '10'],
  closeTimeout: [0, Infinity],
  heartbeat: [7, null],
  'heartbeat.interval': [0, -1, Infinity, '1'],
  'heartbeat.timeout': [0, NaN],
  'heartbeat.message': [7, {}, null],
  'heartbeat.isReply': ['pong'],
  'heartbeat.intervall': [1],
  outbox: [7, 'throw'],
  'outbox.maxMessages': [-1, 1.5],
  'outbox.maxBytes': [-1, NaN],
  'outbox.overflow': ['drop', true],
  'outbox.maxAge': [-1],
  'outbox.highWaterMark': [0, 'x'],
  binaryType: ['nodebuffer', 7],
  readAhead: [0, 1.5, Infinity],
  hints: [7, 'on'],
  log: [true, {}],
  signal: [true, {}, null],
  WebSocket: [{}, 'ws'],
  node: [7, [], null],
  retries: [3],
}

describe('what is wrong is refused by name', () => {
  test.each(Object.entries(wrong))('%s', (path, values) => {
    for (const value of values) {
      const keys = path.split('.')
      const options = keys.reduceRight<unknown>((inner, key) => ({ [key]: inner }), value) as Options
      expect(
        refused(() => readSettings(url, options)),
        String(value),
      ).toBe(path)
    }
  })

  test('the options as a whole', () =>
    expect(refused(() => readSettings(url, 7 as unknown as Options))).toBe('options'))

  test.each([
    [''],
    ['nonsense'],
    ['ftp://a.test/'],
    [7 as unknown as string],
    [[]],
    [['ws://a.test/', 'nonsense']],
  ])('url %j', (given) => expect(refused(() => readSettings(given))).toBe('url'))
})

test('every type of backoff can be named, given in part, or be a function', () => {
  const at = (backoff: NonNullable<Exclude<Options['retry'], boolean | undefined>>['backoff']): number =>
    readSettings(url, { retry: { backoff } }).retry!.backoff({
      retry: 3,
      end,
      previous: 0,
      random: () => 0.5,
    })
  expect(at('full')).toBe(2_000)
  expect(at({ type: 'constant', base: 7 })).toBe(7)
  expect(at({ base: 1_000, factor: undefined })).toBeCloseTo(1_000 * 1.3 ** 2 * 0.7)
  expect(at((attempt) => attempt * 10)).toBe(30)
})

test('a backoff that throws or gives nonsense is reported, and the default holds', () => {
  const report = vi.fn()
  vi.stubGlobal('reportError', report)
  const nonsense = [NaN, -1, Infinity, 2 ** 31, '5' as unknown as number]
  const functions = [
    ...nonsense.map((ms) => () => ms),
    () => {
      throw new Error('x')
    },
  ]
  for (const backoff of functions) {
    const delay = readSettings(url, { retry: { backoff } }).retry!.backoff({
      retry: 1,
      end,
      previous: 0,
      random: () => 0.5,
    })
    expect(delay).toBe(2_000)
  }
  expect(report).toHaveBeenCalledTimes(functions.length)
})

test('endpoints and protocols become lists', () => {
  expect(checkEndpoint('url', ['http://a.test', new URL('wss://b.test/')])).toEqual([
    'ws://a.test/',
    'wss://b.test/',
  ])
  expect([
    checkProtocols('protocols', 'a'),
    checkProtocols('protocols', ['a', 'b']),
    checkProtocols('protocols', undefined),
  ]).toEqual([['a'], ['a', 'b'], undefined])
})

describe('close(code, reason)', () => {
  test.each([
    [undefined, undefined],
    [1000, undefined],
    [3000, ''],
    [4999, 'é'.repeat(61)],
  ])('%s %s', (code, reason) => expect(refused(() => checkClose(code, reason))).toBe('nothing'))
  test.each([[999], [1001], [1005], [2999], [5000], [3000.5], ['1000'], [NaN]])('code %s', (code) =>
    expect(refused(() => checkClose(code, undefined))).toBe('code'),
  )
  test.each([
    [1000, 'é'.repeat(62)],
    [1000, 7],
    [undefined, 'why'],
  ])('%s %s', (code, reason) => expect(refused(() => checkClose(code, reason))).toBe('reason'))
})

test('send(data, options)', () => {
  expect(refused(() => checkSend('options', { maxAge: 5, volatile: true }))).toBe('nothing')
  expect(refused(() => checkSend('options', { maxAge: -1 }))).toBe('maxAge')
  expect(refused(() => checkSend('options', { volatile: 1 }))).toBe('volatile')
  expect(refused(() => checkSend('options', { priority: 1 }))).toBe('priority')
})
