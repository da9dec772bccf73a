/** The target of a redirect, and which headers and credentials may be sent to it. */
import { unescape } from 'node:querystring'
import { resolveUrl } from '../../options/url.js'
import { headerOf, without } from './headers.js'

/** One request of an attempt. */
export interface Hop {
  readonly url: string
  readonly protocols: readonly string[] | undefined
  readonly headers: Readonly<Record<string, string>>
  /** Whether the origin differs from the user's URL; if so, no client certificate is used. */
  readonly foreign: boolean
  /** Number of redirects before it. */
  readonly count: number
}

const SECRET_NAME = /auth|cookie|token|secret|key|sess|pass|pwd|cred|sign|jwt|csrf|xsrf/
const SECRET_VALUE = /^(basic|bearer|digest|negotiate|token)\s/i
/** Names of subprotocols are short; a longer one may be a token. */
const LONG = 32

/** The hop for `location`, or the reason, without the URL, why the redirect is not followed. */
export function redirect(hop: Hop, location: string, most: number): Hop | { readonly problem: string } {
  if (hop.count >= most) return { problem: `more than ${most} redirects` }
  const from = new URL(hop.url)
  let to: URL
  try {
    to = new URL(location, from)
  } catch {
    return { problem: 'its location is not a valid URL' }
  }
  to.hash = ''
  const resolved = resolveUrl(to.href)
  // Unix sockets, as source or target: the socket's path is part of the location
  if ('problem' in resolved || from.protocol === 'ws+unix:')
    return { problem: 'its location is not one that a redirect may lead to' }
  to = new URL(resolved.href)
  if (from.protocol === 'wss:' && to.protocol === 'ws:') return { problem: 'it leads from wss: to ws:' }
  const { protocols, count } = hop
  const next = { url: to.href, protocols, count: count + 1 }
  if (to.origin === from.origin) {
    const headers = withCredentials(hop.headers, from)
    return { ...next, headers, foreign: hop.foreign }
  }
  if (protocols?.some((name) => name.length >= LONG || SECRET_NAME.test(name.toLowerCase())))
    return { problem: 'it leads to another origin, and the subprotocols may hold a credential' }
  const headers = without(
    hop.headers,
    (name, value) => name === 'host' || SECRET_NAME.test(name) || SECRET_VALUE.test(value),
  )
  return { ...next, headers, foreign: true }
}

/** The credentials in the first URL apply to its whole origin. */
function withCredentials(
  headers: Readonly<Record<string, string>>,
  { username, password }: URL,
): Readonly<Record<string, string>> {
  if (username + password === '' || headerOf(headers, 'authorization') !== undefined) return headers
  const credentials = Buffer.from(`${unescape(username)}:${unescape(password)}`).toString('base64')
  return { ...headers, Authorization: `Basic ${credentials}` }
}
