/** What a user may say about tabs. */
import { InvalidArgumentError } from '../diagnostics/errors.js'
import type { WebSocketClass } from '../options/options.js'
import type { Resubscribe } from './topics.js'

/**
 * What became of one socket in this tab. `lead`: it holds the connection. `follow`: another tab does. `alone`: nothing
 * can be shared here, and it has a connection of its own. `leave`: it has ended. `depose`: a leader did not answer, and
 * its lock is taken away.
 */
export type TabsRole = 'lead' | 'follow' | 'alone' | 'depose' | 'leave'

/** One record of the log. */
export interface TabsRecord {
  /** In ms since the epoch. */
  readonly at: number
  readonly type: TabsRole
  /** What the tabs share by. */
  readonly key: string
  /** Why `alone`. */
  readonly cause?: unknown
}

/** Options of `tabs()`. */
export interface TabsOptions {
  /**
   * Sockets of the same key share a connection. Default: the URL without credentials, query and fragment, and the
   * protocols. The one that leads dials its own URL. It is the name of a lock and of a channel: keep tokens out of it.
   */
  readonly key?: string | ((url: string, protocols: readonly string[]) => string) | undefined
  /** How subscriptions are told: each tab's are remembered, and the server sees their union once. Default: not at all. */
  readonly resubscribe?: Resubscribe | undefined
  /** Told who leads. No credentials, queries or payloads. */
  readonly log?: ((record: TabsRecord) => void) | undefined
  /** The class of the real connection. Default: the platform's. */
  readonly WebSocket?: WebSocketClass | undefined
}

/** Throws InvalidArgumentError, naming what is wrong. */
export function checkOptions(options: TabsOptions): void {
  const { key, resubscribe, ...functions } = options
  const wrong = (name: string, expected: string): never => {
    throw new InvalidArgumentError(name, expected)
  }
  if (typeof key !== 'string' && !isOptional(key)) wrong('key', 'must be a string or a function')
  for (const name in functions)
    if (name !== 'log' && name !== 'WebSocket')
      wrong(name, 'is not an option; there are key, resubscribe, log, WebSocket')
    else if (!isOptional(functions[name])) wrong(name, 'must be a function')
  if (resubscribe === undefined) return
  for (const name of ['read', 'add', 'remove'] as const)
    if (typeof (Object(resubscribe) as Record<string, unknown>)[name] !== 'function')
      wrong(`resubscribe.${name}`, 'must be a function')
}

const isOptional = (value: unknown): boolean => value === undefined || typeof value === 'function'

/** What the sockets of a URL share by. */
export function keyOf({ key }: TabsOptions, url: URL, protocols: readonly string[]): string {
  if (typeof key === 'function') return key(url.href, protocols)
  // neither a token in the query nor one in the user's part
  return key ?? [url.origin + url.pathname, ...protocols].join(' ')
}
