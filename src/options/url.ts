/** URL and subprotocol checking, by the rules of WHATWG WebSockets, "new WebSocket(url, protocols)". */

const schemes: Readonly<Record<string, string>> = {
  'http:': 'ws:',
  'https:': 'wss:',
  'ws:': 'ws:',
  'wss:': 'wss:',
}

/**
 * Resolves a URL against the document's base, where there is one, and maps http(s) to ws(s).
 * Returns what is wrong with it, in words, where it cannot be dialed: never the URL, which may carry credentials.
 * @param further Schemes that this platform dials too, as they are.
 * @param base What it is resolved against where there is no document.
 */
export function resolveUrl(
  url: unknown,
  further: readonly string[] = [],
  base?: string,
): { readonly href: string } | { readonly problem: string } {
  let parsed: URL
  try {
    parsed = new URL(String(url), baseUrl() ?? base)
  } catch {
    return { problem: 'is not a valid URL, such as wss://host/path' }
  }
  const { protocol } = parsed
  const scheme = schemes[protocol] ?? further.find((name) => name === protocol)
  if (scheme === undefined) return { problem: `has the scheme ${protocol} where ws: or wss: is needed` }
  if (scheme === protocol && !(protocol in schemes) && (parsed.host !== '' || parsed.pathname === ''))
    return { problem: 'names no path of a socket' }
  if (parsed.href.includes('#')) return { problem: 'has a fragment' }
  // not by the setter, which React Native lacks; the default ports are the same
  return { href: scheme + parsed.href.slice(protocol.length) }
}

/** The document's base URL; a worker's own address; nothing in Node. */
function baseUrl(): string | undefined {
  const { document, location } = globalThis as {
    document?: { baseURI?: string }
    location?: { href?: string }
  }
  return document?.baseURI ?? location?.href
}

// RFC 6455 section 4.1 with the token of RFC 9110 section 5.6.2
const token = /^[!#$%&'*+\-.^_`|~\w]+$/

/** Says in words what is wrong with a list of subprotocols; `undefined` when nothing is. */
export function protocolProblem(protocols: readonly string[]): string | undefined {
  const areTokens = protocols.every((protocol) => typeof protocol === 'string' && token.test(protocol))
  // web-platform-tests compares without regard to case
  return !areTokens
    ? 'has a name that is not a token of RFC 9110'
    : new Set(protocols.map((name) => name.toLowerCase())).size < protocols.length
      ? 'names a protocol twice'
      : undefined
}

/** Origin and path of a URL: what may be shown and logged. Credentials, query and fragment stay out. */
export function publicPart(href: string): string {
  const { protocol, host, pathname } = new URL(href)
  return `${protocol}//${host}${pathname}`
}
