/**
 * The third argument of other WebSocket classes: the options of `ws`, undici, Bun and React Native, and through `ws`
 * those of node:http and node:tls. Clients written for these classes pass it.
 */
import { platform } from '#platform'
import { withDefaults } from '../options/rules.js'
import type { WebSocketOptions } from './types.js'

// pure, so that pages without the class can drop it
const foreign = /* @__PURE__ */ new Set(
  // ws
  /* @__PURE__ */ (
    'allowSynchronousEvents autoPong followRedirects generateMask handshakeTimeout maxBufferedChunks maxFragments ' +
    'maxPayload maxPendingAutoPongs maxRedirects origin perMessageDeflate protocolVersion skipUTF8Validation finishRequest ' +
    // node:http, node:net and node:tls
    'agent auth createConnection family headers host hostname localAddress localPort lookup method path port socketPath ' +
    'timeout keepAlive keepAliveInitialDelay noDelay ALPNProtocols ca cert checkServerIdentity ciphers crl dhparam ecdhCurve ' +
    'honorCipherOrder key maxVersion minVersion passphrase pfx rejectUnauthorized secureContext secureOptions ' +
    'secureProtocol servername session sessionIdContext sigalgs ' +
    // undici, Bun, faye-websocket
    'dispatcher proxy tls extensions maxLength ping'
  ).split(' '),
)

/** Returns our own options merged with the foreign ones that apply on this platform. Unknown names remain, and are rejected later. */
export function adopt(given: Readonly<Record<string, unknown>>): WebSocketOptions {
  const theirs: Record<string, unknown> = {}
  const ours: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(given)) (foreign.has(name) ? theirs : ours)[name] = value
  const { node, ...rest } = ours as WebSocketOptions
  const { node: meant, ...more } = platform.adopt?.(theirs) ?? { node: {} }
  return { ...withDefaults<WebSocketOptions>(more, rest), node: merge(meant, node) }
}

/** Merges options by name, and headers by name; the second one takes precedence. */
export function merge(
  first: WebSocketOptions['node'],
  second: WebSocketOptions['node'],
): WebSocketOptions['node'] {
  return platform.merge ? platform.merge(first, second) : second
}
