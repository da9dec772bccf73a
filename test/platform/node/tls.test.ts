/** TLS as the `node` option says it, and certificates that are verified whatever happens. */
import { createPrivateKey, X509Certificate } from 'node:crypto'
import https from 'node:https'
import net from 'node:net'
import tls from 'node:tls'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import type { NodeOptions } from '../../../src/index.js'
import { serveTls, selfSigned } from '../../faults/tls.js'
import { dial, failure } from './meet.js'

const DAY = 86_400_000
const valid = [new Date(Date.now() - DAY), new Date(Date.now() + DAY)] as const
const local = selfSigned('127.0.0.1', ...valid)
const named = selfSigned('a.test', ...valid)
const client = selfSigned('client.test', ...valid)

/** A server over TLS that accepts, and its side of the connections. */
async function secure(options: tls.TlsOptions = local) {
  const peers: tls.TLSSocket[] = []
  const server = await serveTls(options, (connection) => {
    peers.push(connection.tcp as tls.TLSSocket)
    void connection.accept()
  })
  onTestFinished(() => server.stop())
  return { ...server, peers }
}

const refused = async (url: string, node: NodeOptions): Promise<unknown> =>
  ((await failure(dial(url, node))).cause as { code?: string }).code

describe('the server’s certificate', () => {
  test('is trusted by node.ca, alone or among others', async () => {
    const { url } = await secure()
    await dial(url, { ca: local.cert }).opened
    await dial(url, { ca: [Buffer.from(named.cert), local.cert] }).opened
    expect(await refused(url, { ca: named.cert })).toBe('DEPTH_ZERO_SELF_SIGNED_CERT')
  })

  test('is verified also where the environment says that it is not', async () => {
    const { url } = await secure()
    const name = 'NODE_TLS_REJECT_UNAUTHORIZED'
    const before = process.env[name]
    onTestFinished(() => {
      if (before === undefined) delete process.env[name]
      else process.env[name] = before
    })
    process.env[name] = '0'
    expect(await refused(url, {})).toBe('DEPTH_ZERO_SELF_SIGNED_CERT')
    expect(await refused(url, { agent: new https.Agent() })).toBe('DEPTH_ZERO_SELF_SIGNED_CERT')
  })

  test('is anybody’s with node.insecureTls', async () => {
    const { url } = await secure(named)
    await dial(url, { insecureTls: true }).opened
    expect(await refused(url, { insecureTls: false })).toBe('DEPTH_ZERO_SELF_SIGNED_CERT')
  })

  test('is compared with node.servername, which the server is told', async () => {
    const { url, peers } = await secure(named)
    expect(await refused(url, { ca: named.cert })).toBe('ERR_TLS_CERT_ALTNAME_INVALID')
    await dial(url, { ca: named.cert, servername: 'a.test' }).opened
    expect(peers.at(-1)!.servername).toBe('a.test')
    expect(await refused(url, { ca: named.cert, servername: 'b.test' })).toBe('ERR_TLS_CERT_ALTNAME_INVALID')
  })

  test('is asked for by a name without a dot at its end', async () => {
    const { port, peers } = await secure(named)
    const lookup = (_: string, { all }: { all?: boolean }, done: (...answer: unknown[]) => void): void =>
      all ? done(null, [{ address: '127.0.0.1', family: 4 }]) : done(null, '127.0.0.1', 4)
    await dial(`wss://a.test.:${port}/`, { ca: named.cert, lookup: lookup as never }).opened
    expect(peers[0]!.servername).toBe('a.test')
  })

  test('is not compared with the Host header, by an agent neither', async () => {
    const { url } = await secure()
    await dial(url, { ca: local.cert, host: 'b.test' }).opened
    await dial(url, { ca: local.cert, host: 'b.test', agent: new https.Agent() }).opened
    const other = await secure(named)
    const wrong = { ca: named.cert, host: 'a.test', agent: new https.Agent() }
    expect(await refused(other.url, wrong)).toBe('ERR_TLS_CERT_ALTNAME_INVALID')
  })

  test('can be pinned by node.checkServerIdentity', async () => {
    const { url } = await secure()
    const seen: unknown[] = []
    const pin =
      (fingerprint: string) =>
      (hostname: string, { fingerprint256 }: tls.PeerCertificate): Error | undefined => {
        seen.push(hostname)
        return fingerprint256 === fingerprint ? undefined : new Error('another certificate')
      }
    const { fingerprint256 } = new X509Certificate(local.cert)
    await dial(url, { ca: local.cert, checkServerIdentity: pin(fingerprint256) as never }).opened
    const wrong = dial(url, { ca: local.cert, checkServerIdentity: pin('00') as never })
    expect(await failure(wrong)).toMatchObject({ cause: { message: 'another certificate' } })
    expect(seen).toEqual(['127.0.0.1', '127.0.0.1'])
  })

  test.each([[new Error('mine')], [null]])(
    'a node.checkServerIdentity that throws %o fails the attempt',
    async (what) => {
      const uncaught = vi.fn()
      process.on('uncaughtException', uncaught)
      onTestFinished(() => void process.off('uncaughtException', uncaught))
      const { url } = await secure()
      const checkServerIdentity = (): never => {
        throw what
      }
      const socket = dial(url, { ca: local.cert, checkServerIdentity }, { connectTimeout: 5_000 })
      expect(await failure(socket)).toMatchObject({
        code: 'ERR_CONNECTION',
        cause: { message: what?.message ?? 'the function threw null' },
      })
      expect(uncaught).not.toHaveBeenCalled()
    },
  )
})

describe('the client’s certificate', () => {
  const mutual = { ...local, requestCert: true, ca: client.cert }
  const protectedKey = createPrivateKey(client.key).export({
    type: 'pkcs8',
    format: 'pem',
    cipher: 'aes-256-cbc',
    passphrase: 'open sesame',
  })

  test.each<[string, NodeOptions]>([
    ['node.cert and node.key', { cert: client.cert, key: client.key }],
    ['with node.passphrase', { cert: client.cert, key: protectedKey, passphrase: 'open sesame' }],
    [
      'with a passphrase of its own',
      { cert: client.cert, key: [{ pem: protectedKey, passphrase: 'open sesame' }] },
    ],
  ])('is shown: %s', async (_, node) => {
    const { url, peers } = await secure(mutual)
    await dial(url, { ca: local.cert, ...node }).opened
    expect(peers[0]!.authorized).toBe(true)
  })

  test('is shown from node.secureContext', async () => {
    const { url, peers } = await secure(mutual)
    const secureContext = tls.createSecureContext({ ca: local.cert, cert: client.cert, key: client.key })
    await dial(url, { secureContext }).opened
    expect(peers[0]!.authorized).toBe(true)
  })

  test('a wrong passphrase is refused at once', () => {
    expect(() => dial('wss://a.test/', { key: protectedKey, passphrase: 'wrong' })).toThrow(
      'node.key cannot be used',
    )
  })

  test('a key of another certificate is refused at once', () => {
    expect(() => dial('wss://a.test/', { cert: client.cert, key: local.key })).toThrow(
      'node.key cannot be used',
    )
  })
})

describe('the protocol', () => {
  test('node.minVersion and node.maxVersion', async () => {
    const { url, peers } = await secure()
    await dial(url, { ca: local.cert, maxVersion: 'TLSv1.2' }).opened
    expect(peers[0]!.getProtocol()).toBe('TLSv1.2')
    const old = await secure({ ...local, maxVersion: 'TLSv1.2' })
    expect(await refused(old.url, { ca: local.cert, minVersion: 'TLSv1.3' })).toMatch(
      /^ERR_SSL_|^EPROTO|ECONNRESET/,
    )
  })

  test('node.ciphers', async () => {
    const { url, peers } = await secure()
    const ciphers = 'ECDHE-ECDSA-AES256-GCM-SHA384'
    await dial(url, { ca: local.cert, maxVersion: 'TLSv1.2', ciphers }).opened
    expect(peers[0]!.getCipher().name).toBe(ciphers)
  })
})

describe('node.createConnection', () => {
  test('with a plain socket: TLS is added, and verifies', async () => {
    const { url, port } = await secure()
    const createConnection = () => net.connect(port, '127.0.0.1')
    await dial(url, { ca: local.cert, createConnection }).opened
    expect(await refused(url, { createConnection })).toBe('DEPTH_ZERO_SELF_SIGNED_CERT')
    const elsewhere = `wss://b.test:${port}/`
    expect(await refused(elsewhere, { ca: local.cert, createConnection })).toBe(
      'ERR_TLS_CERT_ALTNAME_INVALID',
    )
  })

  test('with one that has TLS: it is taken as it is', async () => {
    const { url, port, peers } = await secure()
    const createConnection = () =>
      tls.connect({ port, host: '127.0.0.1', ca: local.cert, ALPNProtocols: ['http/1.1'] })
    await dial(url, { createConnection }).opened
    expect(peers.length).toBe(1)
  })
})

test('an agent gets them too', async () => {
  const { url, peers } = await secure({ ...local, requestCert: true, ca: client.cert })
  const { cert, key } = client
  await dial(url, { ca: local.cert, cert, key, agent: () => new https.Agent() }).opened
  expect(peers[0]!.authorized).toBe(true)
})
