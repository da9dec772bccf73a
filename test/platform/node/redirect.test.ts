/** Redirects: where they lead, and what may go there. */
import http from 'node:http'
import https from 'node:https'
import { describe, expect, onTestFinished, test } from 'vitest'
import { HandshakeError } from '../../../src/diagnostics/errors.js'
import type { NodeOptions } from '../../../src/index.js'
import { type Hop, redirect } from '../../../src/platform/node/redirect.js'
import { nothingLeft } from '../../faults/record.js'
import { type RawConnection, serve } from '../../faults/raw-server.js'
import { selfSigned, serveTls } from '../../faults/tls.js'
import { dial, failure, own, raw } from './meet.js'
import type { UrlLike } from '../../../src/options/provider.js'

const DAY = 86_400_000
const local = selfSigned('127.0.0.1', new Date(Date.now() - DAY), new Date(Date.now() + DAY))

const to = (location: string, status = 302) => {
  const head = `HTTP/1.1 ${status} Elsewhere\r\nLocation: ${location}\r\nContent-Length: 0\r\n\r\n`
  return (connection: RawConnection): void =>
    void connection.request.then(() => connection.write(Buffer.from(head)))
}

const secrets = {
  authorization: 'Bearer s3cret',
  cookie: 'sid=s3cret',
  'x-api-key': 's3cret',
  'X-Session': 's3cret',
  'x-plain': 'fine',
  'x-odd': 'Basic s3cret',
}
const follow = { followRedirects: true } as const

describe('node.followRedirects', () => {
  test('is off by default: the answer is an error', async () => {
    const server = await raw(to('/elsewhere'))
    expect(await failure(dial(server.url))).toMatchObject({ code: 'ERR_HANDSHAKE', status: 302 })
    expect(server.connections.length).toBe(1)
  })

  test.each([301, 302, 303, 307, 308])('follows a %d within the origin, with all headers', async (status) => {
    const server = await raw((connection, n) =>
      n === 0 ? to('/elsewhere?x=1#part', status)(connection) : void connection.accept(),
    )
    const socket = dial(server.url, { ...follow, headers: secrets })
    await socket.opened
    const [first, second] = await Promise.all(server.connections.map(({ request }) => request))
    expect(second).toMatch(/^GET \/elsewhere\?x=1 HTTP/)
    expect(own(second!)).toEqual(own(first!))
    expect(own(second!)).toContain('authorization: Bearer s3cret')
  })

  test('credentials of the URL hold for its origin', async () => {
    const server = await raw((connection, n) =>
      n < 2 ? to('/elsewhere')(connection) : void connection.accept(),
    )
    await dial(server.url.replace('//', '//user:p%40ss@'), follow).opened
    const heads = await Promise.all(server.connections.map(({ request }) => request))
    const credentials = `Authorization: Basic ${Buffer.from('user:p@ss').toString('base64')}`
    expect(heads.map(own)).toEqual([[credentials], [credentials], [credentials]])
  })

  test('to another origin goes nothing that is secret', async () => {
    const other = await raw((connection, n) =>
      n === 0 ? to('/again')(connection) : void connection.accept(),
    )
    const server = await raw(to(other.url.replace('ws:', 'http:')))
    const node = {
      ...follow,
      headers: secrets,
      cookie: 'more=s3cret',
      host: 'host.test',
      origin: 'https://o.test',
    }
    const socket = dial(server.url.replace('//', '//user:s3cret@'), node)
    await socket.opened
    for (const { request } of other.connections) {
      const head = await request
      expect(own(head)).toEqual(['x-plain: fine', 'Origin: https://o.test'])
      expect(head).toContain(`Host: 127.0.0.1:${other.port}`)
      expect(head).not.toContain('s3cret')
    }
    expect(other.connections.length).toBe(2)
  })

  test('to another origin it does not go with an agent that has a client certificate of its own', async () => {
    let reached = 0
    const other = await serveTls(local, (connection) => {
      reached++
      void connection.accept()
    })
    onTestFinished(() => other.stop())
    const first = await serveTls(local, to(other.url))
    onTestFinished(() => first.stop())
    const agent = new https.Agent({ ca: local.cert, cert: local.cert, key: local.key })
    for (const node of [{ agent }, { agent: () => agent }]) {
      const error = await failure(dial(first.url, { ...follow, ...node }))
      expect(error).toMatchObject({ code: 'ERR_HANDSHAKE', status: 302 })
      expect(error.message).toContain('the agent has a certificate')
    }
    expect(reached).toBe(0)
    // one that is meant for that origin, or knows no certificate, may go there
    const plain = new https.Agent({ ca: local.cert })
    await dial(first.url, { ...follow, agent: plain }).opened
    const meant = (url: UrlLike): https.Agent =>
      url.href.startsWith(first.url)
        ? agent
        : new https.Agent({ ca: local.cert, cert: local.cert, key: local.key })
    await dial(first.url, { ...follow, agent: meant }).opened
    expect(reached).toBe(2)
  })

  test('to another origin goes no client certificate, and its own name is verified', async () => {
    const certificates: number[] = []
    const start = async (script: (connection: RawConnection) => void) => {
      const server = await serveTls(
        { ...local, requestCert: true, rejectUnauthorized: false },
        (connection) => {
          certificates.push(
            Object.keys((connection.tcp as never as { getPeerCertificate(): object }).getPeerCertificate())
              .length,
          )
          script(connection)
        },
      )
      onTestFinished(() => server.stop())
      return server
    }
    const other = await start((connection) => void connection.accept())
    const server = await start(to(other.url))
    await dial(server.url, { ...follow, ca: local.cert, cert: local.cert, key: local.key }).opened
    expect(certificates.map((fields) => fields > 0)).toEqual([true, false])
    const misnamed = await start(to(`wss://localhost:${other.port}/`))
    const failed = await failure(dial(misnamed.url, { ...follow, ca: local.cert }))
    expect(failed.cause).toMatchObject({ code: 'ERR_TLS_CERT_ALTNAME_INVALID' })
  })

  test('from wss: to ws: it does not go', async () => {
    const plain = await raw()
    const server = await serveTls(local, to(plain.url))
    onTestFinished(() => server.stop())
    const error = await failure(dial(server.url, { ...follow, ca: local.cert }))
    expect(error).toBeInstanceOf(HandshakeError)
    expect(error.message).toBe('the server answered the handshake with HTTP 302: it leads from wss: to ws:')
    expect(plain.connections).toEqual([])
  })

  test.each([
    [undefined, 10],
    [2, 2],
    [0, 0],
  ])('node.maxRedirects: %s', async (maxRedirects, most) => {
    const server = await raw(to('/again'))
    const error = await failure(dial(server.url, { ...follow, maxRedirects }))
    expect(error.message).toContain(`more than ${most} redirects`)
    expect(server.connections.length).toBe(most + 1)
  })

  test('the agent is asked for each', async () => {
    const other = await raw()
    const server = await raw(to(other.url))
    const asked: string[] = []
    const agent = (url: UrlLike) => {
      asked.push(url.href)
      return new http.Agent()
    }
    await dial(server.url, { ...follow, agent }).opened
    expect(asked).toEqual([server.url, other.url])
  })

  test('an agent that cannot be had for it fails the attempt, as one that does not fit does', async () => {
    const server = await raw(to('/again'))
    let count = 0
    const fails = (url: UrlLike) => {
      if (count++ > 0) throw new Error(url.href)
      return undefined
    }
    expect(await failure(dial(server.url, { ...follow, agent: fails }))).toMatchObject({
      code: 'ERR_PROVIDER',
    })
    const upgrade = await raw(to('wss://127.0.0.1:1/'))
    const wrong = dial(upgrade.url, { ...follow, agent: new http.Agent() })
    expect(await failure(wrong)).toMatchObject({
      code: 'ERR_CONNECTION',
      cause: { code: 'ERR_INVALID_PROTOCOL' },
    })
  })

  test('is followed although the connection breaks while the agent is awaited', async () => {
    const server = await raw((one, n) => (n === 0 ? to('/again')(one) : void one.accept()))
    const first = new http.Agent()
    const broken = new Promise((resolve) => {
      const connect = first.createConnection.bind(first)
      first.createConnection = (...args) => {
        const stream = connect(...args)!
        stream.on('close', resolve)
        return stream
      }
    })
    let count = 0
    const agent = async () => {
      if (count++ === 0) return first
      server.connections[0]!.rst()
      await broken
      return undefined
    }
    await dial(server.url, { ...follow, agent }).opened
    expect(server.connections.length).toBe(2)
  })

  test.each<[string, NodeOptions['agent']]>([
    ['while the agent is awaited', undefined],
    ['while it is refused one', () => Promise.reject(new Error('late'))],
  ])('close() %s: nothing is dialed, nothing is told', async (_, answer) => {
    const server = await serve(to('/again'))
    let release!: () => void
    const asked = new Promise<void>((resolve) => (release = resolve))
    let count = 0
    let go!: () => void
    const gate = new Promise<void>((resolve) => (go = resolve))
    const socket = dial(server.url, {
      ...follow,
      agent: async (url, attempt) => {
        if (count++ === 0) return undefined
        release()
        await gate
        return typeof answer === 'function' ? answer(url, attempt) : undefined
      },
    })
    const errors: unknown[] = []
    socket.on('error', (error) => errors.push(error))
    await asked
    socket.close()
    await socket.closed
    go()
    await new Promise((resolve) => setImmediate(resolve))
    expect([errors, server.connections.length]).toEqual([[], 1])
    await nothingLeft(socket, server)
  })
})

describe('redirect()', () => {
  const hop: Hop = { url: 'wss://a.test/x', protocols: undefined, headers: {}, foreign: false, count: 0 }

  test.each([
    ['http://[', 'its location is not a valid URL'],
    ['ftp://b.test/', 'its location is not one that a redirect may lead to'],
    ['ws+unix:/tmp/socket', 'its location is not one that a redirect may lead to'],
    ['http://a.test/x', 'it leads from wss: to ws:'],
  ])('%s is not followed', (location, problem) => {
    expect(redirect(hop, location, 10)).toEqual({ problem })
  })

  test('from a Unix socket none is', () => {
    const problem = 'its location is not one that a redirect may lead to'
    for (const location of ['/y', 'wss://b.test/'])
      expect(redirect({ ...hop, url: 'ws+unix:/tmp/socket:/x' }, location, 10)).toEqual({ problem })
  })

  test('from ws: to wss: is another origin', () => {
    const next = redirect(
      { ...hop, url: 'ws://a.test/', headers: { cookie: 'a', b: 'c' } },
      'https://a.test/',
      10,
    )
    expect(next).toMatchObject({ url: 'wss://a.test/', headers: { b: 'c' }, foreign: true, count: 1 })
  })

  test('subprotocols that may hold a credential do not go to another origin', () => {
    const problem = 'it leads to another origin, and the subprotocols may hold a credential'
    for (const protocols of [
      ['chat', 'x'.repeat(32)],
      ['access_token', 'x'],
    ]) {
      expect(redirect({ ...hop, protocols }, 'wss://b.test/', 10)).toEqual({ problem })
      expect(redirect({ ...hop, protocols }, '/y', 10)).toMatchObject({ url: 'wss://a.test/y', protocols })
    }
    const protocols = ['graphql-transport-ws']
    expect(redirect({ ...hop, protocols }, 'wss://b.test/', 10)).toMatchObject({ protocols, foreign: true })
  })

  test('what was foreign stays foreign', () => {
    expect(redirect({ ...hop, foreign: true }, '/y', 10)).toMatchObject({ foreign: true })
  })

  test('an Authorization header goes before the URL’s credentials', () => {
    const url = 'wss://user:pw@a.test/'
    const headers = { authorization: 'Bearer x' }
    expect(redirect({ ...hop, url, headers }, '/y', 10)).toMatchObject({ headers })
  })
})
