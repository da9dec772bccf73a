/** What options of other WebSocket classes, `ws` above all, mean as the `node` option. */
import type { NodeOptions } from '../../options/node-options.js'
import { isObject } from '../../options/rules.js'
import type { ForeignMeaning } from '../platform.js'
import { RESERVED } from './headers.js'

/** Those that go by the same name. */
const same: readonly (keyof NodeOptions)[] = [
  ...(['origin', 'createConnection', 'localAddress', 'family', 'lookup', 'keepAlive', 'noDelay'] as const),
  ...(['perMessageDeflate', 'skipUTF8Validation', 'followRedirects', 'maxRedirects'] as const),
  ...(['ca', 'cert', 'key', 'pfx', 'passphrase', 'crl', 'servername', 'ciphers', 'ecdhCurve'] as const),
  ...(['sigalgs', 'minVersion', 'maxVersion', 'secureContext', 'checkServerIdentity'] as const),
]

/** Honours what has a meaning here; the rest says how to write a request or a socket, which is ours to know. */
export function adoptOptions(foreign: Readonly<Record<string, unknown>>): ForeignMeaning {
  const { agent, auth, headers, maxPayload, rejectUnauthorized } = foreign
  const timeout = foreign['handshakeTimeout'] ?? foreign['timeout']
  const node: Record<string, unknown> = {}
  for (const name of same) {
    const value = foreign[name]
    // how they say: the default
    if (value !== undefined && value !== null && value !== '') node[name] = value
  }
  const given = readable(headers)
  const credentials =
    typeof auth === 'string' ? { Authorization: `Basic ${Buffer.from(auth).toString('base64')}` } : {}
  if (given !== undefined || auth) node['headers'] = isRecord(given) ? { ...credentials, ...given } : given
  // `false` is how node:http says: none that is kept
  if (agent) node['agent'] = agent
  // of ws, 0 is no limit
  if (maxPayload !== undefined && maxPayload !== null) node['maxPayload'] = maxPayload || Infinity
  if (rejectUnauthorized === false) node['insecureTls'] = true
  return {
    node: node,
    ...(typeof timeout === 'number' && timeout > 0 && { connectTimeout: timeout }),
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return value === undefined || (isObject(value) && !(Symbol.iterator in (value as object)))
}

/** Without the headers of the handshake itself, which `ws` overwrites, and with numbers as they are sent. */
function readable(headers: unknown): unknown {
  if (headers === null || !isRecord(headers)) return headers ?? undefined
  if (headers === undefined) return undefined
  return Object.fromEntries(
    Object.entries(headers)
      .filter(([name, value]) => !RESERVED.test(name) && value !== undefined && value !== null)
      .map(([name, value]) => [name, typeof value === 'number' ? String(value) : value]),
  )
}
