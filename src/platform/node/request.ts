/** One opening handshake, as `ws` is told to make it. */
import type { ClientRequest } from 'node:http'
import { isIP, type Socket } from 'node:net'
import { checkServerIdentity, connect, type ConnectionOptions, type PeerCertificate } from 'node:tls'
import type { AgentLike, NodeOptions } from '../../node-options.js'
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
    finishRequest,
    agent,
  }
  if (protocol !== 'wss:') return { ...options, ...(createConnection && { createConnection }) }
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
    ...(createConnection && { createConnection: secured(createConnection as Connect) }),
  }
}

type Done = (error: Error | null, socket?: Socket) => void
type Connect = (options: ConnectionOptions, done: Done) => Socket | undefined

/** Adds TLS to what a user's function connects. */
function secured(create: Connect): Connect {
  return (options, done) => {
    const secure = (socket: Socket): Socket =>
      'encrypted' in socket ? socket : connect({ ...options, socket })
    const socket = create(options, (error, late) => done(error, late && secure(late)))
    return socket && secure(socket)
  }
}

function given(node: NodeOptions, names: readonly (keyof NodeOptions)[]): Record<string, unknown> {
  return Object.fromEntries(
    names.filter((name) => node[name] !== undefined).map((name) => [name, node[name]]),
  )
}
