import { inspect } from 'node:util'
import { describe, expect, test } from 'vitest'
import * as errors from '../../src/diagnostics/errors.js'

const cause = new Error('behind it')

/** One of each, with its code, and whether it carries `cause`. */
const one: Record<Exclude<keyof typeof errors, 'EveropenError'>, [errors.EveropenError, string, unknown?]> = {
  InvalidArgumentError: [new errors.InvalidArgumentError('retry.limit', 'must be 1'), 'ERR_INVALID_ARGUMENT'],
  CodecError: [new errors.CodecError('decoded', cause), 'ERR_CODEC', cause],
  OutboxFullError: [new errors.OutboxFullError(), 'ERR_OUTBOX_FULL'],
  NotOpenError: [new errors.NotOpenError(), 'ERR_NOT_OPEN'],
  ClosedError: [new errors.ClosedError(cause), 'ERR_CLOSED', cause],
  DrainError: [
    new errors.DrainError('the time is over', { messages: 1, bytes: 2 }, 'no connection is open', cause),
    'ERR_DRAIN',
    cause,
  ],
  SlowConsumerError: [new errors.SlowConsumerError(7), 'ERR_SLOW_CONSUMER'],
  ProviderError: [new errors.ProviderError('url', cause), 'ERR_PROVIDER', cause],
  HelloError: [new errors.HelloError(undefined, cause), 'ERR_HELLO', cause],
  ConnectTimeoutError: [new errors.ConnectTimeoutError(7), 'ERR_CONNECT_TIMEOUT'],
  ConnectionError: [new errors.ConnectionError('it failed', cause), 'ERR_CONNECTION', cause],
  DialError: [new errors.DialError(cause), 'ERR_DIAL', cause],
  HandshakeError: [new errors.HandshakeError(503), 'ERR_HANDSHAKE'],
  ProxyError: [new errors.ProxyError('it refused', 407, cause), 'ERR_PROXY', cause],
  MissingPackageError: [
    new errors.MissingPackageError('left-pad', 'this', cause),
    'ERR_MISSING_PACKAGE',
    cause,
  ],
  CloseTimeoutError: [new errors.CloseTimeoutError(7), 'ERR_CLOSE_TIMEOUT'],
  CloseCodeError: [new errors.CloseCodeError(1008), 'ERR_CLOSE_CODE'],
  HeartbeatError: [new errors.HeartbeatError(7), 'ERR_HEARTBEAT'],
  RetryLimitError: [new errors.RetryLimitError('limit', cause), 'ERR_RETRY_LIMIT', cause],
}

test('there is one of each here', () => {
  expect(Object.keys(one).concat('EveropenError').sort()).toEqual(Object.keys(errors).sort())
})

test('one without a sentence, as in production, says its code', () => {
  expect(new errors.EveropenError('SomeError', 'ERR_SOME', ' ').message).toBe('ERR_SOME')
  expect(new errors.InvalidArgumentError('retry.limit', '').message).toBe('retry.limit')
})

test('no two share a code', () => {
  expect(new Set(Object.values(one).map(([{ code }]) => code)).size).toBe(Object.keys(one).length)
})

describe.each(Object.entries(one))('%s', (name, [error, code, behind]) => {
  test('is an Error with its class’s name and code', () => {
    expect(error).toBeInstanceOf(Error)
    expect(error).toBeInstanceOf(errors.EveropenError)
    expect(error).toBeInstanceOf(errors[name as keyof typeof errors])
    expect([error.name, error.code]).toEqual([name, code])
    expect(String(error)).toBe(`${name}: ${error.message}`)
    expect(error.message).not.toBe('')
  })

  test('has a cause where something caused it, and no property of that name otherwise', () => {
    expect(error.cause).toBe(behind)
    expect('cause' in error).toBe(behind !== undefined)
  })

  test('enumerates no name, as built-in errors do not; it can be changed as theirs can', () => {
    expect(Object.getOwnPropertyDescriptor(error, 'name')).toEqual({
      value: name,
      enumerable: false,
      writable: true,
      configurable: true,
    })
  })
})

test('what is named is in the message', () => {
  expect(one.InvalidArgumentError[0]).toMatchObject({
    argument: 'retry.limit',
    message: 'retry.limit must be 1',
  })
  expect(one.SlowConsumerError[0].message).toContain('7 messages')
  expect(one.ProviderError[0].message).toContain('url')
  for (const name of ['ConnectTimeoutError', 'CloseTimeoutError', 'HeartbeatError'] as const)
    expect(one[name][0].message).toContain('7 ms')
  expect(one.CloseCodeError[0]).toMatchObject({ closeCode: 1008 })
  expect(one.CloseCodeError[0].message).toContain('1008')
  expect(one.RetryLimitError[0].message).toContain('retry.limit')
  expect(new errors.RetryLimitError('maxElapsed').message).toContain('retry.maxElapsed')
})

test('ConnectionError names the code of what lies beneath, and tells nothing else of it', () => {
  const message = (cause: unknown) => new errors.ConnectionError(undefined, cause).message
  expect(message(Object.assign(new Error('at secret.test'), { code: 'ECONNREFUSED' }))).toBe(
    'the connection failed (ECONNREFUSED)',
  )
  for (const code of [7, 'secret.test', `E${'X'.repeat(100)}`, undefined])
    expect(message({ code })).toBe('the connection failed')
})

test('RetryLimitError tells the last error of ours, and no other', () => {
  const last = new errors.ConnectTimeoutError(7)
  expect(new errors.RetryLimitError('limit', last).message).toContain(last.message)
  expect(new errors.RetryLimitError('limit', new Error('secret')).message).not.toContain('secret')
})

test('ConnectionError and ClosedError need neither message nor cause', () => {
  expect('cause' in new errors.ConnectionError()).toBe(false)
  expect(new errors.ConnectionError().message).not.toBe('')
  expect('cause' in new errors.ClosedError()).toBe(false)
})

describe('HandshakeError', () => {
  const secret = new errors.HandshakeError(429, { 'set-cookie': ['token=secret'] }, 'secret body', 2_000)

  test('tells what the server said', () => {
    expect(secret.status).toBe(429)
    expect(secret.headers).toEqual({ 'set-cookie': ['token=secret'] })
    expect(secret.body).toBe('secret body')
    expect(secret.retryAfter).toBe(2_000)
    expect(secret.message).toContain('429')
  })

  test('keeps headers and body out of logs', () => {
    expect(JSON.stringify(secret)).not.toContain('secret')
    expect(inspect(secret)).not.toContain('secret')
    expect(Object.keys({ ...secret })).not.toContain('headers')
  })

  test('has empty ones by default', () => {
    expect(one.HandshakeError[0]).toMatchObject({ headers: {}, body: '', retryAfter: undefined })
  })
})
