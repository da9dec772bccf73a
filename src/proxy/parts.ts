/** What both kinds of proxies need. */
import { once } from 'node:events'
import http from 'node:http'
import https from 'node:https'
import type { Socket, TcpSocketConnectOpts } from 'node:net'
import { unescape } from 'node:querystring'
import tls from 'node:tls'
import { ProxyError } from '../diagnostics/errors.js'

/** How this process connects, as the `node` option says it. */
export type Way = Pick<TcpSocketConnectOpts, 'localAddress' | 'family' | 'lookup'>

/** It applies to the connection to the proxy. */
export const wayOf = ({ localAddress, family, lookup }: Way): Way => ({
  ...(localAddress !== undefined && { localAddress }),
  ...(family !== undefined && { family }),
  ...(lookup && { lookup }),
})

/** A host as node:net takes it. */
export const bare = (hostname: string): string => hostname.replace(/^\[|\]$/g, '')

const ports: Readonly<Record<string, number>> = { 'ws:': 80, 'http:': 80, 'wss:': 443, 'https:': 443 }

/** The port of a URL of a server or a proxy. */
export const portOf = ({ port, protocol }: URL): number => Number(port) || (ports[protocol] ?? 1080)

/** User and password of a URL; undefined if it has none. */
export function credentials({ username, password }: URL): [user: string, password: string] | undefined {
  return username + password === '' ? undefined : [unescape(username), unescape(password)]
}

type Done = (error: Error | null, socket?: Socket) => void

/** An agent for one connection to `target`: over the one that `open` makes, with TLS for `wss:`. */
export function agentOver(target: URL, open: (way: Way) => Promise<Socket>): http.Agent {
  const secure = target.protocol === 'wss:'
  const createConnection = (options: tls.ConnectionOptions & Way, done: Done): void =>
    void open(options).then(
      (socket) => done(null, secure ? tls.connect({ ...options, path: undefined, socket }) : socket),
      done,
    )
  return Object.assign(secure ? new https.Agent() : new http.Agent(), { createConnection })
}

/** Waits until a connection to the proxy is there. */
export async function reached(proxy: Socket, event: 'connect' | 'secureConnect'): Promise<Socket> {
  await once(proxy, event).catch((error: unknown) => {
    // an error of the system: it contains no credentials
    throw new ProxyError('the proxy cannot be reached', undefined, error)
  })
  // without this, an error between two steps would have no listener
  return proxy.on('error', () => {})
}
