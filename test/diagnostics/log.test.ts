import { describe, expect, test } from 'vitest'
import { DialError, ProviderError } from '../../src/diagnostics/errors.js'
import { createLog, endEntry, type LogRecord } from '../../src/diagnostics/log.js'
import type { LogEntry } from '../../src/diagnostics/log.js'
import { settled } from '../sim/clock.js'
import { SimPlatform } from '../sim/platform.js'
import { catchReports, simulate } from '../sim/socket.js'

const SECRET = 'hunter2'

/** The records of a socket, without their times. */
function watch() {
  const records: LogRecord[] = []
  const entries = (): LogEntry[] => records.splice(0).map(({ at: _, ...entry }) => entry as LogEntry)
  return { records, entries, log: (record: LogRecord) => void records.push(record) }
}

test('each transition, dial, end, hint, heartbeat and drop, in order', async () => {
  const { entries, log } = watch()
  const simulated = simulate({
    log,
    retry: { backoff: () => 1_000 },
    outbox: { maxMessages: 0, overflow: 'drop-newest' },
  })
  const { socket, clock, platform } = simulated
  socket.send('abc')
  await settled()
  simulated.link.open()
  expect(entries()).toEqual([
    { type: 'transition', from: 'idle', to: 'connecting', phase: 'preparing', dialIn: undefined },
    { type: 'drop', reason: 'overflow', bytes: 3 },
    { type: 'transition', from: 'connecting', to: 'connecting', phase: 'dialing', dialIn: undefined },
    { type: 'dial', endpoint: 'ws://a.test/', attempt: 0 },
    { type: 'transition', from: 'connecting', to: 'open', phase: undefined, dialIn: undefined },
  ])
  platform.hint('probe')
  await clock.advance(12)
  simulated.link.pong()
  simulated.link.end(1001)
  expect(entries()).toEqual([
    { type: 'hint', hint: 'probe' },
    { type: 'heartbeat', rtt: 12 },
    {
      type: 'end',
      by: 'peer',
      code: 1001,
      wasClean: true,
      error: undefined,
      message: undefined,
      verdict: 'retry',
    },
    { type: 'transition', from: 'open', to: 'connecting', phase: 'waiting', dialIn: 1_000 },
  ])
  await clock.advance(1_000)
  entries()
  simulated.link.fail()
  expect(entries()[0]).toEqual({
    type: 'end',
    by: 'network',
    code: 1006,
    wasClean: false,
    error: 'ERR_CONNECTION',
    message: 'the connection failed',
    verdict: 'retry',
  })
  socket.close()
  expect(entries()).toEqual([
    { type: 'transition', from: 'connecting', to: 'closed', phase: undefined, dialIn: undefined },
  ])
})

test('times are of the wall clock', async () => {
  const { records, log } = watch()
  const platform = new SimPlatform()
  platform.clock.sleep(500)
  simulate({ log }, 'ws://a.test/', platform)
  expect(records[0]!.at).toBe(platform.clock.date())
})

test('no credential, query, header or payload is in it', async () => {
  const { records, log } = watch()
  const simulated = simulate(
    {
      log,
      protocols: SECRET,
      node: { headers: { authorization: SECRET } },
      outbox: { maxMessages: 0, overflow: 'drop-newest' },
    },
    `wss://${SECRET}:${SECRET}@a.test/feed?token=${SECRET}`,
  )
  simulated.socket.send(SECRET)
  await settled()
  simulated.link.open()
  simulated.link.message(SECRET)
  simulated.link.fail(new Error(SECRET))
  await simulated.clock.advance(60_000)
  expect(records.length).toBeGreaterThan(8)
  expect(JSON.stringify(records)).not.toContain(SECRET)
  expect(JSON.stringify(records)).toContain('wss://a.test/feed')
})

test('law 9: a log that throws disturbs nothing', async () => {
  const reports = catchReports()
  const error = new Error('mine')
  const simulated = simulate({
    log() {
      throw error
    },
  })
  await settled()
  simulated.link.open()
  expect(simulated.said()).toEqual(['connecting→open', 'open 0'])
  expect(reports.length).toBeGreaterThan(3)
  expect(new Set(reports)).toEqual(new Set([error]))
})

describe('without a reader', () => {
  test('no record is made', () => {
    const nothing = {
      get date(): never {
        throw new Error('a record was made')
      },
    }
    createLog(undefined, nothing as never)(() => nothing as never)
  })
})

test.each<[string, unknown, string | undefined]>([
  [
    'a system’s code',
    Object.assign(new Error('connect to secret.test'), { code: 'ECONNRESET' }),
    'ECONNRESET',
  ],
  ['a class', new TypeError('secret'), 'TypeError'],
  [
    'an error of ours',
    new DialError(undefined),
    'ERR_DIAL: the platform does not allow the connection; see cause',
  ],
  ['an error of no kind', new Error('secret'), undefined],
  ['what is no error', 'secret', undefined],
  ['a code with a secret in it', { code: 'secret: x', name: 5 }, undefined],
])('beneath an error it names its cause: %s', (_, cause, expected) => {
  const { entries, log } = watch()
  const end = { by: 'network', code: 1006, reason: '', wasClean: false } as const
  createLog(
    log,
    new SimPlatform().clock,
  )(() => endEntry({ ...end, cause: new ProviderError('url', cause) }, 'retry'))
  expect(entries()).toMatchObject([{ error: 'ERR_PROVIDER', cause: expected }])
})
