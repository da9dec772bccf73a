import { expect, test, vi } from 'vitest'
import type { LogEntry } from '../src/log.js'
import { trace } from '../src/trace.js'

const at = Date.UTC(2026, 0, 1, 12, 30, 15, 250)

test.each<[LogEntry, string]>([
  [
    { type: 'transition', from: 'open', to: 'connecting', phase: 'waiting', dialIn: 12.6 },
    'open → connecting (waiting), next dial in 13 ms',
  ],
  [
    { type: 'transition', from: 'connecting', to: 'open', phase: undefined, dialIn: undefined },
    'connecting → open',
  ],
  [{ type: 'dial', endpoint: 'wss://a.test/x', attempt: 2 }, 'dial wss://a.test/x, attempt 2'],
  [
    { type: 'end', by: 'peer', code: 1001, wasClean: true, error: undefined, verdict: 'retry' },
    'ended by peer: 1001, clean → retry',
  ],
  [
    { type: 'end', by: 'network', code: 1006, wasClean: false, error: 'ERR_CONNECTION', verdict: 'ask' },
    'ended by network: 1006 ERR_CONNECTION → ask',
  ],
  [{ type: 'hint', hint: 'wake' }, 'hint: wake'],
  [{ type: 'heartbeat', rtt: 1.25 }, 'heartbeat answered after 1.3 ms'],
  [{ type: 'drop', reason: 'expired', bytes: 3 }, 'dropped 3 bytes: expired'],
])('%o', (entry, line) => {
  const lines: string[] = []
  trace((text) => lines.push(text))({ at, ...entry })
  expect(lines).toEqual([`12:30:15.250 everopen ${line}`])
})

test('it writes to the console unless told otherwise', () => {
  const log = vi.spyOn(console, 'log').mockImplementation(() => {})
  trace()({ at, type: 'hint', hint: 'probe' })
  expect(log).toHaveBeenCalledExactlyOnceWith('12:30:15.250 everopen hint: probe')
  log.mockRestore()
})
