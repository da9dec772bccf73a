/** What both kinds of proxies need. */
import { unescape } from 'node:querystring'
import { ProxyError } from '../diagnostics/errors.js'

/** A host as node:net takes it. */
export const bare = (hostname: string): string => hostname.replace(/^\[|\]$/g, '')

/** The port that a server's or a SOCKS proxy's URL means. */
export const portOf = ({ port, protocol }: URL): number =>
  Number(port) || (protocol === 'wss:' ? 443 : protocol === 'ws:' ? 80 : 1080)

/** User and password of a URL; nothing where it has none. */
export function credentials({ username, password }: URL): [user: string, password: string] | undefined {
  return username + password === '' ? undefined : [unescape(username), unescape(password)]
}

/** What a failed connection to the proxy is told as. The system's own errors have a code, and tell no credentials. */
export function unreachable(error: unknown): ProxyError {
  const { code } = error as { code?: unknown }
  return new ProxyError(
    'the proxy cannot be reached',
    undefined,
    typeof code === 'string' ? error : undefined,
  )
}
