/** URL and subprotocol checking, by the rules of WHATWG WebSockets, "new WebSocket(url, protocols)". */
import type { UrlLike } from './provider.js'

const schemes: Readonly<Record<string, string>> = {
  'http:': 'ws:',
  'https:': 'wss:',
  'ws:': 'ws:',
  'wss:': 'wss:',
}

/**
 * Resolves a URL against the document's base, if there is one, and maps http(s) to ws(s). If it cannot be used, returns
 * the reason without the URL, which may contain credentials.
 *
 * @param further Further schemes of this platform, which are not mapped.
 * @param base The base if there is no document.
 */
export function resolveUrl(
  url: unknown,
  further?: readonly string[],
  base?: string,
): { readonly href: string } | { readonly problem: string } {
  let parsed: URL
  try {
    parsed = new URL(String((url as Partial<UrlLike> | null)?.href ?? url), baseUrl() ?? base)
  } catch {
    return { problem: 'is not a valid URL, such as wss://host/path' }
  }
  const { protocol } = parsed
  const scheme = schemes[protocol] ?? further?.find((name) => name === protocol)
  if (scheme === undefined) return { problem: `must use ws: or wss:, not ${protocol}` }
  if (!(protocol in schemes) && (parsed.host !== '' || parsed.pathname === ''))
    return { problem: 'has no path to a socket' }
  if (parsed.href.includes('#')) return { problem: 'must not have a fragment' }
  // not by the setter, which React Native lacks; the default ports are the same
  return { href: scheme + parsed.href.slice(protocol.length) }
}

/** The document's base URL, or a worker's own address; undefined in Node. */
function baseUrl(): string | undefined {
  const { document, location } = globalThis as {
    document?: { baseURI?: string }
    location?: { href?: string }
  }
  return document?.baseURI ?? location?.href
}

// RFC 6455 section 4.1 with the token of RFC 9110 section 5.6.2
const token = /^[!#$%&'*+\-.^_`|~\w]+$/

/** Describes what is wrong with a list of subprotocols; `undefined` if it is valid. */
export function protocolProblem(protocols: readonly string[]): string | undefined {
  const areTokens = protocols.every((protocol) => typeof protocol === 'string' && token.test(protocol))
  // web-platform-tests compares without regard to case
  return !areTokens
    ? 'has a name that is not a token of RFC 9110'
    : new Set(protocols.map((name) => name.toLowerCase())).size < protocols.length
      ? 'names a protocol twice'
      : undefined
}

/** Origin and path of a URL, which may be shown and logged, without credentials, query and fragment. */
export function publicPart(href: string): string {
  const { protocol, host, pathname } = new URL(href)
  return `${protocol}//${host}${pathname}`
}
