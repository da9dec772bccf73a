/** Options of a `SessionServer`, their validation and defaults. */
import { callback, duration, fields, having, number, withDefaults } from '../options/rules.js'
import type { SessionStore } from './store.js'
import type { Awaitable } from './types.js'

/** Options of a `SessionServer`. Durations are in milliseconds. */
export interface SessionServerOptions<Request = unknown> {
  /** The store for sessions. Default: `memoryStore()`, this process's memory. */
  readonly store?: SessionStore | undefined
  /**
   * Returns the client's identity, at most 256 characters, or `undefined` or `null` to refuse the connection (close code
   * 3000). Only the identity that opened a session can resume it, even with the right token. If it throws, the
   * connection is closed with 1011, and the client reconnects. Default: all clients have the same identity.
   */
  readonly authorize?: ((request: Request) => Awaitable<string | null | undefined>) | undefined
  /** How long a session is kept without a connection: 1 s to 30 days. Default: 5 minutes. */
  readonly ttl?: number | undefined
  /** Largest number of unacknowledged bytes in each direction: 1 KiB to 16 MiB. Default: 256 KiB. */
  readonly window?: number | undefined
  /** Largest number of messages held for a client. Default: 10,000. */
  readonly maxHeldMessages?: number | undefined
  /** Largest number of bytes held for a client. Default: 4 MiB. */
  readonly maxHeldBytes?: number | undefined
  /** Largest number of sessions on this server; further clients are closed with 1013. Default: 100,000. */
  readonly maxSessions?: number | undefined
  /**
   * Largest number of sessions of one identity on this server; further ones are closed with 4102, or with 1013 if they
   * exist already, on another server. Default: 1,000, or `maxSessions` without `authorize`.
   */
  readonly maxSessionsPerIdentity?: number | undefined
  /** Time limit for `authorize` and the client's hello together. Default: 10 s. */
  readonly handshakeTimeout?: number | undefined
  /** Interval between pings, and time limit for the answer. Default: 25 s. */
  readonly heartbeat?: number | undefined
}

/** With the defaults. */
export type Settings<Request> = {
  readonly [K in Exclude<keyof SessionServerOptions, 'store'>]-?: Exclude<
    SessionServerOptions<Request>[K],
    undefined
  >
}

const DAY = 24 * 60 * 60 * 1_000
const many = number(1, Number.MAX_SAFE_INTEGER, 'a number')

const check = fields<SessionServerOptions>({
  store: having(
    'must be a store: memoryStore(), redisStore(), or an object with the methods of SessionStore',
    ...'subscribe open find claim append read trim commit renew end close'.split(' '),
  ),
  authorize: callback,
  ttl: number(1_000, 30 * DAY, 'a duration in ms'),
  window: number(1_024, 16 * 1_024 * 1_024, 'a number of bytes'),
  maxHeldMessages: many,
  maxHeldBytes: many,
  maxSessions: many,
  maxSessionsPerIdentity: many,
  handshakeTimeout: duration,
  heartbeat: duration,
})

/** @throws InvalidArgumentError */
export function settle<Request>(options: SessionServerOptions<Request>): Settings<Request> {
  check('options', options)
  const { maxSessions = 100_000, authorize } = options
  const settings = withDefaults<Settings<Request>>(
    {
      authorize: () => 'everybody',
      ttl: 5 * 60 * 1_000,
      window: 256 * 1_024,
      maxHeldMessages: 10_000,
      maxHeldBytes: 4 * 1_024 * 1_024,
      maxSessions,
      maxSessionsPerIdentity: authorize ? 1_000 : maxSessions,
      handshakeTimeout: 10_000,
      heartbeat: 25_000,
    },
    options,
  )
  // integers, as the protocol and the stores need them
  return { ...settings, ttl: Math.ceil(settings.ttl), window: Math.ceil(settings.window) }
}
