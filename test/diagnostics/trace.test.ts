import { expect, test, vi } from 'vitest'
import type { LogEntry } from '../../src/diagnostics/log.js'
import { trace } from '../../src/diagnostics/trace.js'

const at = Date.UTC(2020, 0, 1, 12, 34, 56, 789)

const lines: [LogEntry, string][] = [
  [
    { type: 'transition', from: 'idle', to: 'connecting', phase: 'preparing', dialIn: undefined },
    'idle → connecting (preparing)',
  ],
  [
    { type: 'transition', from: 'open', to: 'connecting', phase: 'waiting', dialIn: 1234.5678 },
    'open → connecting (waiting), next dial in 1235 ms',
  ],
  [
    { type: 'transition', from: 'open', to: 'connecting', phase: 'waiting', dialIn: 0 },
    'open → connecting (waiting), next dial in 0 ms',
  ],
  [
    { type: 'transition', from: 'connecting', to: 'open', phase: undefined, dialIn: undefined },
    'connecting → open',
  ],
  [{ type: 'dial', endpoint: 'ws://a.test/x', attempt: 3 }, 'dial ws://a.test/x, attempt 3'],
  [
    {
      type: 'end',
      by: 'peer',
      code: 1001,
      wasClean: true,
      error: undefined,
      message: undefined,
      verdict: 'retry',
    },
    'ended by peer: 1001, clean → retry',
  ],
  [
    {
      type: 'end',
      by: 'network',
      code: 1006,
      wasClean: false,
      error: 'ERR_HANDSHAKE',
      message: 'HTTP 404',
      verdict: 'stop',
    },
    'ended by network: 1006 ERR_HANDSHAKE: HTTP 404 → stop',
  ],
  [
    {
      type: 'end',
      by: 'network',
      code: 1006,
      wasClean: false,
      error: 'ERR_DIAL',
      message: 'the platform refuses to dial',
      cause: 'ERR_CONNECTION: this platform has no WebSocket',
      verdict: 'stop',
    },
    'ended by network: 1006 ERR_DIAL: the platform refuses to dial (ERR_CONNECTION: this platform has no WebSocket) → stop',
  ],
  [
    {
      type: 'end',
      by: 'network',
      code: 1006,
      wasClean: false,
      error: 'ERR_CONNECTION',
      message: 'the connection failed (ECONNREFUSED)',
      cause: 'ECONNREFUSED',
      verdict: 'retry',
    },
    'ended by network: 1006 ERR_CONNECTION: the connection failed (ECONNREFUSED) → retry',
  ],
  [{ type: 'hint', hint: 'wake' }, 'hint: wake'],
  [{ type: 'heartbeat', rtt: 12.345 }, 'heartbeat answered after 12.3 ms'],
  [{ type: 'drop', reason: 'overflow', bytes: 7 }, 'dropped 7 bytes: overflow'],
]

test.each(lines)('%o', (entry, line) => {
  const written: string[] = []
  trace((text) => written.push(text))({ at, ...entry })
  expect(written).toEqual([`12:34:56.789 everopen ${line}`])
})

test('every kind of record is among them', () => {
  const kinds: Record<LogEntry['type'], true> = {
    transition: true,
    dial: true,
    end: true,
    hint: true,
    heartbeat: true,
    drop: true,
  }
  expect(new Set(lines.map(([{ type }]) => type))).toEqual(new Set(Object.keys(kinds)))
})

test('writes to the console by default', () => {
  const log = vi.spyOn(console, 'log').mockImplementation(() => {})
  trace()({ at, type: 'hint', hint: 'probe' })
  expect(log.mock.calls).toEqual([['12:34:56.789 everopen hint: probe']])
  log.mockRestore()
})
