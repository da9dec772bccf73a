/** The records of the `log` option. Endpoints are origin and path; records contain no credentials or payloads. */
import type { Connecting, End, State, Verdict } from '../machine/state.js'
import { EveropenError } from './errors.js'
import { attempt } from './report.js'
import type { Hint } from '../machine/state.js'
import type { Clock } from '../time/clock.js'

/**
 * `overflow`: the outbox was full, and its `overflow` option selected this message. `expired`: it was queued longer than
 * its `maxAge`. `volatile`: it could not be sent immediately. `unreadable`: a Blob that could not be read.
 * `unsent`: the connection ended before it was sent, and there is no outbox to keep it.
 */
export type DropReason = 'overflow' | 'expired' | 'volatile' | 'unreadable' | 'unsent'

/** The state of a socket, by name. */
export type SocketState = State['name']

/** One record. `at` is in ms since the epoch. */
export type LogRecord = { readonly at: number } & LogEntry

/** The content of a log record, by `type`. Endpoints are origin and path; durations are in ms. */
export type LogEntry =
  | {
      readonly type: 'transition'
      /** The previous state. */
      readonly from: SocketState
      /** The new state. */
      readonly to: SocketState
      /** The phase of `connecting`. */
      readonly phase: Connecting['phase'] | undefined
      /** Time until the next attempt, in ms. Only while waiting. */
      readonly dialIn: number | undefined
    }
  | { readonly type: 'dial'; readonly endpoint: string; readonly attempt: number }
  | {
      readonly type: 'end'
      /** Who ended it. */
      readonly by: End['by']
      /** The close code. */
      readonly code: number
      /** Whether the closing handshake was completed. */
      readonly wasClean: boolean
      /** Code and message of the error that caused it. */
      readonly error: string | undefined
      readonly message: string | undefined
      /** The underlying cause: its code or name, and for errors of this package also the message. */
      readonly cause?: string | undefined
      /** What follows; `ask` until an asynchronous `retry.decide` has answered. */
      readonly verdict: 'retry' | 'stop' | 'ask'
    }
  | { readonly type: 'hint'; readonly hint: Hint }
  | { readonly type: 'heartbeat'; readonly rtt: number }
  | { readonly type: 'drop'; readonly reason: DropReason; readonly bytes: number }

/** Takes an entry, which is created only if someone reads it. */
export type Log = (entry: () => LogEntry) => void

export function createLog(write: ((record: LogRecord) => void) | undefined, clock: Clock): Log {
  return (entry) => {
    if (write) attempt(() => write({ at: clock.date(), ...entry() }))
  }
}

export function endEntry({ by, code, wasClean, cause }: End, verdict: Verdict['type']): LogEntry {
  const { code: error, message } = cause ?? {}
  return { type: 'end', by, code, wasClean, error, message, verdict, cause: beneath(cause) }
}

/** Codes, names, and messages of this package; other messages may contain a host or a secret. */
function beneath(error: unknown): string | undefined {
  const { cause } = (error ?? {}) as { cause?: unknown }
  if (cause instanceof EveropenError) return `${cause.code}: ${cause.message}`
  const { code, name } = (cause ?? {}) as { code?: unknown; name?: unknown }
  return [code, name].find(
    (word): word is string => typeof word === 'string' && word !== 'Error' && /^\w{1,60}$/.test(word),
  )
}
