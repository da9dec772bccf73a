import { inspect } from 'node:util'
import { describe, expect, test } from 'vitest'
import * as errors from '../../src/diagnostics/errors.js'

const cause = new Error('behind it')

/** How each is made, with its code, its words, and whether it carries `cause`. Made in the tests alone. */
const one: Record<
  Exclude<keyof typeof errors, 'EveropenError'>,
  readonly [make: () => errors.EveropenError, code: string, message: string, cause?: unknown]
> = {
  InvalidArgumentError: [
    () => new errors.InvalidArgumentError('retry.limit', 'must be 1'),
    'ERR_INVALID_ARGUMENT',
    'retry.limit must be 1',
  ],
  CodecError: [
    () => new errors.CodecError('decoded', cause),
    'ERR_CODEC',
    'a message cannot be decoded',
    cause,
  ],
  OutboxFullError: [
    () => new errors.OutboxFullError(),
    'ERR_OUTBOX_FULL',
    'the outbox is full; wait for open, or for drain() if the peer reads slowly, raise outbox.maxMessages or outbox.maxBytes, or set outbox.overflow',
  ],
  NotOpenError: [
    () => new errors.NotOpenError(),
    'ERR_NOT_OPEN',
    'the socket is not open and outbox is false; send after open',
  ],
  ClosedError: [
    () => new errors.ClosedError(cause),
    'ERR_CLOSED',
    'the socket is closed; unless its signal is aborted, connect() starts it again',
    cause,
  ],
  DrainError: [
    () =>
      new errors.DrainError('the time is over', { messages: 1, bytes: 2 }, 'no connection is open', cause),
    'ERR_DRAIN',
    'the time is over with 1 message (2 bytes) not sent: no connection is open',
    cause,
  ],
  SlowConsumerError: [
    () => new errors.SlowConsumerError(7),
    'ERR_SLOW_CONSUMER',
    "the iteration fell 7 messages behind; consume faster or use on('message')",
  ],
  ProviderError: [
    () => new errors.ProviderError('url', cause),
    'ERR_PROVIDER',
    'the url provider failed',
    cause,
  ],
  HelloError: [() => new errors.HelloError(undefined, cause), 'ERR_HELLO', 'the hello failed', cause],
  ConnectTimeoutError: [
    () => new errors.ConnectTimeoutError(7),
    'ERR_CONNECT_TIMEOUT',
    'no connection within 7 ms (connectTimeout)',
  ],
  ConnectionError: [
    () => new errors.ConnectionError('it failed', cause),
    'ERR_CONNECTION',
    'it failed',
    cause,
  ],
  DialError: [
    () => new errors.DialError(cause),
    'ERR_DIAL',
    'the platform does not allow the connection; see cause',
    cause,
  ],
  HandshakeError: [
    () => new errors.HandshakeError(503),
    'ERR_HANDSHAKE',
    'the server answered the handshake with HTTP 503',
  ],
  ProxyError: [() => new errors.ProxyError('it refused', 407, cause), 'ERR_PROXY', 'it refused', cause],
  MissingPackageError: [
    () => new errors.MissingPackageError('left-pad', 'this', cause),
    'ERR_MISSING_PACKAGE',
    'this needs left-pad: npm install left-pad',
    cause,
  ],
  CloseTimeoutError: [
    () => new errors.CloseTimeoutError(7),
    'ERR_CLOSE_TIMEOUT',
    'no closing handshake within 7 ms (closeTimeout)',
  ],
  CloseCodeError: [
    () => new errors.CloseCodeError(1008),
    'ERR_CLOSE_CODE',
    'the server closed with 1008, which is final unless retry.decide says otherwise',
  ],
  HeartbeatError: [
    () => new errors.HeartbeatError(7),
    'ERR_HEARTBEAT',
    'the peer did not answer within 7 ms',
  ],
  RetryLimitError: [
    () => new errors.RetryLimitError('limit', cause),
    'ERR_RETRY_LIMIT',
    'gave up: retry.limit was reached',
    cause,
  ],
}

test('there is one of each here', () => {
  expect(Object.keys(one).concat('EveropenError').sort()).toEqual(Object.keys(errors).sort())
})

test('one without a sentence, as in production, says its code', () => {
  expect(new errors.EveropenError('SomeError', 'ERR_SOME', ' ').message).toBe('ERR_SOME')
  expect(new errors.InvalidArgumentError('retry.limit', '').message).toBe('retry.limit')
})

test('no two share a code', () => {
  expect(new Set(Object.values(one).map(([make]) => make().code)).size).toBe(Object.keys(one).length)
})

describe.each(Object.entries(one))('%s', (name, [make, code, message, behind]) => {
  test('is an Error with its class’s name, code and words', () => {
    const error = make()
    expect(error).toBeInstanceOf(Error)
    expect(error).toBeInstanceOf(errors.EveropenError)
    expect(error).toBeInstanceOf(errors[name as keyof typeof errors])
    expect([error.name, error.code]).toEqual([name, code])
    expect(error.message).toBe(message)
    expect(String(error)).toBe(`${name}: ${message}`)
  })

  test('has a cause where something caused it, and no property of that name otherwise', () => {
    const error = make()
    expect(error.cause).toBe(behind)
    expect('cause' in error).toBe(behind !== undefined)
  })

  test('enumerates no name, as built-in errors do not; it can be changed as theirs can', () => {
    expect(Object.getOwnPropertyDescriptor(make(), 'name')).toEqual({
      value: name,
      enumerable: false,
      writable: true,
      configurable: true,
    })
  })
})

test('what is named is a property too', () => {
  expect(new errors.InvalidArgumentError('retry.limit', 'must be 1').argument).toBe('retry.limit')
  expect(new errors.CloseCodeError(1008).closeCode).toBe(1008)
  expect(new errors.ProxyError('it refused', 407).status).toBe(407)
  expect(new errors.MissingPackageError('left-pad', 'this').package).toBe('left-pad')
})

test('DrainError says how much is left, in numbers and in words', () => {
  const left = (messages: number, bytes: number, ...more: string[]) =>
    new errors.DrainError('the time is over', { messages, bytes }, more[0], undefined, more[1])
  expect(left(2, 1)).toMatchObject({
    messages: 2,
    bytes: 1,
    message: 'the time is over with 2 messages (1 byte) not sent',
  })
  expect(left(0, 3, '', 'stored').message).toBe('the time is over with 3 bytes not stored')
})

test('ConnectionError names the code of what lies beneath, and tells nothing else of it', () => {
  const message = (cause: unknown) => new errors.ConnectionError(undefined, cause).message
  expect(message(Object.assign(new Error('at secret.test'), { code: 'ECONNREFUSED' }))).toBe(
    'the connection failed (ECONNREFUSED)',
  )
  for (const code of [7, 'secret.test', 'at ECONNREFUSED', 'E', `E${'X'.repeat(100)}`, undefined])
    expect(message({ code })).toBe('the connection failed')
})

test('RetryLimitError tells the last error of ours, and no other', () => {
  const last = new errors.ConnectTimeoutError(7)
  expect(new errors.RetryLimitError('maxElapsed', last).message).toBe(
    `gave up: retry.maxElapsed was reached; the last attempt: ${last.message}`,
  )
  expect(new errors.RetryLimitError('limit', new Error('secret')).message).toBe(
    'gave up: retry.limit was reached',
  )
})

test('ConnectionError and ClosedError need neither message nor cause', () => {
  expect('cause' in new errors.ConnectionError()).toBe(false)
  expect(new errors.ConnectionError().message).toBe('the connection failed')
  expect('cause' in new errors.ClosedError()).toBe(false)
})

describe('HandshakeError', () => {
  const make = () => new errors.HandshakeError(429, { 'set-cookie': ['token=secret'] }, 'secret body', 2_000)

  test('tells what the server said', () => {
    const secret = make()
    expect(secret.status).toBe(429)
    expect(secret.headers).toEqual({ 'set-cookie': ['token=secret'] })
    expect(secret.body).toBe('secret body')
    expect(secret.retryAfter).toBe(2_000)
    expect(secret.message).toBe('the server answered the handshake with HTTP 429')
  })

  test('names what was wrong with an answer that was not one', () => {
    expect(new errors.HandshakeError(101, {}, '', undefined, 'no Upgrade header').message).toBe(
      'the server answered the handshake with HTTP 101: no Upgrade header',
    )
  })

  test('keeps headers and body out of logs', () => {
    const secret = make()
    expect(JSON.stringify(secret)).not.toContain('secret')
    expect(inspect(secret)).not.toContain('secret')
    expect(Object.keys({ ...secret })).not.toContain('headers')
  })

  test('has empty ones by default', () => {
    expect(new errors.HandshakeError(503)).toMatchObject({ headers: {}, body: '', retryAfter: undefined })
  })
})
