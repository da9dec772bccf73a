/** Servers that break the rules: what `raw-server.ts` does not say by itself, and how a client meets it. */
import { generateKeyPairSync, sign } from 'node:crypto'
import type net from 'node:net'
import tls from 'node:tls'
import { inspect } from 'node:util'
import { expect } from 'vitest'
import { type LogRecord, type Options, ReconnectingSocket, trace } from '../../src/index.js'
import { RawConnection, type RawServer, serve } from './raw-server.js'
import { nothingLeft, record, type Recorder } from './record.js'

/** A frame with any first byte: FIN, the reserved bits and the opcode; and with a mask, where servers send none. */
export function frame(first: number, payload: Buffer | string = '', mask?: Buffer): Buffer {
  const bytes = Buffer.from(payload)
  if (!mask) return Buffer.concat([Buffer.from([first, bytes.length]), bytes])
  for (let i = 0; i < bytes.length; i++) bytes[i]! ^= mask[i & 3]!
  return Buffer.concat([Buffer.from([first, 0x80 | bytes.length]), mask, bytes])
}

export const SECRET = 'hunter2'
const soon = { backoff: () => 1 }

/** Everything that a socket said of what went wrong. */
export interface Account {
  readonly seen: Recorder
  readonly log: readonly LogRecord[]
  readonly server: RawServer
}

/**
 * Lets the first connection meet `script`, and those after it a good server. The socket has a secret in its query and
 * one in a header. Its events must be exactly `words`, after which it is closed and must leave nothing.
 */
export async function meet(
  script: (connection: RawConnection) => void,
  words: readonly string[],
  options: Options = {},
  look: (account: Account) => void | Promise<void> = () => {},
): Promise<void> {
  const server = await serve((connection, n) => void (n === 0 ? script(connection) : connection.accept()))
  const log: LogRecord[] = []
  const socket = new ReconnectingSocket(`${server.url}?token=${SECRET}`, {
    retry: soon,
    ...options,
    node: { headers: { authorization: `Bearer ${SECRET}` }, ...options.node },
    log: (entry) => log.push(entry),
  })
  const seen = record(socket)
  await Promise.race([
    socket.closed,
    seen.until(words.at(-1)!.startsWith('open') ? 'open' : 'close', count(words)),
  ])
  expect(seen.words).toEqual(words)
  await look({ seen, log, server })
  tellsNoSecret(seen, log)
  socket.close()
  await socket.closed
  await nothingLeft(socket, server)
}

const count = (words: readonly string[]): number =>
  words.filter((word) => word.startsWith('open ') && !word.includes('→')).length

/** No error, down to its last cause, and no record of the log holds the query, a header, or the key of the handshake. */
export function tellsNoSecret(seen: Recorder, log: readonly LogRecord[]): void {
  expect(log.length).toBeGreaterThan(0)
  const lines: string[] = []
  for (const entry of log) trace((line) => lines.push(line))(entry)
  const errors = [...seen.of('error'), ...seen.of('close').map(({ cause }) => cause)]
  const told = [inspect(errors, { depth: 10 }), JSON.stringify(errors), inspect(log), ...lines].join('\n')
  for (const secret of [SECRET, 'token=', 'Bearer', 'authorization']) expect(told).not.toContain(secret)
}

/** The words for a connection that opened, was lost to the network, and was followed by another. */
export const openedAndLost = [
  'connecting → open',
  'open 0',
  'open → connecting',
  'close 1006 (network, unclean, retries)',
  'connecting → open',
  'open 1 again',
]

/** The words for a dial that failed, and one that did not. */
export const failedAndOpen = (code: string): string[] => [`error ${code}`, 'connecting → open', 'open 1']

/** A server like `serve`, over TLS. */
export async function serveTls(
  credentials: Credentials,
  script: (connection: RawConnection) => void,
): Promise<Pick<RawServer, 'port' | 'url' | 'release' | 'stop'>> {
  const accepted = new Set<net.Socket>()
  const server = tls.createServer(credentials, (socket) => script(new RawConnection(socket)))
  server.on('connection', (tcp: net.Socket) => accepted.add(tcp.on('error', () => {})))
  server.on('tlsClientError', () => {})
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as net.AddressInfo
  const release = (): void => accepted.forEach((tcp) => tcp.destroy())
  return {
    port,
    url: `wss://127.0.0.1:${port}/`,
    release,
    stop: () => new Promise((resolve) => (server.close(() => resolve()), release())),
  }
}

export interface Credentials {
  readonly key: string
  readonly cert: string
}

const ECDSA_SHA256 = '2a8648ce3d040302'
const COMMON_NAME = '550403'
const SUBJECT_ALT_NAME = '551d11'

/** A certificate that signs itself, for that IP address and time. ITU-T X.690 and RFC 5280 section 4.1. */
export function selfSigned(ip: string, from: Date, to: Date): Credentials {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const algorithm = der(0x30, der(0x06, hex(ECDSA_SHA256)))
  const name = der(0x30, der(0x31, der(0x30, der(0x06, hex(COMMON_NAME)), der(0x0c, Buffer.from('test')))))
  const address = der(0x30, der(0x87, Buffer.from(ip.split('.').map(Number))))
  const toBeSigned = der(
    0x30,
    der(0xa0, der(0x02, Buffer.of(2))),
    der(0x02, Buffer.of(1)),
    algorithm,
    name,
    der(0x30, time(from), time(to)),
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, der(0x30, der(0x30, der(0x06, hex(SUBJECT_ALT_NAME)), der(0x04, address)))),
  )
  const signature = sign('sha256', toBeSigned, privateKey)
  const cert = der(0x30, toBeSigned, algorithm, der(0x03, Buffer.of(0), signature))
  const lines = cert.toString('base64').match(/.{1,64}/g)!
  return {
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }) as string,
    cert: ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n'),
  }
}

const hex = (digits: string): Buffer => Buffer.from(digits, 'hex')

/** A date of this century, as UTCTime. */
const time = (date: Date): Buffer =>
  der(
    0x17,
    Buffer.from(
      date
        .toISOString()
        .replace(/\.\d+|[-:T]/g, '')
        .slice(2),
    ),
  )

/** A value of ASN.1, by its tag. */
function der(tag: number, ...parts: Buffer[]): Buffer {
  const body = Buffer.concat(parts)
  const { length } = body
  const size = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 0xff]
  return Buffer.concat([Buffer.from([tag, ...size]), body])
}
