/** What the options mean together. */
import { expect, test } from 'vitest'
import { connectConfig, listenConfig } from '../../../src/cli/config.js'
import { type Given, readProgram, Told } from '../../../src/cli/program.js'
import { UsageError } from '../../../src/cli/usage-error.js'

const read = (...args: string[]): { urls: readonly string[]; given: Given } =>
  readProgram(args, '1.2.3', () => {})
const connecting = (...args: string[]) => {
  const { urls, given } = read('ws://x', ...args)
  return connectConfig(urls, given)
}

test('without options the library’s own defaults hold', () => {
  expect(connecting()).toEqual({
    json: false,
    base64: false,
    raw: false,
    verbosity: 0,
    colour: true,
    urls: ['ws://x'],
    protocols: [],
    headers: [],
    tls: {},
    compression: true,
    heartbeat: {},
    retry: { backoff: {} },
    encoding: 'text',
    linger: 0,
    timings: false,
    showPings: false,
  })
})

test('-w belongs to -x, --eof-wait to the input', () => {
  expect(connecting('-w', '5').linger).toBe(0)
  expect(connecting('--eof-wait', '5').linger).toBe(5_000)
  expect(connecting('-x', 'a', '--eof-wait', '5').linger).toBe(2_000)
  expect(connecting('-x', 'a', '-w', '-1').linger).toBe(Infinity)
})

test('verbosity', () => {
  expect(['-v', '-vv', '-q'].map((flag) => connecting(flag).verbosity)).toEqual([1, 2, -1])
  expect(connecting('-v', '-q').verbosity).toBe(-1)
})

test('one Authorization: two would be joined to one that nobody understands', () => {
  expect(() => connecting('--auth', 'a:b', '-H', 'x: y', '-H', 'AUTHORIZATION: Bearer z')).toThrow(
    new UsageError('--auth cannot be used together with a header Authorization'),
  )
  expect(connecting('--auth', 'a:b', '-H', 'x: y')).toMatchObject({ auth: 'a:b', headers: [['x', 'y']] })
  expect(connecting('-H', 'Authorization: Bearer z').headers).toEqual([['Authorization', 'Bearer z']])
})

test('off is off', () => {
  expect(connecting('--no-retry', '--no-heartbeat', '--no-compression', '--no-color')).toMatchObject({
    retry: false,
    heartbeat: false,
    compression: false,
    colour: false,
  })
})

test('a server', () => {
  const { urls, given } = read('--listen', '0')
  expect(listenConfig(urls, given)).toMatchObject({
    port: 0,
    address: '127.0.0.1',
    closeCode: 1001,
    silent: false,
  })
  expect(() => listenConfig([], read('--listen', '65536').given)).toThrow(UsageError)
})

test('help and version are written, and nothing else is to be done', () => {
  for (const [flag, pattern] of [
    ['--help', /^Usage: everopen/],
    ['-h', /Examples:/],
    ['--version', /^1\.2\.3\n$/],
    ['-V', /^1\.2\.3\n$/],
  ] as const) {
    let written = ''
    expect(() => readProgram([flag], '1.2.3', (text) => (written += text))).toThrow(Told)
    expect(written).toMatch(pattern)
  }
})

test('what is no error of usage is not taken for one', () => {
  expect(() => readProgram(5 as never, '1.2.3', () => {})).toThrow(/must be array/)
})

test('a server’s limits', () => {
  const { urls, given } = read('--listen', '0', '--close-every', '3', '--max-payload', '2')
  expect(listenConfig(urls, given)).toMatchObject({ closeEvery: 3, maxPayload: 2 })
})
