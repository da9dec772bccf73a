/** What a user may ask for. The types name no platform: they compile without the DOM library and without Node's. */
import type { LogRecord } from './log.js'
import type { End } from './machine/state.js'
import type { NodeOptions } from './node-options.js'
import type { BackoffFunction, BackoffOptions, BackoffType } from './retry/backoff.js'

/** The part of `Blob` that is used. */
export interface BlobLike {
  readonly size: number
  readonly type: string
  arrayBuffer(): Promise<ArrayBuffer>
}

/** The part of `URL` that is used. */
export interface UrlLike {
  readonly href: string
}

/** The part of `AbortSignal` that is used. */
export interface AbortSignalLike {
  readonly aborted: boolean
  readonly reason?: unknown
  addEventListener(type: 'abort', listener: () => void): void
  removeEventListener(type: 'abort', listener: () => void): void
}

/** What arrives: text as a string, binary as `binaryType` says. */
export type Data = string | ArrayBuffer | BlobLike

/** What can be sent. Buffers are copied where they have to wait, so that later changes to them are not sent. */
export type Sendable = string | ArrayBuffer | ArrayBufferView | BlobLike

/** A class with the WHATWG WebSocket interface. */
export type WebSocketClass = new (url: string, protocols?: string[]) => unknown

/** What a provider is told about the attempt it provides for. */
export interface Attempt {
  /** 0 for the first dial; n for the n-th retry in a row. */
  readonly number: number
  /** Aborted as soon as the attempt is given up: by its deadline, `close()`, `reconnect()`. Pass it to `fetch`. */
  readonly signal: AbortSignalLike
  /** How the attempt before this one ended, in this run. */
  readonly lastEnd: End | undefined
}

/** A value, or a function that is asked before every attempt, so that what it gives is always fresh. */
export type Provider<T> = T | ((attempt: Attempt) => T | Promise<T>)

/** One endpoint, or several that are tried in turn. */
export type Endpoint = string | UrlLike | readonly (string | UrlLike)[]

/** What `retry.decide` may answer: dial again (after the backoff, or after that many ms), stop, or the default. */
export type Decision = 'retry' | 'stop' | boolean | number | undefined | void

/** When to dial again after an end. All durations in milliseconds. */
export interface RetryOptions {
  /** See `BackoffOptions` for the default and the others. */
  readonly backoff?: BackoffType | BackoffOptions | BackoffFunction | undefined
  /** Most retries in a row before the socket closes with RetryLimitError. Default: no limit. */
  readonly limit?: number | undefined
  /** Longest outage before the socket closes with RetryLimitError. Default: no limit. */
  readonly maxElapsed?: number | undefined
  /** How long a connection must last until the count of retries returns to 0. Default 5,000. */
  readonly stableAfter?: number | undefined
  /** Longest wait that a server may ask for, by `Retry-After` or a close reason `{"retryAfterMs": n}`. Default 300,000. */
  readonly maxRetryAfter?: number | undefined
  /**
   * Asked after every end but the user's own; `attempt` is the number the retry would have, from 1. Nothing
   * (`undefined`) leaves it to the default. May be async; after `connectTimeout`, or when it fails, the default holds.
   */
  readonly decide?: ((end: End, attempt: number) => Decision | Promise<Decision>) | undefined
}

/** Is the peer still there? All durations in milliseconds. */
export interface HeartbeatOptions {
  /** Between two pings, ± 20 %. Default 25,000: proxies drop what is idle for 30 to 60 s. */
  readonly interval?: number | undefined
  /** How long after a ping something must have been received. Default 10,000. */
  readonly timeout?: number | undefined
  /** A message to send instead of a protocol ping; needed in browsers, where a page cannot ping. */
  readonly message?: Sendable | (() => Sendable) | undefined
  /** Recognises the reply to `message`, and keeps it out of the `message` event. */
  readonly isReply?: ((data: Data) => boolean) | undefined
}

/** Messages that wait for a connection. */
export interface OutboxOptions {
  /** Default 1,000. */
  readonly maxMessages?: number | undefined
  /** Bytes of payload. Default 1 MiB. */
  readonly maxBytes?: number | undefined
  /**
   * What happens to a message that does not fit: `throw` (default) refuses it with OutboxFullError; `drop-oldest`
   * makes room for it; `drop-newest` drops it. What is dropped is reported by a `drop` event each.
   */
  readonly overflow?: 'throw' | 'drop-oldest' | 'drop-newest' | undefined
  /** How long a message may wait, in ms, before it is dropped. Default: for ever. */
  readonly maxAge?: number | undefined
  /** The outbox is written to a connection only while the platform holds fewer bytes than this. Default 64 KiB. */
  readonly highWaterMark?: number | undefined
}

/** Options of one `send()`. */
export interface SendOptions {
  /** How long this message may wait, in ms, before it is dropped. Default: `outbox.maxAge`. */
  readonly maxAge?: number | undefined
  /** Send it now or not at all: it is dropped where it would have to wait. Default false. */
  readonly volatile?: boolean | undefined
}

/** Something in the world that makes now a good moment: to dial or probe, to probe only, or to let go for a while. */
export type Hint = 'wake' | 'probe' | 'suspend'

/** Tells of hints until the returned function is called. */
export type HintSource = (tell: (hint: Hint) => void) => () => void

/** Options of a ReconnectingSocket. All durations in milliseconds; `undefined` means the default. */
export interface Options {
  /** Subprotocols to offer, or a function that gives them for each attempt. Default: none. */
  readonly protocols?: Provider<string | readonly string[] | undefined>
  /** Whether the constructor dials. Default true; false starts in `idle`. */
  readonly autoConnect?: boolean | undefined
  /** When to dial again; `false` never does. */
  readonly retry?: boolean | RetryOptions | undefined
  /** Longest time from the start of an attempt until it is open, providers included. Default 10,000. */
  readonly connectTimeout?: number | undefined
  /** Longest time for the closing handshake. Default 5,000. */
  readonly closeTimeout?: number | undefined
  /** Default on in Node, by protocol pings; in browsers on where `message` is given. `false` is off. */
  readonly heartbeat?: boolean | HeartbeatOptions | undefined
  /** `false` makes `send()` throw NotOpenError while not open. */
  readonly outbox?: boolean | OutboxOptions | undefined
  /** How binary messages arrive. Default `arraybuffer`, on both platforms. */
  readonly binaryType?: 'arraybuffer' | 'blob' | undefined
  /** Most messages that an async iteration holds for a slow consumer. Default 1,000. */
  readonly readAhead?: number | undefined
  /**
   * What tells that the network or the page came back. Default: in browsers `online`, `offline`, visibility, page
   * life cycle and clock jumps; in Node clock jumps. `false` is off; a function supplies your own.
   */
  readonly hints?: boolean | HintSource | undefined
  /** Called with a record of each transition, dial, end, hint and drop. No credentials, queries, headers or payloads. */
  readonly log?: ((record: LogRecord) => void) | undefined
  /** Aborting it is `close()`, and final: `connect()` throws from then on. In `idle` nothing else happens. */
  readonly signal?: AbortSignalLike | undefined
  /** Any class with the WHATWG interface. Default: the platform's. */
  readonly WebSocket?: WebSocketClass | undefined
  /** What only Node has: headers, TLS, proxies and more. */
  readonly node?: NodeOptions | undefined
}
