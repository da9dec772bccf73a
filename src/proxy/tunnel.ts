/** Connects through an HTTP proxy, by CONNECT: RFC 9110 section 9.3.6. */
import type { Agent } from 'node:http'
import { MissingPackageError, ProxyError } from '../diagnostics/errors.js'
import type { TlsOptions } from '../options/node-options.js'
import { credentials, unreachable, type Way, wayOf } from './parts.js'
import type { AbortSignalLike } from '../options/provider.js'

/** In a `try`, so that bundlers treat it as optional. */
async function importTunnel(): Promise<typeof import('https-proxy-agent')> {
  try {
    return await import('https-proxy-agent')
  } catch (cause) {
    throw new MissingPackageError('https-proxy-agent', 'an HTTP proxy', cause)
  }
}

/** An agent for one connection. Aborting `signal` ends it at any time. */
export async function tunnelAgent(
  proxy: URL,
  options: TlsOptions,
  target: URL,
  signal: AbortSignalLike,
): Promise<Agent> {
  const { HttpsProxyAgent } = await importTunnel()
  // it would write the URL's credentials to its debug log
  const address = new URL(proxy)
  address.username = address.password = ''
  const login = credentials(proxy)
  const headers = login && {
    'Proxy-Authorization': `Basic ${Buffer.from(login.join(':')).toString('base64')}`,
  }
  const agent = new HttpsProxyAgent(address, {
    ...(options as object),
    ...(headers && { headers }),
    rejectUnauthorized: true,
    signal: signal as AbortSignal,
  })
  // it would guess from the call stack
  agent.isSecureEndpoint = () => target.protocol === 'wss:'
  const connect = agent.connect.bind(agent)
  agent.connect = async (request, how) => {
    let status = 0
    Object.assign(agent.connectOpts, wayOf(how as Way))
    request.once('proxyConnect', (answer: { statusCode: number }) => (status = answer.statusCode))
    const socket = await connect(request, how).catch((error: unknown) => {
      throw unreachable(error)
    })
    if (status === 200) return socket
    // otherwise the proxy's response would be taken for the server's
    socket.destroy()
    if (Number.isNaN(status)) throw new ProxyError('the proxy did not answer in HTTP')
    throw new ProxyError(`the proxy answered with HTTP ${status}`, status)
  }
  return agent
}
