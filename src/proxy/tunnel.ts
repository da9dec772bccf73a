/** Connects through an HTTP proxy, by CONNECT: RFC 9110 section 9.3.6. */
import http from 'node:http'
import net from 'node:net'
import tls from 'node:tls'
import { ProxyError } from '../diagnostics/errors.js'
import type { TlsOptions } from '../options/node-options.js'
import { agentOver, bare, credentials, portOf, reached, wayOf } from './parts.js'
import type { AbortSignalLike } from '../options/provider.js'

/** An agent for one connection. Aborting `signal` ends it at any time. */
export function tunnelAgent(
  proxy: URL,
  options: TlsOptions,
  target: URL,
  signal: AbortSignalLike,
): http.Agent {
  return agentOver(target, async (way) => {
    const host = bare(proxy.hostname)
    const hop = { ...wayOf(way), host, port: portOf(proxy), signal: signal as AbortSignal }
    if (proxy.protocol === 'http:') return ask(await reached(net.connect(hop), 'connect'), proxy, target)
    const secured: tls.ConnectionOptions = {
      // one that speaks HTTP/2 too would choose that
      ALPNProtocols: ['http/1.1'],
      servername: net.isIP(host) > 0 ? '' : host,
      ...(options as object),
      rejectUnauthorized: true,
    }
    return ask(await reached(tls.connect({ ...secured, ...hop }), 'secureConnect'), proxy, target)
  })
}

/** Has the proxy connect to the target. */
function ask(socket: net.Socket, proxy: URL, target: URL): Promise<net.Socket> {
  const path = `${target.hostname}:${portOf(target)}`
  const login = credentials(proxy)
  const headers = {
    Host: path,
    ...(login && { 'Proxy-Authorization': `Basic ${Buffer.from(login.join(':')).toString('base64')}` }),
  }
  return new Promise((resolve, reject) => {
    http
      .request({ method: 'CONNECT', path, headers, createConnection: () => socket })
      .on('connect', ({ statusCode = 0 }, _socket, head) => {
        if (statusCode < 200 || statusCode > 299) {
          socket.destroy()
          return reject(new ProxyError(`the proxy answered with HTTP ${statusCode}`, statusCode))
        }
        // does nothing if it is empty
        socket.unshift(head)
        resolve(socket)
      })
      // its other properties contain what the proxy said
      .on('error', () => reject(new ProxyError('the proxy gave no valid answer')))
      .end()
  })
}
