/** Maps options of other WebSocket classes, mainly `ws`, to the `node` option. */
import type { NodeOptions } from '../../options/node-options.js'
import { isObject } from '../../options/rules.js'
import type { ForeignMeaning } from '../platform.js'
import { RESERVED } from './headers.js'
import { mergeHeaders } from './merge.js'

/** Options with the same name. */
const same: readonly (keyof NodeOptions)[] = [
  ...(['origin', 'createConnection', 'localAddress', 'family', 'lookup', 'keepAlive', 'noDelay'] as const),
  ...(['perMessageDeflate', 'skipUTF8Validation', 'followRedirects', 'maxRedirects'] as const),
  ...(['ca', 'cert', 'key', 'pfx', 'passphrase', 'crl', 'servername', 'ciphers', 'ecdhCurve'] as const),
  ...(['sigalgs', 'minVersion', 'maxVersion', 'secureContext', 'checkServerIdentity'] as const),
]

/**
 * Adopts the options that have a meaning here. The others control how requests or sockets are written, which is
 * internal.
 */
export function adoptOptions(foreign: Readonly<Record<string, unknown>>): ForeignMeaning {
  const { agent, auth, headers, maxPayload, rejectUnauthorized } = foreign
  const { family, keepAlive, keepAliveInitialDelay } = foreign
  const timeout = foreign['handshakeTimeout'] ?? foreign['timeout']
  const node: Record<string, unknown> = {}
  for (const name of same) {
    const value = foreign[name]
    // these mean the default
    if (value !== undefined && value !== null && value !== '') node[name] = value
  }
  const credentials =
    typeof auth === 'string' && auth
      ? { Authorization: `Basic ${Buffer.from(auth).toString('base64')}` }
      : undefined
  const given = mergeHeaders(credentials, readable(headers) as NodeOptions['headers'])
  if (given !== undefined) node['headers'] = given
  // for node:http, `false` means an agent that keeps no connections
  if (agent) node['agent'] = agent
  // 0, and what does not fit into 31 bits, means no limit in ws
  if (maxPayload !== undefined && maxPayload !== null)
    node['maxPayload'] = limits(maxPayload) ? maxPayload : Infinity
  // net and dns take names too
  if (family === 'IPv4' || family === 'IPv6') node['family'] = Number(family.slice(3))
  if (keepAlive === true && typeof keepAliveInitialDelay === 'number' && keepAliveInitialDelay >= 1)
    node['keepAlive'] = keepAliveInitialDelay
  if (rejectUnauthorized === false) node['insecureTls'] = true
  return {
    node: node,
    ...(typeof timeout === 'number' && timeout > 0 && { connectTimeout: timeout }),
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return value === undefined || (isObject(value) && !(Symbol.iterator in (value as object)))
}

function limits(bytes: unknown): boolean {
  return typeof bytes !== 'number' || (bytes !== 0 && bytes < 2 ** 31)
}

/** Drops the headers of the handshake, which `ws` overwrites, and converts numbers and booleans to text. */
function readable(headers: unknown): unknown {
  if (headers === null || !isRecord(headers)) return headers ?? undefined
  if (headers === undefined) return undefined
  return Object.fromEntries(
    Object.entries(headers)
      .filter(([name, value]) => !RESERVED.test(name) && value !== undefined && value !== null)
      .map(([name, value]) => [name, Array.isArray(value) ? value.map(text) : text(value)]),
  )
}

function text(value: unknown): unknown {
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : value
}
