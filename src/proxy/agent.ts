/** An agent for a proxy, given by its URL. */
import { InvalidArgumentError } from '../diagnostics/errors.js'
import type { AgentProvider, TlsOptions } from '../options/node-options.js'
import { checkNodeOptions } from '../platform/node/check.js'
import { object } from '../options/rules.js'
import { socksAgent, socksVersions } from './socks.js'
import { credentials } from './parts.js'
import { tunnelAgent } from './tunnel.js'
import type { UrlLike } from '../options/provider.js'

/** TLS options for an `https:` proxy, whose certificate is verified. */
export type ProxyOptions = Pick<TlsOptions, 'ca' | 'cert' | 'key' | 'passphrase' | 'servername'>

const names: readonly string[] = ['ca', 'cert', 'key', 'passphrase', 'servername']

/**
 * Connects through a proxy. Each attempt gets its own agent, and the agent's connections end with the attempt.
 * SOCKS proxies need the package `socks`; an attempt fails with MissingPackageError without it.
 * @param proxy An `http:`, `https:`, `socks5:` or `socks4:` URL, with credentials if required. With `socks5h:`
 * (also `socks:`) or `socks4a:` the proxy resolves host names; otherwise the client does.
 * @throws InvalidArgumentError, which does not contain the URL.
 */
export function proxyAgent(proxy: string | UrlLike, options: ProxyOptions = {}): AgentProvider {
  const url = readProxy('proxy', proxy)
  object('options', options)
  for (const name of Object.keys(options))
    if (!names.includes(name)) throw new InvalidArgumentError(`proxy.${name}`, 'is not an option')
  checkNodeOptions(options, 'proxy')
  return (target, { signal }) => {
    const to = new URL(target.href)
    return url.protocol.startsWith('http')
      ? tunnelAgent(url, options, to, signal)
      : socksAgent(url, to, signal)
  }
}

/** Validates a proxy URL; a bare host and port means an HTTP proxy. Throws InvalidArgumentError. */
export function readProxy(path: string, given: unknown): URL {
  const text = String(given)
  let url: URL
  try {
    url = new URL(/^[\w+.-]+:\/\//.test(text) ? text : `http://${text}`)
  } catch {
    throw new InvalidArgumentError(path, 'is not a valid URL')
  }
  const { protocol, hostname } = url
  if (!['http:', 'https:'].includes(protocol) && !Object.hasOwn(socksVersions, protocol))
    throw new InvalidArgumentError(path, `must use http:, https:, socks4: or socks5:, not ${protocol}`)
  if (hostname === '') throw new InvalidArgumentError(path, 'has no host')
  // RFC 1929: the length is one byte
  if (protocol.startsWith('socks') && credentials(url)?.some((one) => Buffer.byteLength(one) > 255))
    throw new InvalidArgumentError(path, 'has a user or password of more than 255 bytes')
  return url
}
