/** What a ReconnectingSocket tells: its events and its snapshot. */
import type { AttemptError } from './errors.js'
import type { Connecting, End, State } from './machine/state.js'
import type { Data, Sendable } from './options.js'

export type SocketState = State['name']

export interface OpenDetail {
  /** 0 for the first dial of a run; n when the n-th retry in a row succeeded. */
  readonly attempt: number
  /** Whether this run had been open before. */
  readonly reconnected: boolean
}

export interface CloseDetail extends End {
  /** Whether the socket will dial again. */
  readonly willRetry: boolean
}

export interface StateDetail {
  readonly from: SocketState
  readonly to: SocketState
}

/**
 * `overflow`: the outbox had no room, and its `overflow` option chose this message. `expired`: it waited longer than
 * its `maxAge`. `volatile`: it was to be sent at once or not at all. `unreadable`: a Blob that could not be read.
 */
export type DropReason = 'overflow' | 'expired' | 'volatile' | 'unreadable'

export interface DropDetail {
  /** The message that is dropped. */
  readonly data: Sendable
  readonly reason: DropReason
}

export interface HeartbeatDetail {
  /** Round-trip time in ms. */
  readonly rtt: number
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
  /** The peer answered a heartbeat. */
  heartbeat: HeartbeatDetail
}

/** How a server accepted the opening handshake. */
export interface HandshakeDetail {
  /** The HTTP status: 101. */
  readonly status: number
  /** The answer's headers, names in lower case; at most 100, and of each value at most 4,096 characters. */
  readonly headers: Readonly<Record<string, string | readonly string[]>>
  /** The subprotocol that the server chose; '' if none. */
  readonly protocol: string
  /** The extensions that it accepted; '' if none. */
  readonly extensions: string
  /** What the steps took, in ms; 0 for one that there was not. What an agent does to connect is all in `tcp`. */
  readonly timings: {
    readonly dns: number
    readonly tcp: number
    readonly tls: number
    readonly upgrade: number
  }
}

export interface DataDetail {
  /** 1 for text, 2 for binary: RFC 6455 section 5.2. */
  readonly opcode: 1 | 2
  readonly data: Data
}

/** What Node alone can tell, to those who listen to it by name: `*` hears the same on all platforms. */
export interface NodeEvents extends Events {
  /** The peer's ping, its payload. It has been answered. */
  ping: Uint8Array
  /** The peer's pong, its payload. */
  pong: Uint8Array
  /** The server accepted the handshake; `open` is next. */
  handshake: HandshakeDetail
  /** Each message, with its kind, just before `message`. */
  data: DataDetail
}

/** What a platform may tell beside the events of all. */
export type Report = 'ping' | 'pong' | 'handshake'

/** A listener for every event of all platforms. */
export type AnyListener = <K extends keyof Events>(type: K, detail: Events[K]) => void

/** The messages that wait for a connection. */
export interface OutboxView {
  /** How many. */
  readonly size: number
  /** Their bytes of payload. */
  readonly bytes: number
  /** The messages, oldest first. A copy. */
  list(): Sendable[]
  /** Takes all of them out, oldest first: they are the caller's from now on. */
  drain(): Sendable[]
}

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
}
