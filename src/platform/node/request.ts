/** The options of `ws` for one opening handshake. */
import type { ClientRequest } from 'node:http'
import { connect as netConnect, isIP, type Socket } from 'node:net'
import { unescape } from 'node:querystring'
import { Duplex } from 'node:stream'
import { checkServerIdentity, connect, type ConnectionOptions, type PeerCertificate } from 'node:tls'
import type { AgentLike, NodeOptions } from '../../options/node-options.js'
import { immediate } from './immediate.js'
import type { Hop } from './redirect.js'

/** The default of ws, repeated here so that a new release does not change it. */
const MAX_PAYLOAD = 100 * 2 ** 20
/** ws disconnects at 60 unsent pongs. That many pings may come while a large message is sent over a slow line. */
const MAX_PONGS = 4_096

const connecting = ['localAddress', 'family'] as const
const trusting = ['ca', 'crl', 'ciphers', 'ecdhCurve', 'sigalgs', 'minVersion', 'maxVersion'] as const
const identifying = ['cert', 'key', 'pfx', 'passphrase', 'secureContext'] as const

/** The options of the WebSocket class of `ws`. */
export function clientOptions(
  hop: Hop,
  node: NodeOptions,
  agent: AgentLike | undefined,
  finishRequest: (request: ClientRequest) => void,
): Record<string, unknown> {
  const { protocol, hostname } = new URL(hop.url)
  // RFC 6066: a server name has no dot at its end
  const host = hostname.replace(/^\[|\]$|\.$/g, '')
  const name = (hop.foreign ? undefined : node.servername) ?? host
  const verify = (node.checkServerIdentity ?? checkServerIdentity) as typeof checkServerIdentity
  const { createConnection, lookup, perMessageDeflate = true, maxPayload = MAX_PAYLOAD } = node
  const options = {
    headers: hop.headers,
    perMessageDeflate,
    maxPayload: maxPayload === Infinity ? 0 : maxPayload,
    maxPendingAutoPongs: MAX_PONGS,
    skipUTF8Validation: node.skipUTF8Validation ?? false,
    ...given(node, connecting),
    ...(lookup && { lookup: later(throwing(lookup as Lookup)) }),
    ...(protocol === 'ws+unix:' && { createConnection: connectUnix }),
    ...(createConnection && {
      createConnection: connector(throwing(createConnection as Connect), protocol === 'wss:'),
    }),
    finishRequest,
    agent,
  }
  if (protocol !== 'wss:') return options
  return {
    ...options,
    ...given(node, trusting),
    ...(!hop.foreign && given(node, identifying)),
    // explicit: otherwise the environment could disable verification
    rejectUnauthorized: node.insecureTls !== true,
    // explicit: an agent would derive it from the Host header
    servername: isIP(name) > 0 ? '' : name,
    // an agent for a tunnel knows the proxy's name, and may not know this one
    checkServerIdentity: (_: string, certificate: PeerCertificate) => {
      try {
        return verify(name, certificate)
      } catch (error) {
        // node:tls would not catch it
        return thrown(error)
      }
    },
  }
}

/** Whether an agent has its own client certificate. */
export function identifies(agent: AgentLike | undefined): boolean {
  const { options = {} } = (agent ?? {}) as { options?: Readonly<Record<string, unknown>> }
  return identifying.some((name) => options[name] !== undefined)
}

type Done = (error: Error | null, socket?: unknown) => void
type Connect = (options: ConnectionOptions, done: Done) => unknown

/** `ws` would take the path from the URL as it is, with its spaces and other characters encoded. */
const connectUnix = ({ socketPath = '' }: { socketPath?: string }): Socket =>
  netConnect({ path: unescape(socketPath) })

/** A user-supplied function that connects, with its result checked; `secure` adds TLS if it is missing. */
function connector(create: Connect, secure: boolean): Connect {
  return (options, done) => {
    const ready = (socket: unknown): void => {
      if (!(socket instanceof Duplex))
        throw new TypeError('node.createConnection must return a socket, or pass one to its callback')
      // node:http listens only a tick later: until then, an error of a socket that fails at once would be uncaught
      socket.on('error', done)
      immediate(() => {
        socket.off('error', done)
        if (socket.destroyed) return done(socket.errored ?? new Error('the socket is closed already'))
        done(null, secure && !('encrypted' in socket) ? connect({ ...options, socket }) : socket)
      })
    }
    const socket = create(options, (error, late) => {
      if (error) return done(error)
      try {
        ready(late)
      } catch (wrong) {
        done(wrong as Error)
      }
    })
    if (socket !== undefined) ready(socket)
  }
}

type Lookup = (host: string, options: object, done: (...answer: unknown[]) => void) => unknown

/**
 * A lookup that never answers within the call: node:net would connect within the call, too, and if that fails at once,
 * nobody hears the error yet.
 */
function later(lookup: Lookup): Lookup {
  return (host, options, done) =>
    lookup(host, options, (...answer) => process.nextTick(() => done(...answer)))
}

type Call = (...args: never[]) => unknown

/** A user-supplied function that never throws what node:http takes for no error. */
function throwing<F extends Call>(call: F): F {
  return ((...args) => {
    try {
      return call(...args)
    } catch (error) {
      throw thrown(error)
    }
  }) as F
}

/** What was thrown, or an error instead of what is falsy. */
function thrown(error: unknown): Error {
  return (error || new TypeError(`the function threw ${String(error)}`)) as Error
}

function given(node: NodeOptions, names: readonly (keyof NodeOptions)[]): Record<string, unknown> {
  return Object.fromEntries(
    names.filter((name) => node[name] !== undefined).map((name) => [name, node[name]]),
  )
}
