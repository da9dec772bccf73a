/** The proxy for a URL from environment variables, as in curl and other tools. */
import { BlockList, isIP, isIPv4 } from 'node:net'
import { domainToASCII } from 'node:url'
import type { AgentProvider } from '../options/node-options.js'
import { proxyAgent, readProxy } from './agent.js'
import { bare, portOf } from './parts.js'

/** Variables by name, such as `process.env`. */
export type Environment = Readonly<Record<string, string | undefined>>

/**
 * Connects through the proxy in the environment: `https_proxy` for `wss:`, `http_proxy` for `ws:`, `all_proxy` for both,
 * and no proxy for hosts in `no_proxy`. Lower-case names take precedence over upper-case ones.
 *
 * `no_proxy` is a list separated by commas or spaces: `*` for all hosts; a host, including its subdomains, with or without
 * a leading dot; an IP address or a CIDR range. An entry with a port after a colon applies only to that port.
 * @param environment Default `process.env`, read once.
 * @throws InvalidArgumentError, which names the invalid variable.
 */
export function environmentProxy(environment: Environment = process.env): AgentProvider {
  const read = (name: string): string | undefined => {
    const upper = name.toUpperCase()
    // in a CGI script this variable is the client's `Proxy` header
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
    // as in a URL; '' for what cannot be a name
    const suffix = domainToASCII(name.replace(/^\*?\.|\.$/g, ''))
    return (host) => suffix !== '' && (host === suffix || host.endsWith(`.${suffix}`))
  }
  const family = (ip: string): 'ipv4' | 'ipv6' => (isIPv4(ip) ? 'ipv4' : 'ipv6')
  const list = new BlockList()
  const most = isIPv4(address) ? 32 : 128
  // an invalid range matches nothing
  const length = bits === undefined ? most : /^\d+$/.test(bits) ? Number(bits) : Infinity
  if (length <= most) list.addSubnet(address, length, family(address))
  return (host) => isIP(host) > 0 && list.check(host, family(host))
}
