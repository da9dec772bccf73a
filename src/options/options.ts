/** What a user may ask for. The types name no platform: they compile without the DOM library and without Node's. */
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

/** One endpoint, or several that are tried in turn. */
export type Endpoint = string | UrlLike | readonly (string | UrlLike)[]

/** How the exponential backoffs differ; see `BackoffOptions.type`. */
export type BackoffType = 'exponential' | 'full' | 'equal' | 'decorrelated' | 'constant'

/** A backoff by its parameters. All durations in milliseconds. */
export interface BackoffOptions {
  /**
   * - `exponential` (default): the first dial after an end at a random point of 0–`base`, the n-th after that
   *   between `floor` and 100 % of `min(cap, base · factorⁿ)`.
   * - `full`, `equal`, `decorrelated`: as in AWS, "Exponential Backoff And Jitter", but that the cap of the last comes
   *   before its jitter too.
   * - `constant`: `base`, always. Every client that lost the same server comes back in the same instant.
   */
  readonly type?: BackoffType | undefined
  /** Default 4,000 for `exponential`, 1,000 for the others. */
  readonly base?: number | undefined
  /** Default 1.3 for `exponential`, 2 for the others. */
  readonly factor?: number | undefined
  /** Upper bound, applied before the jitter. Default 12,000 for `exponential`, 30,000 for the others. */
  readonly cap?: number | undefined
  /** `exponential` only: the least share of the delay, 0–1. Default 0.55. */
  readonly floor?: number | undefined
  /** `exponential` only: `base` of the first dial after an end that only this client saw. Default 500. */
  readonly ownBase?: number | undefined
}

/**
 * A backoff of your own: milliseconds to wait before the `attempt`-th retry in a row (from 1) after `end`.
 * What is not a number from 0 to 2³¹−1 is replaced by the default backoff and reported as an uncaught error.
 */
export type BackoffFunction = (attempt: number, end: End) => number

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
  /** Between two pings; chance makes it shorter by up to 20 %. Default 25,000: proxies drop what is idle for 30 to 60 s. */
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
  /**
   * Bytes of payload that may wait, those that the platform holds of an open connection included. Default 1 MiB, and
   * 16 MiB with what the platform holds.
   */
  readonly maxBytes?: number | undefined
  /**
   * What happens to a message that does not fit: `throw` (default) refuses it with OutboxFullError; `drop-oldest`
   * makes room for it among what waits; `drop-newest` drops it. What is dropped is reported by a `drop` event each.
   */
  readonly overflow?: 'throw' | 'drop-oldest' | 'drop-newest' | undefined
  /** How long a message may wait, in ms, before it is dropped. Default: for ever. */
  readonly maxAge?: number | undefined
  /** The outbox is written to a connection only while the platform holds fewer bytes than this. Default 64 KiB. */
  readonly highWaterMark?: number | undefined
}

/** Tells of hints until the returned function is called. */
export type HintSource = (tell: (hint: Hint) => void) => () => void

/** Options of a ReconnectingSocket. All durations in milliseconds; `undefined` means the default. */
export interface Options<In = Sendable, Out = Data> {
  /** Subprotocols to offer, or a function that gives them for each attempt. Default: none. */
  readonly protocols?: Provider<string | readonly string[] | undefined>
  /** Whether the constructor dials. Default true; false starts in `idle`. */
  readonly autoConnect?: boolean | undefined
  /** When to dial again; `false` never does. */
  readonly retry?: boolean | RetryOptions | undefined
  /**
   * The application's own handshake, on each connection before `open`: a message to send first of all, or a function
   * that sends and receives. Default: none.
   */
  readonly hello?: Hello<Taken<In>, Taken<Out>> | undefined
  /**
   * How the application's messages go over the wire; `json` is one. The outbox, `drop`, `heartbeat` and the `data` event
   * have what is on the wire. Default: messages are what is sent.
   */
  readonly codec?: Codec<In, Out> | undefined
  /** Longest time from the start of an attempt until it is open, providers and `hello` included. Default 10,000. */
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
