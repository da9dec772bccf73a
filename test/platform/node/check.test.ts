/** The `node` option is checked by name, before anything is dialed. */
import http from 'node:http'
import https from 'node:https'
import tls from 'node:tls'
import { describe, expect, test } from 'vitest'
import { InvalidArgumentError } from '../../../src/diagnostics/errors.js'
import { type NodeOptions, ReconnectingSocket, ReconnectingWebSocket } from '../../../src/index.js'
import { selfSigned } from '../../faults/tls.js'
import { dial, failure } from './meet.js'

const DAY = 86_400_000
const own = selfSigned('127.0.0.1', new Date(Date.now() - DAY), new Date(Date.now() + DAY))

/** Which argument is refused, `undefined` where all are accepted. */
function refused(node: unknown): string | undefined {
  try {
    new ReconnectingSocket('ws://a.test/', { autoConnect: false, node: node as NodeOptions })
    return undefined
  } catch (error) {
    if (!(error instanceof InvalidArgumentError)) throw error
    return error.argument
  }
}

const nothing = () => undefined
const texts = [5, null, '', {}]
const flags = ['true', 1, null]
const pems = [5, null, {}, [5], ['x', {}]]
const wrong: Record<keyof NodeOptions, readonly unknown[]> = {
  headers: [5, 'a: b'],
  cookie: [5, null, {}, 'a\nb'],
  origin: [...texts, true, 'a\nb'],
  host: [...texts, 'a\nb'],
  agent: [5, null, 'agent', {}, { addRequest: 5 }],
  createConnection: [5, null, {}],
  localAddress: [5, null, '', 'localhost'],
  family: [5, '4', null],
  lookup: [5, null, {}],
  keepAlive: [0, -1, NaN, Infinity, '1', null],
  noDelay: flags,
  perMessageDeflate: [5, 'on', null, []],
  maxPayload: [0, -1, 1.5, 2 ** 31, NaN, '5', null],
  skipUTF8Validation: flags,
  pingPayload: [5, null, 'x'.repeat(126), new Uint8Array(126), 'ü'.repeat(63)],
  followRedirects: flags,
  maxRedirects: [-1, 1.5, NaN, '5', null],
  ca: [...pems, '/path/of/ca.pem', '', [], new Uint8Array(5), own.key],
  cert: [...pems, 'no certificate'],
  key: [...pems, 'no key', [{ pem: 5 }]],
  pfx: [...pems, 'no store', [{ buf: 5 }]],
  passphrase: [5, null],
  crl: [...pems, 'no list'],
  servername: [5, null, '', '127.0.0.1'],
  ciphers: [...texts, 'no such cipher'],
  ecdhCurve: [...texts, 'no such curve'],
  sigalgs: [...texts, 'no such algorithm'],
  minVersion: [5, null, 'TLSv9'],
  maxVersion: [5, null, 'SSLv3'],
  secureContext: [5, null, 'x'],
  checkServerIdentity: [5, null, {}],
  rejectUnauthorized: [false, 0, null, 'no'],
  insecureTls: flags,
}

describe('what cannot be used is refused', () => {
  const cases = Object.entries(wrong).flatMap(([name, values]) =>
    values.map((value) => [name, value] as const),
  )
  test.each(cases)('node.%s: %j', (name, value) => {
    expect(refused({ [name]: value })).toBe(`node.${name}`)
  })

  test.each([
    ['serverNoContextTakeover', 1],
    ['clientNoContextTakeover', null],
    ['serverMaxWindowBits', 7],
    ['serverMaxWindowBits', true],
    ['clientMaxWindowBits', 16],
    ['zlibDeflateOptions', 5],
    ['zlibDeflateOptions', { level: 10 }],
    ['zlibDeflateOptions', { chunkSize: 0 }],
    ['zlibInflateOptions', null],
    ['zlibInflateOptions', { chunkSize: 0 }],
    ['threshold', -1],
    ['concurrencyLimit', 'x'],
    ['level', 5],
  ])('node.perMessageDeflate.%s: %j', (name, value) => {
    expect(refused({ perMessageDeflate: { [name]: value } })).toBe(`node.perMessageDeflate.${name}`)
  })

  test.each(['header', 'handshakeTimeout', 'finishRequest', 'protocolVersion', 'toString'])(
    'node.%s is no option',
    (name) => expect(refused({ [name]: undefined })).toBe(`node.${name}`),
  )

  test('by ReconnectingWebSocket too', () => {
    const make = () => new ReconnectingWebSocket('ws://a.test/', [], { node: { family: 5 as never } })
    expect(make).toThrow('node.family')
  })

  test('two that cannot be used together', () => {
    const agent = new http.Agent()
    expect(refused({ agent, createConnection: nothing })).toBe('node.createConnection')
    const secureContext = tls.createSecureContext()
    expect(refused({ secureContext, ca: own.cert })).toBe('node.ca')
    expect(refused({ secureContext })).toBeUndefined()
  })
})

describe('verification stays on', () => {
  const message = (node: unknown): string => {
    try {
      new ReconnectingSocket('ws://a.test/', { autoConnect: false, node: node as NodeOptions })
      return ''
    } catch (error) {
      return (error as Error).message
    }
  }

  test('what turns it off names node.insecureTls', () => {
    expect(message({ rejectUnauthorized: false })).toContain('node.insecureTls')
    expect(message({ rejectUnauthorized: true })).toBe('')
  })

  test('an agent that turns it off needs node.insecureTls too', async () => {
    const agent = new https.Agent({ rejectUnauthorized: false })
    expect(message({ agent })).toContain('node.insecureTls')
    expect(message({ agent, insecureTls: true })).toBe('')
    expect(message({ agent: new https.Agent() })).toBe('')
    const socket = dial('wss://a.test/', { agent: () => agent })
    expect(await failure(socket)).toMatchObject({
      message: 'the agent provider failed',
      cause: { argument: 'agent', message: expect.stringContaining('node.insecureTls') as string },
    })
  })
})

test('what can be used is accepted', () => {
  const good: NodeOptions[] = [
    {},
    { headers: undefined, cookie: '', origin: false, host: 'a.test', agent: nothing, family: 6 },
    { createConnection: nothing, lookup: nothing, localAddress: '::1', keepAlive: 1_000, noDelay: true },
    { perMessageDeflate: { clientMaxWindowBits: 9, threshold: 0, zlibDeflateOptions: {} } },
    { perMessageDeflate: { clientMaxWindowBits: true, serverMaxWindowBits: 15 } },
    { maxPayload: 1, pingPayload: new Uint8Array(125), followRedirects: true, maxRedirects: 0 },
    { maxPayload: Infinity, skipUTF8Validation: true, pingPayload: 'x' },
    { ca: [own.cert, Buffer.from(own.cert)], cert: own.cert, key: [{ pem: own.key }] },
    { key: own.key, passphrase: 'not needed', servername: 'a.test', ciphers: 'ECDHE-RSA-AES128-GCM-SHA256' },
    { minVersion: 'TLSv1.2', maxVersion: 'TLSv1.3', ecdhCurve: 'P-256', sigalgs: 'RSA+SHA256' },
    { checkServerIdentity: nothing, rejectUnauthorized: undefined, insecureTls: false },
  ]
  for (const node of good) expect(refused(node)).toBeUndefined()
})
