/** The agent that reaches a server through a proxy. */
import type { Agent } from 'node:http'
import { HttpsProxyAgent } from 'https-proxy-agent'
import { SocksProxyAgent } from 'socks-proxy-agent'
import { UsageError } from './usage-error.js'

/** By the proxy's scheme: CONNECT for http: and https:, SOCKS for the rest. */
export function proxyAgent(url: string): Agent {
  const scheme = /^([a-z0-9]+):\/\/[^/]/.exec(url)?.[1] ?? ''
  try {
    if (/^https?$/.test(scheme)) return new HttpsProxyAgent(url)
    if (/^socks(4a?|5h?)?$/.test(scheme)) return new SocksProxyAgent(url)
  } catch {
    // told below: the error would quote the URL
  }
  throw new UsageError('--proxy must be like http://host:port or socks5://host:port')
}
