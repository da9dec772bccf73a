/** Options of a session, their validation and defaults. */
import { InvalidArgumentError } from '../diagnostics/errors.js'
import type { Options } from '../options/options.js'
import { count, fields, isObject, rule, withDefaults } from '../options/rules.js'
import type { SessionStore } from './store.js'

/** Options for keeping the session. */
export interface SessionOptions {
  /**
   * Where the session is kept. Default: in memory, which survives lost connections but not a reload. `indexedDb()` from
   * `everopen/session` and `file()` from `everopen/session/file` also survive the page and the process.
   */
  readonly store?: SessionStore | undefined
  /** Largest number of unacknowledged messages; beyond it, `send()` throws. Default 10,000. */
  readonly maxMessages?: number | undefined
  /** Largest total size of unacknowledged messages in bytes. Default 16 MiB. */
  readonly maxBytes?: number | undefined
}

/**
 * Options of a SessionSocket: those of a ReconnectingSocket except `codec`, which would also have to read what the session
 * says, and except `hello`, `outbox`, and the heartbeat's `message` and `isReply`, which the session uses itself.
 * `protocols` are offered in addition to the session's subprotocol.
 */
export interface SessionSocketOptions extends Omit<Options, 'hello' | 'outbox' | 'codec'> {
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

/** Throws InvalidArgumentError, which names the invalid option. */
export function readSession(options: SessionSocketOptions = {}): SessionSettings {
  if (!isObject(options)) throw new InvalidArgumentError('options', 'must be an object')
  for (const name of ['hello', 'outbox', 'codec'])
    if ((options as Record<string, unknown>)[name] !== undefined)
      throw new InvalidArgumentError(
        name,
        name === 'codec' ? 'cannot be used with a session' : 'cannot be set: the session uses its own',
      )
  const { session = {}, heartbeat } = options
  check('session', session)
  for (const name of ['message', 'isReply'])
    if (isObject(heartbeat) && (heartbeat as Record<string, unknown>)[name] !== undefined)
      throw new InvalidArgumentError(`heartbeat.${name}`, 'cannot be set: the session uses its own')
  return withDefaults({ store: undefined, maxMessages: 10_000, maxBytes: 2 ** 24 }, session)
}
