/** Headers, as they arrive at a server. */
import { describe, expect, test } from 'vitest'
import { InvalidArgumentError, ProviderError } from '../../../src/diagnostics/errors.js'
import { ReconnectingSocket } from '../../../src/index.js'
import { checkHeader, readHeaders } from '../../../src/platform/node/headers.js'
import { dial, failure, own, raw, request } from './meet.js'
import type { Attempt } from '../../../src/options/provider.js'

describe('node.headers', () => {
  test.each([
    ['an object', { 'X-One': '1', 'x-two': '2' }],
    ['pairs', [['X-One', '1'] as const, ['x-two', '2'] as const]],
    [
      'a Map',
      new Map([
        ['X-One', '1'],
        ['x-two', '2'],
      ]),
    ],
    ['a function', () => ({ 'X-One': '1', 'x-two': '2' })],
    ['an async function', () => Promise.resolve({ 'X-One': '1', 'x-two': '2' })],
  ])('from %s', async (_, headers) => {
    expect(await request({ headers })).toEqual(['X-One: 1', 'x-two: 2'])
  })

  test('from Headers', async () => {
    expect(await request({ headers: new Headers({ a: '1' }) })).toEqual(['a: 1'])
  })

  test('one named __proto__ is sent as any other', async () => {
    const pairs = [['__proto__', '1'] as const, ['__PROTO__', '2'] as const, ['x-one', '3'] as const]
    expect(await request({ headers: pairs })).toEqual(['__proto__: 1, 2', 'x-one: 3'])
    expect(await request({ headers: JSON.parse('{"__proto__":"1"}') as Record<string, string> })).toEqual([
      '__proto__: 1',
    ])
  })

  test('from a function that gives none', async () => {
    expect(await request({ headers: () => undefined })).toEqual([])
  })

  test('a function runs on every attempt, and is told of it', async () => {
    const server = await raw((connection, n) =>
      n < 2 ? connection.tcp.end('HTTP/1.1 503 Busy\r\n\r\n') : void connection.accept(),
    )
    const attempts: Attempt[] = []
    const headers = (attempt: Attempt) => {
      attempts.push(attempt)
      return { 'x-attempt': `${attempt.number}` }
    }
    const socket = dial(server.url, { headers }, { retry: { backoff: () => 1 } })
    await socket.opened
    const heads = await Promise.all(server.connections.map(({ request }) => request))
    expect(heads.map(own)).toEqual([['x-attempt: 0'], ['x-attempt: 1'], ['x-attempt: 2']])
    expect(attempts.map(({ lastEnd }) => lastEnd?.code)).toEqual([undefined, 1006, 1006])
  })

  test('of one name are one, in whatever case', () => {
    const pairs = [
      ['Accept-Language', 'de'],
      ['accept-language', 'en'],
      ['Cookie', 'a=1'],
      ['cookie', 'b=2'],
    ]
    expect(readHeaders('h', pairs)).toEqual({ 'Accept-Language': 'de, en', Cookie: 'a=1; b=2' })
    expect(readHeaders('h', { a: ['1', '2'], b: undefined })).toEqual({ a: '1, 2' })
  })

  test.each([
    ['a string', 'a: b'],
    ['a number', 5],
    ['null', null],
    ['an array of strings', ['a: b']],
    ['a pair of three', [['a', 'b', 'c']]],
    ['a name that is no string', [[5, 'b']]],
    ['a value that is no string', { a: 5 }],
    ['values that are no strings', { a: ['x', 5] }],
    ['a name with a space', { 'a b': 'x' }],
    ['an empty name', { '': 'x' }],
    ['a value with a line break', { a: 'x\r\nb: y' }],
    ['Sec-WebSocket-Key', { 'Sec-WebSocket-Key': 'x' }],
    ['sec-websocket-protocol', { 'sec-websocket-protocol': 'x' }],
    ['Upgrade', { Upgrade: 'h2c' }],
    ['Connection', { Connection: 'close' }],
    ['Content-Length', { 'Content-Length': '5' }],
    ['Transfer-Encoding', [['Transfer-Encoding', 'chunked']]],
  ])('%s is refused at once; from a function it fails the attempt', async (_, wrong) => {
    const make = (headers: never): ReconnectingSocket =>
      new ReconnectingSocket('ws://a.test/', { retry: false, node: { headers } })
    expect(() => make(wrong as never)).toThrow(InvalidArgumentError)
    expect(() => make(wrong as never)).toThrow(/^node\.headers must|^node\.headers has/)
    const { cause } = await make((() => wrong) as never).closed
    expect(cause).toBeInstanceOf(ProviderError)
    expect(cause!.cause).toBeInstanceOf(InvalidArgumentError)
  })
})

describe('node.cookie', () => {
  test.each([
    ['a string', 'a=1'],
    ['a function', () => 'a=1'],
    ['an async function', () => Promise.resolve('a=1')],
  ])('from %s', async (_, cookie) => {
    expect(await request({ cookie })).toEqual(['Cookie: a=1'])
  })

  test('joins one among the headers', async () => {
    expect(await request({ cookie: 'b=2', headers: { cookie: 'a=1' } })).toEqual(['Cookie: a=1; b=2'])
  })

  test('from a function that gives none', async () => {
    expect(await request({ cookie: () => undefined })).toEqual([])
  })

  test('a function that throws, or gives no string, fails the attempt', async () => {
    const error = new Error('no cookie')
    const throws = dial('ws://a.test/', { cookie: () => Promise.reject(error) })
    expect(await failure(throws)).toMatchObject({ message: 'the cookie provider failed', cause: error })
    const wrong = dial('ws://a.test/', { cookie: () => 5 as never })
    expect(await failure(wrong)).toMatchObject({ cause: { argument: 'cookie' } })
  })

  test('after a refused authorization one more attempt is made, as a function may bring a new one', async () => {
    const server = await raw((connection, n) =>
      n === 0 ? connection.tcp.end('HTTP/1.1 401 No\r\n\r\n') : void connection.accept(),
    )
    let count = 0
    const socket = dial(server.url, { cookie: () => `n=${++count}` }, { retry: { backoff: () => 1 } })
    await socket.opened
    expect(own(await server.connections[1]!.request)).toEqual(['Cookie: n=2'])
  })
})

describe('node.origin and node.host', () => {
  test('are sent, in place of those among the headers', async () => {
    const headers = { origin: 'https://other.test', host: 'other.test', 'x-a': 'b' }
    expect(await request({ headers, origin: 'https://a.test', host: 'b.test:1' })).toEqual([
      'x-a: b',
      'Host: b.test:1',
      'Origin: https://a.test',
    ])
    expect(await request({ headers })).toEqual(['origin: https://other.test', 'host: other.test', 'x-a: b'])
  })

  test('no origin is sent by default, and none for false, whatever the headers say', async () => {
    expect(await request({})).toEqual([])
    expect(await request({ origin: false, headers: { Origin: 'https://a.test' } })).toEqual([])
  })
})

test('checkHeader() takes what HTTP takes', () => {
  expect(() => checkHeader('h', 'plain \t ü')).not.toThrow()
  expect(() => checkHeader('h', 'x\n')).toThrow('h has a character')
})
