/** What a `SessionServer` takes. */
import { callback, duration, fields, number, rule, withDefaults } from '../options/rules.js'
import type { SessionStore } from './store.js'
import type { Awaitable } from './types.js'

/** Options of a `SessionServer`. Durations are milliseconds. */
export interface SessionServerOptions<Request = unknown> {
  /** Where sessions are kept. Default: `memoryStore()`, this process's memory. */
  readonly store?: SessionStore
  /**
   * Who asks: a name of at most 256 characters, or nothing to refuse the connection (close code 3000). A session is
   * resumed by whoever opened it and by nobody else, whatever token they have. What it throws ends the connection with
   * 1011, and the client comes back. Default: everybody is the same.
   */
  readonly authorize?: (request: Request) => Awaitable<string | null | undefined>
  /** How long a session outlives its connection: 1 s to 30 days. Default: 5 minutes. */
  readonly ttl?: number
  /** Bytes that either side may have sent and not yet acknowledged: 1 KiB to 16 MiB. Default: 256 KiB. */
  readonly window?: number
  /** Messages that a session may hold for its client. Default: 10,000. */
  readonly maxHeldMessages?: number
  /** Their bytes. Default: 4 MiB. */
  readonly maxHeldBytes?: number
  /** Sessions on this server; a client that would be one more is closed with 1013. Default: 100,000. */
  readonly maxSessions?: number
  /**
   * Sessions of one identity on this server; one more is closed with 4102. Default: 1,000, and without `authorize` as
   * many as `maxSessions`.
   */
  readonly maxSessionsPerIdentity?: number
  /** How long `authorize` and the client's hello may take together. Default: 10 s. */
  readonly handshakeTimeout?: number
  /** How often each connection is asked for a sign of life, and how long that may take. Default: 25 s. */
  readonly heartbeat?: number
}

export type Settings<Request> = Required<Omit<SessionServerOptions<Request>, 'store'>>

const DAY = 24 * 60 * 60 * 1_000
const many = number(1, Number.MAX_SAFE_INTEGER, 'a number')

const methods = 'subscribe open find claim append read trim commit renew end close'.split(' ')

const check = fields<SessionServerOptions>({
  store: rule(
    'must be a store: memoryStore(), redisStore(), or an object with the methods of SessionStore',
    (value) =>
      typeof value === 'object' &&
      value !== null &&
      methods.every((name) => typeof (value as Record<string, unknown>)[name] === 'function'),
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
  return withDefaults<Settings<Request>>(
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
}
