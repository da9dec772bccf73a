/** What both kinds of proxies need. */
import { unescape } from 'node:querystring'
import type { TcpSocketConnectOpts } from 'node:net'
import { ProxyError } from '../diagnostics/errors.js'

/** How this process connects, as the `node` option says it. */
export type Way = Pick<TcpSocketConnectOpts, 'localAddress' | 'family' | 'lookup'>

/** It applies to the connection to the proxy. */
export const wayOf = ({ localAddress, family, lookup }: Way): Way => ({
  ...(localAddress !== undefined && { localAddress }),
  ...(family !== undefined && { family }),
  ...(lookup && { lookup }),
})

/** A host as node:net takes it. */
export const bare = (hostname: string): string => hostname.replace(/^\[|\]$/g, '')

/** The port of a URL of a server or a SOCKS proxy. */
export const portOf = ({ port, protocol }: URL): number =>
  Number(port) || (protocol === 'wss:' ? 443 : protocol === 'ws:' ? 80 : 1080)

/** User and password of a URL; undefined if it has none. */
export function credentials({ username, password }: URL): [user: string, password: string] | undefined {
  return username + password === '' ? undefined : [unescape(username), unescape(password)]
}

/**
 * The error for a proxy that cannot be reached, or does not answer. Errors of the system have a code, and contain no
 * credentials.
 */
export function unreachable(error: unknown): ProxyError {
  const { code } = error as { code?: unknown }
  return typeof code === 'string'
    ? new ProxyError('the proxy cannot be reached', undefined, error)
    : new ProxyError('the proxy gave no valid answer')
}
