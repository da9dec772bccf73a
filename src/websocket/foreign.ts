/**
 * The third argument of other WebSocket classes: what `ws`, undici, Bun and React Native take there, and with `ws` all
 * that node:http and node:tls take. A client that was written for them passes it on.
 */
import { platform } from '#platform'
import { isObject } from '../options/rules.js'
import type { WebSocketOptions } from './types.js'

const foreign = new Set(
  // ws
  (
    'allowSynchronousEvents autoPong followRedirects generateMask handshakeTimeout maxBufferedChunks maxFragments ' +
    'maxPayload maxRedirects origin perMessageDeflate protocolVersion skipUTF8Validation finishRequest ' +
    // node:http, node:net and node:tls
    'agent auth createConnection family headers host hostname localAddress localPort lookup method path port socketPath ' +
    'timeout keepAlive noDelay ALPNProtocols ca cert checkServerIdentity ciphers crl dhparam ecdhCurve ' +
    'honorCipherOrder key maxVersion minVersion passphrase pfx rejectUnauthorized secureContext secureOptions ' +
    'secureProtocol servername session sessionIdContext sigalgs ' +
    // undici, Bun, faye-websocket
    'dispatcher proxy tls extensions maxLength ping'
  ).split(' '),
)

/** Our own options, with what the others mean to this platform. Names of neither are left to be refused. */
export function adopt(given: Readonly<Record<string, unknown>>): WebSocketOptions {
  const theirs: Record<string, unknown> = {}
  const ours: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(given)) (foreign.has(name) ? theirs : ours)[name] = value
  const { node, ...rest } = ours as WebSocketOptions
  const { node: meant, ...more } = platform.adopt?.(theirs) ?? { node: {} }
  // what is no object is refused with the other options
  const readable = node === undefined || isObject(node)
  return { ...more, ...rest, node: readable ? merge(meant, node) : node }
}

/** Each option by name, headers each by name: of two that differ, the second. */
export function merge(
  first: WebSocketOptions['node'],
  second: WebSocketOptions['node'],
): NonNullable<WebSocketOptions['node']> {
  const headers = [first?.headers, second?.headers]
  const both = headers.every((each) => typeof each === 'object' && !(Symbol.iterator in each))
  return { ...first, ...second, ...(both && { headers: Object.assign({}, ...headers) as object as never }) }
}
