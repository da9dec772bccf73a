/** What a ReconnectingSocket tells: its events and its snapshot. */
import type { AttemptError, CodecError } from '../diagnostics/errors.js'
import type { Connecting, End } from '../machine/state.js'
import type { Data } from '../delivery/payload.js'
import type { SocketState } from '../diagnostics/log.js'
import type { DropDetail } from '../delivery/sender.js'
import type { Reports } from '../platform/platform.js'

/** With `open`. */
export interface OpenDetail {
  /** 0 for the first dial of a run; n when the n-th retry in a row succeeded. */
  readonly attempt: number
  /** Whether this run had been open before. */
  readonly reconnected: boolean
}

/** With `close`. */
export interface CloseDetail extends End {
  /** Whether the socket will dial again. */
  readonly willRetry: boolean
}

/** With `state`. */
export interface StateDetail {
  /** The state before. */
  readonly from: SocketState
  /** The state now. */
  readonly to: SocketState
}

/** With `heartbeat`. */
export interface HeartbeatDetail {
  /** Round-trip time in ms. */
  readonly rtt: number
}

/** A message that the `codec` cannot decode. */
export interface UndecodableDetail {
  /** As it arrived. */
  readonly data: Data
  /** `cause` is what the codec threw. */
  readonly error: CodecError
}

/** The events, by name, with what their listeners get. */
export interface Events {
  /** A connection is open. */
  open: OpenDetail
  /** A message, as a string or as `binaryType` says. */
  message: Data
  /** A connection that was open is gone. Exactly one for each `open`. */
  close: CloseDetail
  /** An attempt failed before it was open. Exactly one for each. */
  error: AttemptError
  /** Each change of `state`, before the event that goes with it. */
  state: StateDetail
  /** A message handed to `send()` will not be sent. */
  drop: DropDetail
  /** A message arrived that the `codec` cannot decode. */
  undecodable: UndecodableDetail
  /** The peer answered a heartbeat. */
  heartbeat: HeartbeatDetail
}

/** With `data`. */
export interface DataDetail {
  /** 1 for text, 2 for binary: RFC 6455 section 5.2. */
  readonly opcode: 1 | 2
  /** The message, as `message` tells it too. */
  readonly data: Data
}

/** What Node alone can tell, to those who listen to it by name: `*` hears the same on all platforms. */
export interface NodeEvents extends Events, Reports {
  /** Each message, with its kind, just before `message`. */
  data: DataDetail
}

/** A listener for every event of all platforms. */
export type AnyListener = <K extends keyof Events>(type: K, detail: Events[K]) => void

/** All there is to know about a socket at one moment. Immutable; the same object until something changes. */
export interface Snapshot {
  readonly state: SocketState
  /** What `connecting` is busy with. */
  readonly phase: Connecting['phase'] | undefined
  /** Retries in a row: 0 for the first dial. */
  readonly attempt: number
  /** Origin and path of the endpoint in use; never its credentials or its query. */
  readonly endpoint: string | undefined
  /** When the next dial is due, in ms since the epoch. Only while waiting. */
  readonly nextDialAt: number | undefined
  /** How the last attempt of this run, or the run itself, ended. */
  readonly lastEnd: End | undefined
  /** Messages that wait for a connection, in the outbox. */
  readonly queued: number
  /** Their bytes of payload. */
  readonly queuedBytes: number
}
