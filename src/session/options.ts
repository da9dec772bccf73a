/** What a user may ask of a session, its checks and its defaults. */
import { InvalidArgumentError } from '../diagnostics/errors.js'
import type { Options } from '../options/options.js'
import { count, fields, isObject, rule, withDefaults } from '../options/rules.js'
import type { SessionStore } from './store.js'

/** How a client keeps its session. */
export interface SessionOptions {
  /**
   * Where it is kept. Default: in memory, so that it outlives connections, and no reload. `indexedDb()` of
   * `everopen/session` and `file()` of `everopen/session/file` outlive the page and the process.
   */
  readonly store?: SessionStore | undefined
  /** Most messages held until the server has taken them over; beyond it `send()` throws. Default 10,000. */
  readonly maxMessages?: number | undefined
  /** Most bytes of payload that they may have. Default 16 MiB. */
  readonly maxBytes?: number | undefined
}

/**
 * Options of a SessionSocket: those of a ReconnectingSocket, but for `hello`, `outbox`, and `message` and `isReply` of the
 * heartbeat, which are the session's own.
 * `protocols` are offered beside the session's subprotocol.
 */
export interface SessionSocketOptions extends Omit<Options, 'hello' | 'outbox'> {
  readonly session?: SessionOptions | undefined
}

export interface SessionSettings {
  readonly store: SessionStore | undefined
  readonly maxMessages: number
  readonly maxBytes: number
}

const check = fields<SessionOptions>({
  store: rule(
    'must be a store, such as indexedDb(name)',
    (value) => typeof (value as SessionStore | null)?.open === 'function',
  ),
  maxMessages: count,
  maxBytes: count,
})

/** Throws InvalidArgumentError, naming what is wrong. */
export function readSession(options: SessionSocketOptions = {}): SessionSettings {
  if (!isObject(options)) throw new InvalidArgumentError('options', 'must be an object')
  for (const name of ['hello', 'outbox'])
    if ((options as Record<string, unknown>)[name] !== undefined)
      throw new InvalidArgumentError(name, "is the session's own")
  const { session = {}, heartbeat } = options
  check('session', session)
  for (const name of ['message', 'isReply'])
    if (isObject(heartbeat) && (heartbeat as Record<string, unknown>)[name] !== undefined)
      throw new InvalidArgumentError(`heartbeat.${name}`, "is the session's own")
  return withDefaults({ store: undefined, maxMessages: 10_000, maxBytes: 2 ** 24 }, session)
}
