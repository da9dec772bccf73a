/** Options. The types compile without the DOM library and without Node's types. */
import type { AbortSignalLike, Provider, UrlLike } from './provider.js'
import type { Codec } from './codec.js'
import type { Hello } from './hello.js'
import type { Taken } from './infer.js'
import type { LogRecord } from '../diagnostics/log.js'
import type { End } from '../machine/state.js'
import type { NodeOptions } from './node-options.js'
import type { Data, Sendable } from '../delivery/payload.js'
import type { Hint } from '../machine/state.js'

/** A class with the WHATWG WebSocket interface. */
export type WebSocketClass = new (url: string, protocols?: string[]) => unknown

/**
 * One endpoint, or several to try in turn: each failure moves on to the next. `ws:`, `wss:`, `http:` or `https:`, without
 * a fragment; in a page also relative, and in Node also `ws+unix:`.
 */
export type Endpoint = string | UrlLike | readonly (string | UrlLike)[]

/** The kind of backoff; see `BackoffOptions.type`. */
export type BackoffType = 'exponential' | 'full' | 'equal' | 'decorrelated' | 'constant'

/** The parameters of a backoff. All durations are in milliseconds. */
export interface BackoffOptions {
  /**
   * - `exponential` (default): the first retry comes after a random delay of 0–`base`, the n-th after that between
   *   `floor` and 100 % of `min(cap, base · factorⁿ)`.
   * - `full`, `equal`, `decorrelated`: as in AWS, "Exponential Backoff And Jitter", except that the cap of `decorrelated`
   *   is also applied before its jitter.
   * - `constant`: always `base`. All clients of a failed server reconnect at the same moment.
   */
  readonly type?: BackoffType | undefined
  /** Default 4,000 for `exponential`, 1,000 for the others. */
  readonly base?: number | undefined
  /** Default 1.3 for `exponential`, 2 for the others. */
  readonly factor?: number | undefined
  /** Upper bound, applied before the jitter. Default 12,000 for `exponential`, 30,000 for the others. */
  readonly cap?: number | undefined
  /** `exponential` only: the smallest fraction of the delay, 0–1. Default 0.55. */
  readonly floor?: number | undefined
  /** `exponential` only: `base` of the first retry after a failure that only this client saw. Default 500. */
  readonly ownBase?: number | undefined
}

/**
 * A custom backoff: returns the milliseconds to wait before the `attempt`-th consecutive retry (from 1) after `end`; with
 * several endpoints, it counts rounds. If the result is not a number from 0 to 2³¹−1, the default backoff applies and an
 * uncaught error is reported.
 */
export type BackoffFunction = (attempt: number, end: End) => number

/** The result of `retry.decide`: retry (after the backoff, or after that many ms), stop, or undefined for the default. */
export type Decision = 'retry' | 'stop' | boolean | number | undefined | void

/** Whether and when to retry after an end. All durations are in milliseconds. */
export interface RetryOptions {
  /** See `BackoffOptions` for the default and the alternatives. */
  readonly backoff?: BackoffType | BackoffOptions | BackoffFunction | undefined
  /** Largest number of consecutive retries; then the socket closes with RetryLimitError. Default: no limit. */
  readonly limit?: number | undefined
  /**
   * Longest outage. The socket closes with RetryLimitError after it, or as soon as the next attempt would come after it.
   * Default: no limit.
   */
  readonly maxElapsed?: number | undefined
  /** How long a connection must last before the retry count returns to 0. Default 5,000. */
  readonly stableAfter?: number | undefined
  /** Longest delay that a server may request, by `Retry-After` or a close reason `{"retryAfterMs": n}`. Default 300,000. */
  readonly maxRetryAfter?: number | undefined
  /**
   * Called after every end that the user did not cause, within the limits. `attempt` is the number of the next retry,
   * from 1. `undefined` selects the default. May be async; the default also applies if it throws or takes longer than
   * `connectTimeout`.
   */
  readonly decide?: ((end: End, attempt: number) => Decision | Promise<Decision>) | undefined
}

/** Detection of dead connections. All durations are in milliseconds. */
export interface HeartbeatOptions {
  /**
   * Time from the answer to a ping until the next one, shortened at random by up to 20 %; from ping to ping if no answer is
   * recognised. Default 25,000; proxies drop connections idle for 30–60 s.
   */
  readonly interval?: number | undefined
  /** How long to wait for any data after a ping. Default 10,000. */
  readonly timeout?: number | undefined
  /** A message to send instead of a protocol ping. Required in browsers, where a page cannot send pings. */
  readonly message?: Sendable | (() => Sendable) | undefined
  /**
   * Recognises replies to `message`: they are not passed to the `message` event, and a `heartbeat` event reports each. Default:
   * none is recognised.
   */
  readonly isReply?: ((data: Data) => boolean) | undefined
}

/** The queue of messages that wait for a connection. */
export interface OutboxOptions {
  /** Largest number of queued messages. Default 1,000. */
  readonly maxMessages?: number | undefined
  /**
   * Largest number of queued bytes of payload, including the platform's buffer of an open connection. Default 1 MiB
   * queued, and 16 MiB including the platform's buffer.
   */
  readonly maxBytes?: number | undefined
  /**
   * What happens to a message that does not fit: `throw` (default) throws OutboxFullError, `drop-oldest` drops queued
   * messages to make room, and `drop-newest` drops the message. A `drop` event reports each dropped message.
   */
  readonly overflow?: 'throw' | 'drop-oldest' | 'drop-newest' | undefined
  /** How long a message may stay queued, in ms, before it is dropped. Default: no limit. */
  readonly maxAge?: number | undefined
  /** Queued messages are sent only while the platform's buffer holds fewer bytes than this. Default 64 KiB. */
  readonly highWaterMark?: number | undefined
}

/** Reports hints by calling `tell`, until the returned function is called. */
export type HintSource = (tell: (hint: Hint) => void) => () => void

/** Options of a ReconnectingSocket. All durations are in milliseconds. `undefined` selects the default. */
export interface Options<In = Sendable, Out = Data> {
  /** Subprotocols to offer, or a function that returns them for each attempt. Default: none. */
  readonly protocols?: Provider<string | readonly string[] | undefined>
  /** Whether the constructor connects. Default true; with false the socket starts in `idle`. */
  readonly autoConnect?: boolean | undefined
  /** Whether and when to retry; `false` never retries. Default: on. */
  readonly retry?: boolean | RetryOptions | undefined
  /**
   * The application's own handshake on each connection, before `open`: a message to send first, or a function that
   * sends and receives. Default: none.
   */
  readonly hello?: Hello<Taken<In>, Taken<Out>> | undefined
  /**
   * Converts the application's messages to and from WebSocket data; `json` is one. The outbox, `drop`, `heartbeat` and
   * the `data` event use the encoded form. Default: none.
   */
  readonly codec?: Codec<In, Out> | undefined
  /** Time limit for an attempt to open, including providers, handshake and `hello`. Default 10,000. */
  readonly connectTimeout?: number | undefined
  /** Time limit for the closing handshake. Default 5,000. */
  readonly closeTimeout?: number | undefined
  /**
   * Pings that detect dead connections. Default: on in Node, with protocol pings; in browsers, and with other WebSocket
   * classes, only if `message` is set. `false` turns them off.
   */
  readonly heartbeat?: boolean | HeartbeatOptions | undefined
  /** The queue of messages that wait for a connection. Default: on. With `false`, `send()` throws NotOpenError if not open. */
  readonly outbox?: boolean | OutboxOptions | undefined
  /** How binary messages arrive. Default `arraybuffer`, on both platforms. */
  readonly binaryType?: 'arraybuffer' | 'blob' | undefined
  /** Largest number of messages held for a slow async iteration, or for a `hello` to receive. Default 1,000. */
  readonly readAhead?: number | undefined
  /**
   * The source of hints that the network or the page is back. Default in browsers: `online`, `offline`, visibility, page
   * lifecycle events and clock jumps; in Node: clock jumps. `false` turns hints off; a function supplies your own.
   */
  readonly hints?: boolean | HintSource | undefined
  /**
   * Receives a record of each transition, dial, end, hint, drop and answered heartbeat, without credentials, queries, headers
   * or payloads.
   */
  readonly log?: ((record: LogRecord) => void) | undefined
  /** Aborting it closes the socket for good: `connect()` throws from then on, which is all that it does in `idle`. */
  readonly signal?: AbortSignalLike | undefined
  /** The WebSocket class to use; any class with the WHATWG interface. Default: the platform's. */
  readonly WebSocket?: WebSocketClass | undefined
  /** Options for Node only: headers, TLS, proxies and more. */
  readonly node?: NodeOptions | undefined
}
