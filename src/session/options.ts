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
 * says, and except `hello`, `outbox`, and the heartbeat's `message` and `isReply`, which the session uses itself. The
 * `WebSocket` class must not be from `tabs()`: a session has its own connection.
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

/** What the session does itself. */
function refuse(path: string, options: unknown, ...names: readonly string[]): void {
  for (const name of names)
    if ((options as Record<string, unknown> | undefined)?.[name] !== undefined)
      throw new InvalidArgumentError(path + name, 'cannot be used with a session')
}

/** Throws InvalidArgumentError, which names the invalid option. */
export function readSession(options: SessionSocketOptions = {}): SessionSettings {
  if (!isObject(options)) throw new InvalidArgumentError('options', 'must be an object')
  refuse('', options, 'hello', 'outbox', 'codec')
  const { session = {}, heartbeat, WebSocket } = options
  if ('greeted' in Object((WebSocket as { prototype?: object } | undefined)?.prototype))
    throw new InvalidArgumentError('WebSocket', 'cannot be from tabs(): a session needs its own connection')
  check('session', session)
  refuse('heartbeat.', heartbeat, 'message', 'isReply')
  return withDefaults({ store: undefined, maxMessages: 10_000, maxBytes: 2 ** 24 }, session)
}
