/** A raw server over TLS, and certificates for it. */
import { generateKeyPairSync, sign } from 'node:crypto'
import net from 'node:net'
import tls from 'node:tls'
import { RawConnection, type RawServer } from './raw-server.js'

/** A server like `serve`, over TLS. */
export async function serveTls(
  credentials: tls.TlsOptions,
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

/** A certificate that signs itself, for that host and time. ITU-T X.690 and RFC 5280 section 4.1. */
export function selfSigned(host: string, from: Date, to: Date): Credentials {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const algorithm = der(0x30, der(0x06, hex(ECDSA_SHA256)))
  const name = der(0x30, der(0x31, der(0x30, der(0x06, hex(COMMON_NAME)), der(0x0c, Buffer.from(host)))))
  const subject = net.isIPv4(host)
    ? der(0x87, Buffer.from(host.split('.').map(Number)))
    : der(0x82, Buffer.from(host))
  const toBeSigned = der(
    0x30,
    der(0xa0, der(0x02, Buffer.of(2))),
    der(0x02, Buffer.of(1)),
    algorithm,
    name,
    der(0x30, time(from), time(to)),
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, der(0x30, der(0x30, der(0x06, hex(SUBJECT_ALT_NAME)), der(0x04, der(0x30, subject))))),
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
