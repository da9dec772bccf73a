/** Connects through a SOCKS proxy: RFC 1928 and RFC 1929. */
import dns from 'node:dns'
import { once } from 'node:events'
import http from 'node:http'
import https from 'node:https'
import net from 'node:net'
import tls from 'node:tls'
import type { SocksProxy } from 'socks'
import { MissingPackageError, ProxyError } from '../diagnostics/errors.js'
import { bare, credentials, portOf, unreachable, type Way, wayOf } from './parts.js'
import type { AbortSignalLike } from '../options/provider.js'

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

type Done = (error: Error | null, socket?: net.Socket) => void

/** In a `try`, so that bundlers treat it as optional. */
async function importSocks(): Promise<typeof import('socks')> {
  try {
    return await import('socks')
  } catch (cause) {
    throw new MissingPackageError('socks', 'a SOCKS proxy', cause)
  }
}

/** An agent for one connection. Aborting `signal` ends it at any time. */
export async function socksAgent(proxy: URL, target: URL, signal: AbortSignalLike): Promise<http.Agent> {
  const { SocksClient } = await importSocks()
  const secure = target.protocol === 'wss:'
  const agent = secure ? new https.Agent() : new http.Agent()

  const open = async (way: Way): Promise<net.Socket> => {
    const [type, remote] = socksVersions[proxy.protocol]!
    const [userId, password] = credentials(proxy) ?? []
    const name = bare(target.hostname)
    if (type === 4 && !remote && net.isIPv6(name)) throw new ProxyError('SOCKS4 has no addresses of IPv6')
    const host = remote || net.isIP(name) > 0 ? name : await resolved(name, type, way)
    const hop = { host: bare(proxy.hostname), port: portOf(proxy) }
    // connected here, so that it can be ended at any time
    const existing_socket = net.connect({ ...wayOf(way), ...hop, signal: signal as AbortSignal })
    await once(existing_socket, 'connect').catch((error: unknown) => {
      throw unreachable(error)
    })
    // without this, an error between two steps would have no listener
    existing_socket.on('error', () => {})
    try {
      await SocksClient.createConnection({
        proxy: { ...hop, type, userId, password } as SocksProxy,
        command: 'connect',
        destination: { host, port: portOf(target) },
        existing_socket,
      })
    } catch (error) {
      existing_socket.destroy()
      // only the message of the library's error: its other properties contain the credentials
      throw new ProxyError(`the SOCKS proxy did not connect: ${(error as Error).message}`)
    }
    return existing_socket
  }

  const createConnection = (options: tls.ConnectionOptions & Way, done: Done): void =>
    void open(options).then(
      (socket) => done(null, secure ? tls.connect({ ...options, path: undefined, socket }) : socket),
      done,
    )
  return Object.assign(agent, { createConnection })
}
