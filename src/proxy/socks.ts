/** Connects through a SOCKS proxy: RFC 1928 and RFC 1929. */
import dns from 'node:dns'
import type { Agent } from 'node:http'
import net from 'node:net'
import type { SocksProxy } from 'socks'
import { MissingPackageError, ProxyError } from '../diagnostics/errors.js'
import { agentOver, bare, credentials, portOf, reached, type Way, wayOf } from './parts.js'
import type { AbortSignalLike } from '../options/provider.js'
import { MAX_DELAY } from '../time/clock.js'

/** The version by the URL's scheme, and whether the proxy resolves names. */
export const socksVersions: Readonly<Record<string, readonly [version: 4 | 5, remote: boolean]>> = {
  'socks:': [5, true],
  'socks5:': [5, false],
  'socks5h:': [5, true],
  'socks4:': [4, false],
  'socks4a:': [4, true],
}

/** The address for a name, if the proxy does not resolve it. */
function resolved(name: string, type: 4 | 5, { lookup = dns.lookup, family = 0 }: Way): Promise<string> {
  return new Promise((resolve, reject) => {
    // SOCKS4 has only addresses of IPv4
    const options = { family: type === 4 ? 4 : family, all: false }
    lookup(name, options, (error, address) => (error ? reject(error) : resolve(address as string)))
  })
}

/** In a `try`, so that bundlers treat it as optional. */
async function importSocks(): Promise<typeof import('socks')> {
  try {
    return await import('socks')
  } catch (cause) {
    throw new MissingPackageError('socks', 'a SOCKS proxy', cause)
  }
}

/** An agent for one connection. Aborting `signal` ends it at any time. */
export async function socksAgent(proxy: URL, target: URL, signal: AbortSignalLike): Promise<Agent> {
  const { SocksClient } = await importSocks()
  return agentOver(target, async (way) => {
    const [type, remote] = socksVersions[proxy.protocol]!
    const [userId, password] = credentials(proxy) ?? []
    const name = bare(target.hostname)
    if (type === 4 && !remote && net.isIPv6(name)) throw new ProxyError('SOCKS4 has no addresses of IPv6')
    const host = remote || net.isIP(name) > 0 ? name : await resolved(name, type, way)
    const hop = { host: bare(proxy.hostname), port: portOf(proxy) }
    // connected here, so that it can be ended at any time
    const tcp = net.connect({ ...wayOf(way), ...hop, signal: signal as AbortSignal })
    const existing_socket = await reached(tcp, 'connect')
    try {
      await SocksClient.createConnection({
        proxy: { ...hop, type, userId, password } as SocksProxy,
        command: 'connect',
        destination: { host, port: portOf(target) },
        existing_socket,
        // the attempt has its own limit; the package's is 30 s
        timeout: MAX_DELAY,
      })
    } catch (error) {
      existing_socket.destroy()
      // only the message of the library's error: its other properties contain the credentials
      throw new ProxyError(`the SOCKS proxy did not connect: ${(error as Error).message}`)
    }
    return existing_socket
  })
}
