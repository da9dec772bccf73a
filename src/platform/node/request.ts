/** One opening handshake, as `ws` is told to make it. */
import type { ClientRequest } from 'node:http'
import { isIP } from 'node:net'
import { Duplex } from 'node:stream'
import { checkServerIdentity, connect, type ConnectionOptions, type PeerCertificate } from 'node:tls'
import type { AgentLike, NodeOptions } from '../../options/node-options.js'
import type { Hop } from './redirect.js'

/** As `ws` has it; named here, so that no release of it changes what is accepted. */
const MAX_PAYLOAD = 100 * 2 ** 20

const connecting = ['localAddress', 'family', 'lookup'] as const
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
  const host = hostname.replace(/^\[|\]$/g, '')
  const name = (hop.foreign ? undefined : node.servername) ?? host
  const verify = (node.checkServerIdentity ?? checkServerIdentity) as typeof checkServerIdentity
  const { createConnection, perMessageDeflate = true, maxPayload = MAX_PAYLOAD } = node
  const options = {
    headers: hop.headers,
    perMessageDeflate,
    maxPayload: maxPayload === Infinity ? 0 : maxPayload,
    skipUTF8Validation: node.skipUTF8Validation ?? false,
    ...given(node, connecting),
    ...(createConnection && {
      createConnection: connector(createConnection as Connect, protocol === 'wss:'),
    }),
    finishRequest,
    agent,
  }
  if (protocol !== 'wss:') return options
  return {
    ...options,
    ...given(node, trusting),
    ...(!hop.foreign && given(node, identifying)),
    // said in so many words: otherwise the environment could turn it off
    rejectUnauthorized: node.insecureTls !== true,
    // not of the Host header, which an agent would take it from
    servername: isIP(name) > 0 ? '' : name,
    // an agent that tunnels knows the proxy's name, and may know this one's no more
    checkServerIdentity: (_: string, certificate: PeerCertificate) => verify(name, certificate),
  }
}

/** Whether an agent has a client certificate of its own. */
export function identifies(agent: AgentLike | undefined): boolean {
  const { options = {} } = (agent ?? {}) as { options?: Readonly<Record<string, unknown>> }
  return identifying.some((name) => options[name] !== undefined)
}

type Done = (error: Error | null, socket?: unknown) => void
type Connect = (options: ConnectionOptions, done: Done) => unknown

/** A user's function that connects, checked; `secure` adds TLS to what lacks it. */
function connector(create: Connect, secure: boolean): Connect {
  return (options, done) => {
    const ready = (socket: unknown): Duplex => {
      if (!(socket instanceof Duplex))
        throw new TypeError('node.createConnection must give a socket, or hand it over later')
      return secure && !('encrypted' in socket) ? connect({ ...options, socket }) : socket
    }
    const socket = create(options, (error, late) => {
      if (error) return done(error)
      try {
        done(null, ready(late))
      } catch (wrong) {
        done(wrong as Error)
      }
    })
    return socket === undefined ? undefined : ready(socket)
  }
}

function given(node: NodeOptions, names: readonly (keyof NodeOptions)[]): Record<string, unknown> {
  return Object.fromEntries(
    names.filter((name) => node[name] !== undefined).map((name) => [name, node[name]]),
  )
}
