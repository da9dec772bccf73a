/** The events and the snapshot of a ReconnectingSocket. */
import type { AttemptError, CodecError } from '../diagnostics/errors.js'
import type { Connecting, End } from '../machine/state.js'
import type { Data } from '../delivery/payload.js'
import type { SocketState } from '../diagnostics/log.js'
import type { DropDetail } from '../delivery/sender.js'
import type { Reports } from '../platform/platform.js'

/** The detail of `open`. */
export interface OpenDetail {
  /** 0 for the first attempt of a run; n for the n-th consecutive retry. */
  readonly attempt: number
  /** Whether this run has been open before. */
  readonly reconnected: boolean
}

/** The detail of `close`. */
export interface CloseDetail extends End {
  /** Whether the socket will reconnect. */
  readonly willRetry: boolean
}

/** The detail of `state`. */
export interface StateDetail {
  /** The previous state. */
  readonly from: SocketState
  /** The new state. */
  readonly to: SocketState
}

/** The detail of `heartbeat`. */
export interface HeartbeatDetail {
  /** Round-trip time in ms. */
  readonly rtt: number
}

/** The detail of `undecodable`. */
export interface UndecodableDetail {
  /** The data as received. */
  readonly data: Data
  /** Its `cause` is the codec's exception. */
  readonly error: CodecError
}

/** The events by name, with the argument of their listeners. */
export interface Events {
  /** A connection opened. */
  open: OpenDetail
  /** A message arrived: a string, or binary data as set by `binaryType`. */
  message: Data
  /** An open connection ended. Exactly one per `open`. */
  close: CloseDetail
  /** An attempt failed before it opened. Exactly one per failed attempt. */
  error: AttemptError
  /** `state` changed. Emitted before the related event. */
  state: StateDetail
  /** A message passed to `send()` will not be sent. */
  drop: DropDetail
  /** A message arrived that the `codec` cannot decode. */
  undecodable: UndecodableDetail
  /** The peer answered a heartbeat. */
  heartbeat: HeartbeatDetail
}

/** The detail of `data`. */
export interface DataDetail {
  /** 1 for text, 2 for binary: RFC 6455 section 5.2. */
  readonly opcode: 1 | 2
  /** The message, as in `message`. */
  readonly data: Data
}

/** With the events that only Node can provide. `*` listeners do not receive these. */
export interface NodeEvents extends Events, Reports {
  /** A message arrived, with its opcode; just before `message`. */
  data: DataDetail
}

/** A listener for `*`: the events that exist on all platforms. */
export type AnyListener = <K extends keyof Events>(type: K, detail: Events[K]) => void

/** The state of a socket at one moment. Immutable; replaced by a new object only when something changes. */
export interface Snapshot {
  /** The state. */
  readonly state: SocketState
  /** The phase of `connecting`. */
  readonly phase: Connecting['phase'] | undefined
  /** Number of consecutive retries; 0 for the first attempt. */
  readonly attempt: number
  /** Origin and path of the current endpoint, without credentials and query. */
  readonly endpoint: string | undefined
  /** When the next attempt starts, in ms since the epoch. Only while waiting. */
  readonly nextDialAt: number | undefined
  /** How the last attempt of this run, or the run itself, ended. */
  readonly lastEnd: End | undefined
  /** Number of messages in the outbox. */
  readonly queued: number
  /** Their size in bytes. */
  readonly queuedBytes: number
}

/** The events, those included that are not emitted in a page. */
export const eventTypes: readonly string[] = [
  ...['open', 'message', 'close', 'error', 'state', 'drop', 'heartbeat', 'undecodable', '*'],
  ...['handshake', 'ping', 'pong', 'data'],
]
