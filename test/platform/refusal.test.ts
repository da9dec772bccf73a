import type { IncomingMessage } from 'node:http'
import { PassThrough } from 'node:stream'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { HandshakeError } from '../../src/diagnostics/errors.js'
import { readRefusal } from '../../src/platform/refusal.js'

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] }))
afterEach(() => void vi.useRealTimers())

function start(statusCode: number | undefined = 503, headers: Record<string, string> = {}) {
  const stream = new PassThrough()
  const told: HandshakeError[] = []
  let heard: () => void
  const once = new Promise<void>((resolve) => (heard = resolve))
  readRefusal(Object.assign(stream, { statusCode, headers }) as unknown as IncomingMessage, '', (error) => {
    told.push(error)
    heard()
  })
  return { stream, told, once }
}

test('status, headers and body, once', async () => {
  const { stream, told, once } = start(404, { 'content-type': 'text/plain' })
  stream.write('not ')
  stream.end('here')
  await once
  stream.emit('close')
  stream.emit('error', new Error('late'))
  expect(told.length).toBe(1)
  expect(told[0]).toMatchObject({
    status: 404,
    headers: { 'content-type': 'text/plain' },
    body: 'not here',
    retryAfter: undefined,
  })
  expect(vi.getTimerCount()).toBe(0)
})

test.each([
  ['in seconds', () => '120'],
  ['as a date', () => new Date(Date.now() + 120_000).toUTCString()],
])('Retry-After %s', async (_, value) => {
  vi.setSystemTime(Date.UTC(2026, 0, 1))
  const { stream, told, once } = start(503, { 'retry-after': value() })
  stream.end()
  await once
  expect(told[0]!.retryAfter).toBe(120_000)
})

describe('a body without end', () => {
  test('is read to 4,096 bytes', async () => {
    const { stream, told, once } = start()
    stream.write('a'.repeat(4_000))
    stream.write('b'.repeat(10_000))
    await once
    expect(told.length).toBe(1)
    expect(told[0]!.body).toBe('a'.repeat(4_000) + 'b'.repeat(96))
    stream.write('more')
    expect(told.length).toBe(1)
  })

  test('is not waited for once there is enough of it', async () => {
    const { stream, told, once } = start()
    stream.write('a'.repeat(4_095))
    await new Promise<void>((resolve) => setImmediate(resolve))
    expect(told).toEqual([])
    stream.write('a')
    await once
    expect(told[0]!.body.length).toBe(4_096)
    expect(vi.getTimerCount()).toBe(0)
  })

  test('that trickles is waited for no longer than a second', async () => {
    const { stream, told, once } = start()
    stream.write('a bit')
    // until it has been read
    await new Promise<void>((resolve) => setImmediate(resolve))
    vi.advanceTimersByTime(999)
    expect(told).toEqual([])
    vi.advanceTimersByTime(1)
    await once
    expect(told[0]!.body).toBe('a bit')
  })
})

test.each(['close', 'error'])('%s is an end too, and later errors are nobody’s', async (event) => {
  const { stream, told, once } = start()
  stream.emit(event, new Error('reset'))
  await once
  expect(() => stream.emit('error', new Error('again'))).not.toThrow()
  expect(told.length).toBe(1)
  expect(vi.getTimerCount()).toBe(0)
})

test('no status is 0', async () => {
  const stream = Object.assign(new PassThrough(), { headers: {} })
  const error = await new Promise<HandshakeError>((resolve) => {
    readRefusal(stream as unknown as IncomingMessage, '', resolve)
    stream.end()
  })
  expect(error.status).toBe(0)
})
