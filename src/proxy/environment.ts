/** The proxy that the environment names for a URL, as curl and others read it. */
import { BlockList, isIP, isIPv4 } from 'node:net'
import type { AgentProvider } from '../options/node-options.js'
import { proxyAgent, readProxy } from './agent.js'
import { bare, portOf } from './parts.js'

/** Variables by name, such as `process.env`. */
export type Environment = Readonly<Record<string, string | undefined>>

/**
 * Dials through the proxy that the environment names: `https_proxy` for `wss:`, `http_proxy` for `ws:`, `all_proxy` for
 * both, and none for what `no_proxy` lists. Lower case goes before upper case.
 *
 * `no_proxy` has, divided by commas or spaces: `*` for all; a host, which stands for its subdomains too, with or
 * without a leading dot; an IP address or a CIDR range; each with a port behind a colon, if it is for that port alone.
 * @param environment Default `process.env`, read once.
 * @throws InvalidArgumentError naming the variable that cannot be used.
 */
export function environmentProxy(environment: Environment = process.env): AgentProvider {
  const read = (name: string): string | undefined => {
    const upper = name.toUpperCase()
    // in a CGI script this one is the client's `Proxy` header
    const trusted = upper !== 'HTTP_PROXY' || environment.REQUEST_METHOD === undefined
    return environment[name]?.trim() || (trusted && environment[upper]?.trim()) || undefined
  }
  const agentOf = (name: string): AgentProvider | undefined => {
    const value = read(name)
    return value === undefined ? undefined : proxyAgent(readProxy(name, value))
  }
  const all = agentOf('all_proxy')
  const agents: Readonly<Record<string, AgentProvider | undefined>> = {
    'ws:': agentOf('http_proxy') ?? all,
    'wss:': agentOf('https_proxy') ?? all,
  }
  const exceptions = (read('no_proxy') ?? '')
    .split(/[\s,]+/)
    .filter(Boolean)
    .map(readException)
  return (url, attempt) => {
    const target = new URL(url.href)
    const agent = agents[target.protocol]
    return agent && !exceptions.some((covers) => covers(target)) ? agent(url, attempt) : undefined
  }
}

/** Whether a URL is one that goes without a proxy. */
type Exception = (url: URL) => boolean

function readException(entry: string): Exception {
  if (entry === '*') return () => true
  const [, bracketed, plain = '', port] = /^(?:\[(.*)\]|([^:]*|.*:.*:.*?))(?::(\d+))?$/.exec(entry) ?? []
  const covers = byHost((bracketed ?? plain).toLowerCase())
  return (url) =>
    (port === undefined || Number(port) === portOf(url)) && covers(bare(url.hostname).replace(/\.$/, ''))
}

function byHost(name: string): (host: string) => boolean {
  const [address = '', bits] = name.split('/')
  if (isIP(address) === 0) {
    const suffix = name.replace(/^\*?\./, '')
    return (host) => suffix !== '' && (host === suffix || host.endsWith(`.${suffix}`))
  }
  const family = (ip: string): 'ipv4' | 'ipv6' => (isIPv4(ip) ? 'ipv4' : 'ipv6')
  const list = new BlockList()
  const length = Number(bits ?? (isIPv4(address) ? 32 : 128))
  // a range that is none covers nothing
  if (length >= 0 && length <= (isIPv4(address) ? 32 : 128)) list.addSubnet(address, length, family(address))
  return (host) => isIP(host) > 0 && list.check(host, family(host))
}
