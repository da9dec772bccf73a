/** What the `log` option is told. Endpoints are origin and path; nothing here holds a credential or a payload. */
import type { DropReason, SocketState } from './events.js'
import type { Connecting, End } from './machine/state.js'
import type { Hint } from './options.js'

/** One record. `at` is in ms since the epoch. */
export type LogRecord = { readonly at: number } & LogEntry

export type LogEntry =
  | {
      readonly type: 'transition'
      readonly from: SocketState
      readonly to: SocketState
      readonly phase: Connecting['phase'] | undefined
      /** When the next dial is due, in ms from now. Only while waiting. */
      readonly dialIn: number | undefined
    }
  | { readonly type: 'dial'; readonly endpoint: string; readonly attempt: number }
  | {
      readonly type: 'end'
      readonly by: End['by']
      readonly code: number
      readonly wasClean: boolean
      /** Code of the error behind it. */
      readonly error: string | undefined
      readonly verdict: 'retry' | 'stop' | 'ask'
    }
  | { readonly type: 'hint'; readonly hint: Hint }
  | { readonly type: 'heartbeat'; readonly rtt: number }
  | { readonly type: 'drop'; readonly reason: DropReason; readonly bytes: number }
