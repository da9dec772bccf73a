/** Lines, messages and records as text and JSON. */
import { describe, expect, test } from 'vitest'
import { encode } from '../../../src/cli/encode.js'
import { deliveryReport, type Outcome, statusOf } from '../../../src/cli/exit.js'
import { framed, shown } from '../../../src/cli/framing.js'
import { toJson } from '../../../src/cli/json.js'
import { lines } from '../../../src/cli/lines.js'
import { failureOf } from '../../../src/cli/record.js'
import { describe as describeRecord, printable, seconds } from '../../../src/cli/text.js'
import {
  CloseCodeError,
  CloseTimeoutError,
  ConnectionError,
  ConnectTimeoutError,
  HandshakeError,
  HelloError,
  RetryLimitError,
} from '../../../src/index.js'
import { SessionProtocolError } from '../../../src/session/index.js'

async function* source(...chunks: string[]): AsyncGenerator<Buffer> {
  for (const chunk of chunks) yield Buffer.from(chunk, 'latin1')
}

async function split(...chunks: string[]): Promise<string[]> {
  const result = []
  for await (const line of lines(source(...chunks))) result.push(line.toString('latin1'))
  return result
}

describe('lines', () => {
  test.each([
    [['a\nb\n'], ['a', 'b']],
    [['a\nb'], ['a', 'b']],
    [['a\r\nb\r\n'], ['a', 'b']],
    [['\n\n'], ['', '']],
    [
      ['a', 'b', 'c\nd', 'e'],
      ['abc', 'de'],
    ],
    [
      ['a\r', '\nb'],
      ['a', 'b'],
    ],
    [[''], []],
    [[], []],
    [['a\rb\n'], ['a\rb']],
    [['\xc3', '\xa4\n'], ['\xc3\xa4']],
  ])('%j', async (chunks, expected) => expect(await split(...chunks)).toEqual(expected))

  test('a carriage return at its end may be part of it', async () => {
    const result: string[] = []
    for await (const line of lines(source('a\r\nb\r'), 'lf')) result.push(line.toString())
    expect(result).toEqual(['a\r', 'b\r'])
  })
})

describe('messages', () => {
  const binary = new Uint8Array([0x61, 0xff]).buffer

  test('from lines', () => {
    expect(encode(Buffer.from('ä\ufeff'), 'text')).toBe('ä\ufeff')
    expect(encode(Buffer.from('\ufeffa'), 'text')).toBe('\ufeffa')
    expect(encode(Buffer.from([0xff]), 'text')).toEqual({ problem: 'is not UTF-8: use --binary' })
    expect(encode(Buffer.from([0xff]), 'binary')).toEqual(Buffer.from([0xff]))
    for (const text of ['Yf8=', 'Yf8', ' Yf8= '])
      expect(encode(Buffer.from(text), 'base64')).toEqual(Buffer.from([0x61, 0xff]))
    for (const text of ['Y', 'Yf8==', 'Y-8=', 'Yf8=Yf8='])
      expect(encode(Buffer.from(text), 'base64')).toEqual({ problem: 'is not base64' })
  })

  test('for a pipe', () => {
    const plain = { raw: false, base64: false }
    expect(framed('a', plain)).toBe('a\n')
    expect(framed(binary, plain)).toEqual(Buffer.from([0x61, 0xff, 10]))
    expect(framed(binary, { ...plain, base64: true })).toBe('Yf8=\n')
    expect(framed('a', { ...plain, base64: true })).toBe('a\n')
    expect(framed('a', { ...plain, raw: true })).toBe('a')
    expect(framed(binary, { ...plain, raw: true })).toEqual(Buffer.from([0x61, 0xff]))
  })

  test('for a terminal', () => {
    expect(shown('a\n\tb\x07')).toBe('< a\n\tb\\u0007')
    expect(shown(binary)).toBe('< (2 bytes) Yf8=')
  })

  test('as JSON', () => {
    const at = new Date(0)
    const time = '1970-01-01T00:00:00.000Z'
    expect(JSON.parse(toJson({ type: 'message', data: 'a\n' }, at))).toEqual({
      time,
      type: 'message',
      data: 'a\n',
    })
    expect(JSON.parse(toJson({ type: 'message', data: binary }, at))).toEqual({
      time,
      type: 'message',
      base64: 'Yf8=',
    })
    expect(JSON.parse(toJson({ type: 'wait', ms: 5 }, at))).toEqual({ time, type: 'wait', ms: 5 })
  })
})

test('what could harm a terminal is shown and not carried out', () => {
  expect(printable('a\x00\x1b[2J\x7f\x9b\r\n\u202e\u2028b')).toBe(
    'a\\u0000\\u001b[2J\\u007f\\u009b\\u000d\\u000a\\u202e\\u2028b',
  )
  expect(printable('ä 日本 👍 \t', '\t')).toBe('ä 日本 👍 \t')
})

test('durations for people', () => {
  expect([0, 49, 1_000, 9_949, 9_950, 15_400].map(seconds)).toEqual([
    '0.0 s',
    '0.0 s',
    '1.0 s',
    '9.9 s',
    '10 s',
    '15 s',
  ])
})

describe('failures', () => {
  test('in a line, with what lies beneath, each once', () => {
    const cause = Object.assign(new AggregateError([]), { code: 'ECONNREFUSED' })
    expect(failureOf(new ConnectionError(undefined, cause))).toEqual({
      code: 'ERR_CONNECTION',
      message: 'the connection failed (ECONNREFUSED)',
    })
    expect(failureOf(new ConnectionError('x', new Error('x'))).message).toBe('x')
    expect(failureOf(new Error('x', { cause })).message).toBe('x: ECONNREFUSED')
    expect(failureOf(new ConnectionError('x', new TypeError())).message).toBe('x: TypeError')
  })

  test.each([
    [new RetryLimitError('limit'), 'gave up: --retry-limit was reached'],
    [new RetryLimitError('maxElapsed'), 'gave up: the outage would last longer than --retry-for'],
    [new ConnectTimeoutError(5), 'no connection within 5 ms (--connect-timeout)'],
    [new CloseTimeoutError(5), 'no closing handshake within 5 ms (--close-timeout)'],
    [new CloseCodeError(1008), 'the server closed with 1008, which is final'],
  ])('name the options of the command: %s', (error, message) =>
    expect(failureOf(error).message).toBe(message),
  )

  const violation = new HelloError(undefined, new SessionProtocolError('a hello from a server'))

  test.each([
    [violation, true],
    [new RetryLimitError('limit', violation), true],
    [new ConnectTimeoutError(5, new HelloError('the hello has not finished')), true],
    [new ConnectionError(undefined, new Error('Server sent no subprotocol')), true],
    [new ConnectionError(undefined, new Error('read ECONNRESET')), false],
    [new ConnectTimeoutError(5), false],
    [new HandshakeError(404), false],
  ])('ask with a session whether the server speaks it: %s: %s', (error, asked) => {
    const hint = / \(does it speak everopen sessions\?\)$/
    expect(hint.test(failureOf(error, true).message)).toBe(asked)
    expect(failureOf(error).message).not.toMatch(hint)
  })

  test('with the status, and without headers and body', () => {
    const error = new HandshakeError(401, { 'set-cookie': 's3cret' }, 's3cret')
    expect(failureOf(error)).toEqual({
      code: 'ERR_HANDSHAKE',
      message: 'the server answered the handshake with HTTP 401',
      status: 401,
    })
  })
})

describe('the end', () => {
  const fine: Outcome = { signal: undefined, opened: true, undelivered: 0, inDoubt: 0, inOrder: true }

  test.each<[Partial<Outcome>, number]>([
    [{}, 0],
    [{ opened: false }, 0],
    [{ opened: false, inOrder: false }, 1],
    [{ opened: false, inOrder: false, undelivered: 1 }, 4],
    [{ opened: false, inOrder: false, kept: 1 }, 4],
    [{ inOrder: false }, 3],
    [{ undelivered: 1 }, 4],
    [{ inDoubt: 1 }, 4],
    [{ undelivered: 1, inOrder: false }, 4],
    [{ signal: 130, undelivered: 1 }, 130],
    [{ signal: 143, opened: false, inOrder: false }, 143],
  ])('%j has the status %i', (outcome, status) => expect(statusOf({ ...fine, ...outcome })).toBe(status))

  test('says what was lost', () => {
    expect(deliveryReport(fine)).toBeUndefined()
    expect(deliveryReport({ undelivered: 2, inDoubt: 1 })).toBe(
      '2 messages were not delivered; 1 message was on a connection that was lost, and may not have arrived',
    )
  })

  test.each([
    [1, '1 message was not acknowledged; the session file keeps it'],
    [2, '2 messages were not acknowledged; the session file keeps them'],
  ])('says what the session file keeps: %i', (kept, text) =>
    expect(deliveryReport({ undelivered: 0, inDoubt: 0, kept })).toBe(text),
  )

  test('says with a session that nobody has acknowledged it', () => {
    expect(deliveryReport({ undelivered: 0, inDoubt: 1, kept: 0 })).toBe(
      '1 message was not acknowledged, and may not have arrived',
    )
  })

  test('is told to a person only where there is something to say, and then in any case', () => {
    const lost = { type: 'lost', reason: 'ended' } as const
    expect([0, 1, 2].map((messages) => describeRecord({ ...lost, messages })?.level)).toEqual([1, 0, 0])
    expect(describeRecord({ type: 'end', status: 0, undelivered: 0, inDoubt: 0 })).toBeUndefined()
    expect(describeRecord({ type: 'end', status: 4, undelivered: 1, inDoubt: 0 })).toEqual({
      tone: 'bad',
      level: -1,
      text: '1 message was not delivered',
    })
  })
})
