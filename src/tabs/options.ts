/** Options of `tabs()`, their validation and defaults. */
import type { WebSocketClass } from '../options/options.js'
import { callback, fields, rule } from '../options/rules.js'
import type { Resubscribe } from './topics.js'

/**
 * An event of one socket in this tab. `lead`: it holds the connection. `follow`: another tab does. `alone`: sharing is not
 * possible, and it has its own connection. `leave`: it has ended. `depose`: a leader did not answer, and its lock is
 * taken.
 */
export type TabsRole = 'lead' | 'follow' | 'alone' | 'depose' | 'leave'

/** One record of the log. */
export interface TabsRecord {
  /** In ms since the epoch. */
  readonly at: number
  /** What happened. */
  readonly type: TabsRole
  /** The key by which tabs share. */
  readonly key: string
  /** The reason for `alone`. */
  readonly cause?: unknown
}

/** Options of `tabs()`. */
export interface TabsOptions {
  /**
   * Sockets with the same key share a connection. Default: the URL without credentials, query and fragment, and the
   * protocols. The leader connects with its own URL. The key is the name of a lock and a channel, so it must not contain
   * tokens.
   */
  readonly key?: string | ((url: string, protocols: readonly string[]) => string) | undefined
  /** How to recognise subscriptions, so that the server receives the union of all tabs' topics once. Default: none. */
  readonly resubscribe?: Resubscribe | undefined
  /** Receives changes of the leader, without credentials, queries or payloads. */
  readonly log?: ((record: TabsRecord) => void) | undefined
  /** The class of the real connection. Default: the platform's. */
  readonly WebSocket?: WebSocketClass | undefined
}

/** Throws InvalidArgumentError, which names the invalid option. */
export const checkOptions = fields<TabsOptions>({
  key: rule('must be a string or a function', (value) => /^(string|function)$/.test(typeof value)),
  resubscribe(path, value) {
    for (const name of ['read', 'add', 'remove'])
      callback(`${path}.${name}`, (Object(value) as Record<string, unknown>)[name])
  },
  log: callback,
  WebSocket: callback,
})

/** The key for a URL and its protocols. */
export function keyOf({ key }: TabsOptions, url: URL, protocols: readonly string[]): string {
  if (typeof key === 'function') return key(url.href, protocols)
  // without query and user info, which may contain tokens
  return key ?? [url.origin + url.pathname, ...protocols].join(' ')
}
