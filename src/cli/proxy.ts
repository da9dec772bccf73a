/** The agent that reaches a server through a proxy. */
import type { Agent, ClientRequest } from 'node:http'
import { isIP, type Socket } from 'node:net'
import { checkServerIdentity, type PeerCertificate } from 'node:tls'
import { HttpsProxyAgent } from 'https-proxy-agent'
import { SocksProxyAgent } from 'socks-proxy-agent'
import { UsageError } from './usage-error.js'

type AgentConnectOpts = Parameters<SocksProxyAgent['connect']>[1]

class ConnectAgent extends HttpsProxyAgent<string> {
  override connect(request: ClientRequest, options: AgentConnectOpts): Promise<Socket> {
    return super.connect(request, verified(options))
  }
}

class SocksAgent extends SocksProxyAgent {
  override connect(request: ClientRequest, options: AgentConnectOpts): Promise<Socket> {
    return super.connect(request, verified(options))
  }
}

/** The agents forget an address that is no name, and its certificate would be compared with `localhost`. */
function verified(options: AgentConnectOpts): AgentConnectOpts {
  const { host = '' } = options
  if (!options.secureEndpoint || options.servername || isIP(host) === 0) return options
  const check = (_: string, certificate: PeerCertificate): Error | undefined =>
    checkServerIdentity(host, certificate)
  return { ...options, checkServerIdentity: check }
}

/** By the proxy's scheme: CONNECT for http: and https:, SOCKS for the rest. */
export function proxyAgent(url: string): Agent {
  const scheme = /^([a-z0-9]+):\/\/[^/]/.exec(url)?.[1] ?? ''
  try {
    if (/^https?$/.test(scheme)) return new ConnectAgent(url)
    if (/^socks(4a?|5h?)?$/.test(scheme)) return new SocksAgent(url)
  } catch {
    // told below: the error would quote the URL
  }
  throw new UsageError('--proxy must be like http://host:port or socks5://host:port')
}
