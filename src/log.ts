/** What the `log` option is told. Endpoints are origin and path; nothing here holds a credential or a payload. */
import type { DropDetail, DropReason, Snapshot, SocketState } from './events.js'
import type { Connecting, End, State, Verdict } from './machine/state.js'
import type { Hint } from './options.js'
import { payloadSize } from './payload.js'
import type { Clock } from './platform/platform.js'
import { attempt } from './report.js'

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
      /** Code and message of the error behind it. */
      readonly error: string | undefined
      readonly message: string | undefined
      readonly verdict: 'retry' | 'stop' | 'ask'
    }
  | { readonly type: 'hint'; readonly hint: Hint }
  | { readonly type: 'heartbeat'; readonly rtt: number }
  | { readonly type: 'drop'; readonly reason: DropReason; readonly bytes: number }

/** Writes the records. Each is made only for someone who reads it. */
export class Log {
  readonly #write: ((record: LogRecord) => void) | undefined
  readonly #clock: Clock

  constructor(write: ((record: LogRecord) => void) | undefined, clock: Clock) {
    this.#write = write
    this.#clock = clock
  }

  transition(from: SocketState, to: State, dialIn: number | undefined): void {
    const phase = to.name === 'connecting' ? to.phase : undefined
    this.#put(() => ({ type: 'transition', from, to: to.name, phase, dialIn }))
  }

  dial({ endpoint, attempt }: Snapshot): void {
    this.#put(() => ({ type: 'dial', endpoint: endpoint!, attempt }))
  }

  end({ by, code, wasClean, cause }: End, verdict: Verdict['type']): void {
    const { code: error, message } = cause ?? {}
    this.#put(() => ({ type: 'end', by, code, wasClean, error, message, verdict }))
  }

  hint(hint: Hint): void {
    this.#put(() => ({ type: 'hint', hint }))
  }

  heartbeat(rtt: number): void {
    this.#put(() => ({ type: 'heartbeat', rtt }))
  }

  drop({ reason, data }: DropDetail): void {
    this.#put(() => ({ type: 'drop', reason, bytes: payloadSize(data) }))
  }

  #put(entry: () => LogEntry): void {
    const write = this.#write
    if (write) attempt(() => write({ at: this.#clock.date(), ...entry() }))
  }
}
