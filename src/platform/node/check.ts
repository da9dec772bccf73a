/** Checks the `node` option when the socket is created. */
import { isIP } from 'node:net'
import { createSecureContext } from 'node:tls'
import { createDeflateRaw, createInflateRaw } from 'node:zlib'
import { InvalidArgumentError } from '../../diagnostics/errors.js'
import type { AgentLike, DeflateOptions, NodeOptions } from '../../options/node-options.js'
import {
  boolean,
  callback,
  count,
  fields,
  isObject,
  object,
  oneOf,
  rule,
  type Rule,
} from '../../options/rules.js'
import { checkHeader, readHeaders } from './headers.js'
import { MAX_DELAY } from '../../time/clock.js'

const text = rule('must be a string', (value) => typeof value === 'string' && value !== '')
const version = oneOf('TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3')
const bits = rule('must be a whole number from 8 to 15', (value) => whole(value, 8, 15))
const bytes = rule(
  'must be a whole number of bytes from 1 to 2147483647, or Infinity',
  (value) => value === Infinity || whole(value, 1, 2 ** 31 - 1),
)

/** A certificate or key, or several; `inner` is the property of an object that also has a passphrase. */
const material = (inner?: 'pem' | 'buf'): Rule =>
  rule('must be a string, bytes, or an array of these', (value) =>
    (Array.isArray(value) ? value : [value]).every(
      (one: unknown) => isPem(one) || (inner !== undefined && isObject(one) && isPem((one as never)[inner])),
    ),
  )

const optionsRule = fields<NodeOptions>({
  headers: (path, value) => {
    if (typeof value !== 'function') readHeaders(path, value)
  },
  cookie: (path, value) => {
    if (typeof value !== 'function') checkCookie(path, value)
  },
  origin: (path, value) => {
    if (value !== false) checkText(path, value)
  },
  host: checkText,
  agent: (path, value) => {
    if (typeof value !== 'function') checkAgent(path, value)
  },
  createConnection: callback,
  localAddress: rule('must be an IP address', (value) => typeof value === 'string' && isIP(value) > 0),
  family: oneOf(0, 4, 6),
  lookup: callback,
  keepAlive: rule(
    'must be true, false or a duration in ms',
    (value) => typeof value === 'boolean' || (typeof value === 'number' && value >= 1 && value <= MAX_DELAY),
  ),
  noDelay: boolean,
  perMessageDeflate: (path, value) => {
    if (typeof value !== 'boolean') deflateRule(path, value)
  },
  maxPayload: bytes,
  skipUTF8Validation: boolean,
  pingPayload: rule(
    'must be a string or bytes, at most 125 bytes',
    (value) => isPem(value) && Buffer.byteLength(value as string) <= 125,
  ),
  followRedirects: boolean,
  maxRedirects: count,
  // Node takes anything else too, such as the name of a file, and then trusts nobody
  ca: rule('must have a certificate in PEM format', (value) =>
    [value].flat().some((one) => isPem(one) && Buffer.from(one as string).includes('CERTIFICATE-')),
  ),
  cert: material(),
  key: material('pem'),
  pfx: material('buf'),
  passphrase: rule('must be a string', (value) => typeof value === 'string'),
  crl: material(),
  servername: rule(
    'must be the name of a host',
    (value) => typeof value === 'string' && value !== '' && isIP(value) === 0,
  ),
  ciphers: text,
  ecdhCurve: text,
  sigalgs: text,
  minVersion: version,
  maxVersion: version,
  secureContext: object,
  checkServerIdentity: callback,
  rejectUnauthorized: (path, value) => {
    if (value !== true)
      throw new InvalidArgumentError(path, 'must be true; say node.insecureTls: true instead')
  },
  insecureTls: boolean,
})

/** Options of node:zlib: `ws` uses them only with the first message, and cannot send it if they are invalid. */
const zlib =
  (create: (options: object) => { close(): void }): Rule =>
  (path, value) => {
    object(path, value)
    try {
      create(value as object).close()
    } catch (error) {
      throw new InvalidArgumentError(path, `cannot be used: ${(error as Error).message}`)
    }
  }

const deflateRule = fields<DeflateOptions>({
  serverNoContextTakeover: boolean,
  clientNoContextTakeover: boolean,
  serverMaxWindowBits: bits,
  clientMaxWindowBits: (path, value) => {
    if (typeof value !== 'boolean') bits(path, value)
  },
  zlibDeflateOptions: zlib(createDeflateRaw),
  zlibInflateOptions: zlib(createInflateRaw),
  threshold: count,
  concurrencyLimit: count,
})

/** Options that are tried one by one, so that the error can name the invalid one; the certificate first. */
const tried = [
  'cert',
  'ca',
  'key',
  'pfx',
  'crl',
  'ciphers',
  'ecdhCurve',
  'sigalgs',
  'minVersion',
  'maxVersion',
] as const

/** Throws InvalidArgumentError, with the argument as `node.…`. */
export function checkNodeOptions(node: NodeOptions, path = 'node'): void {
  optionsRule(path, node)
  const { agent, createConnection, passphrase, secureContext } = node
  if (agent !== undefined && createConnection !== undefined)
    throw new InvalidArgumentError(`${path}.createConnection`, 'cannot be used together with agent')
  if (agent !== undefined && typeof agent !== 'function') checkVerifies(`${path}.agent`, agent, node)
  for (const name of tried) {
    const value = node[name]
    if (value === undefined) continue
    if (secureContext !== undefined)
      throw new InvalidArgumentError(`${path}.${name}`, 'cannot be used together with secureContext')
    try {
      // with the certificate, which a key must fit
      createSecureContext({ cert: node.cert as string, [name]: value, passphrase })
    } catch (error) {
      // only OpenSSL's error code: its messages describe the bytes
      const { code = 'unknown' } = error as { code?: string }
      throw new InvalidArgumentError(`${path}.${name}`, `cannot be used: ${code}`)
    }
  }
}

/** Throws InvalidArgumentError unless it is an `http.Agent`. */
export function checkAgent(path: string, value: unknown): asserts value is AgentLike {
  if (typeof (value as { addRequest?: unknown } | null)?.addRequest !== 'function')
    throw new InvalidArgumentError(path, 'must be an http.Agent, or a function that gives one')
}

/** An agent's options override ours: it must not disable verification silently. */
export function checkVerifies(path: string, agent: AgentLike, { insecureTls }: NodeOptions): void {
  const { options } = agent as { options?: { rejectUnauthorized?: unknown } }
  if (options?.rejectUnauthorized === false && insecureTls !== true)
    throw new InvalidArgumentError(path, 'has rejectUnauthorized: false; say node.insecureTls: true too')
}

/** Throws InvalidArgumentError unless it is a valid `Cookie` header. */
export function checkCookie(path: string, value: unknown): void {
  if (typeof value !== 'string') throw new InvalidArgumentError(path, 'must be a string')
  checkHeader(path, value)
}

function checkText(path: string, value: unknown): void {
  text(path, value)
  checkHeader(path, value)
}

function whole(value: unknown, least: number, most: number): boolean {
  return Number.isInteger(value) && (value as number) >= least && (value as number) <= most
}

function isPem(value: unknown): boolean {
  return typeof value === 'string' || value instanceof Uint8Array
}
