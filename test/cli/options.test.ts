/** Each option of the command, as the server or the reader sees it. */
import { execFileSync } from 'node:child_process'
import { createPrivateKey } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { PING, serve, sparePort } from '../faults/raw-server.js'
import { type Credentials, selfSigned } from '../faults/tls.js'
import { everopen, quick, type Run } from './command.js'
import { connectProxy, socksProxy } from './proxies.js'
import { echoServer, type EchoOptions, type EchoServer } from './server.js'

const servers: { stop(): Promise<void> }[] = []
afterEach(() => Promise.all(servers.splice(0).map((server) => server.stop())))

async function echo(options?: EchoOptions): Promise<EchoServer> {
  const server = await echoServer(options)
  servers.push(server)
  return server
}

let folder: string
let credentials: Credentials
const file = (name: string, text: string): string => {
  const full = path.join(folder, name)
  writeFileSync(full, text)
  return full
}
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'everopen-'))
  const day = 86_400_000
  credentials = selfSigned('127.0.0.1', new Date(Date.now() - day), new Date(Date.now() + day))
})
afterAll(() => rmSync(folder, { recursive: true }))

/** Connects, sends a word, and is done. */
const say = async (url: string, ...args: string[]): Promise<Run & { code: unknown }> => {
  const run = everopen([url, ...quick, '--retry-limit', '50', '-x', 'hello', '-w', '0', ...args])
  return Object.assign(run, { code: await run.status })
}

describe('the handshake', () => {
  test('--subprotocol, --header, --cookie, --origin and --auth', async () => {
    const server = await echo()
    const args = ['-s', 'chat', '-s', 'v2', '-H', 'X-One: a: b', '-H', 'x-one: c', '--cookie', 'd=e; f=g']
    const { code, err } = await say(
      server.url,
      ...args,
      '-o',
      'https://example.test',
      '--auth',
      'me:pass:word',
    )
    expect(code).toBe(0)
    expect(err).toMatch(/connected to \S+ \(chat/)
    expect(server.requests[0]!.headers).toMatchObject({
      'sec-websocket-protocol': 'chat,v2',
      'x-one': 'a: b, c',
      cookie: 'd=e; f=g',
      origin: 'https://example.test',
      authorization: `Basic ${Buffer.from('me:pass:word').toString('base64')}`,
    })
  })

  test('secrets may come from files', async () => {
    const server = await echo()
    const header = file('headers', 'X-Token: one\nX-Other: two\n')
    const auth = file('auth', 'me:secret\n')
    const { code } = await say(server.url, '-H', `@${header}`, '--auth', `@${auth}`)
    expect(code).toBe(0)
    expect(server.requests[0]!.headers).toMatchObject({
      'x-token': 'one',
      'x-other': 'two',
      authorization: `Basic ${Buffer.from('me:secret').toString('base64')}`,
    })
  })

  test('a secret may come from the input', async () => {
    const server = await echo()
    const run = everopen([server.url, '--auth', '@-', '-x', 'hello', '-w', '0'], { input: 'me:piped\n' })
    expect(await run.status).toBe(0)
    expect(server.requests[0]!.headers.authorization).toBe(
      `Basic ${Buffer.from('me:piped').toString('base64')}`,
    )
  })

  // a named pipe tells when it is read
  describe.skipIf(process.platform === 'win32')('a secret that is not in the input yet', () => {
    async function waiting(url: string): Promise<Run> {
      const pipe = path.join(folder, 'pipe')
      rmSync(pipe, { force: true })
      execFileSync('mkfifo', [pipe])
      const run = everopen([url, '-H', `@${pipe}`, '--auth', '@-', '-x', 'hello', '-w', '0'])
      await writeFile(pipe, 'X-Token: one\n')
      return run
    }

    test('is waited for', async () => {
      const server = await echo()
      const run = await waiting(server.url)
      run.stdin.end('me:late\n')
      expect(await run.status).toBe(0)
      expect(server.requests[0]!.headers).toMatchObject({
        'x-token': 'one',
        authorization: `Basic ${Buffer.from('me:late').toString('base64')}`,
      })
    })

    test('is waited for no longer after a signal', async () => {
      const run = await waiting(`ws://127.0.0.1:${sparePort()}`)
      run.kill('SIGINT')
      expect(await run.status).toBe('SIGINT')
    })
  })

  test('--no-compression', async () => {
    const server = await echo({ perMessageDeflate: true })
    await say(server.url)
    await say(server.url, '--no-compression')
    expect(server.requests.map(({ headers }) => headers['sec-websocket-extensions'])).toEqual([
      expect.stringContaining('permessage-deflate'),
      undefined,
    ])
  })

  test('several URLs are tried in turn', async () => {
    const server = await echo()
    const { code } = await say(`ws://127.0.0.1:${sparePort()}`, server.url)
    expect(code).toBe(0)
    expect(server.messages).toEqual(['hello'])
  })

  test('--timings', async () => {
    const server = await echo()
    const { err } = await say(server.url, '--timings')
    expect(err).toMatch(
      /timings: dns [\d.]+ ms, tcp [\d.]+ ms, tls 0\.0 ms, upgrade [\d.]+ ms, total [\d.]+ ms/,
    )
  })
})

describe('TLS', () => {
  test('an unknown certificate is refused, trusted by --ca, and let pass by --insecure', async () => {
    const server = await echo({ tls: { ...credentials } })
    const refused = await say(server.url, '--no-retry')
    expect(refused.code).toBe(4)
    expect(refused.err).toMatch(/self-signed certificate/)
    const ca = file('ca.pem', credentials.cert)
    expect((await say(server.url, '--ca', ca)).code).toBe(0)
    expect((await say(server.url, '--insecure')).code).toBe(0)
    expect(server.messages).toHaveLength(2)
  })

  test('--servername is the name that is asked for and checked', async () => {
    const server = await echo({ tls: { ...credentials } })
    const ca = file('ca.pem', credentials.cert)
    const run = await say(server.url, '--ca', ca, '--servername', 'example.test', '--no-retry')
    expect(run.code).toBe(4)
    expect(run.err).toMatch(/example\.test/)
  })

  test('--cert, --key and --passphrase', async () => {
    const server = await echo({
      tls: { ...credentials, ca: credentials.cert, requestCert: true, rejectUnauthorized: true },
    })
    const ca = file('ca.pem', credentials.cert)
    expect((await say(server.url, '--ca', ca, '--no-retry')).code).not.toBe(0)
    const passphrase = 'open sesame'
    const locked = createPrivateKey(credentials.key).export({
      type: 'pkcs8',
      format: 'pem',
      cipher: 'aes-256-cbc',
      passphrase,
    }) as string
    const args = ['--ca', ca, '--cert', ca, '--key', file('key.pem', locked), '--passphrase', passphrase]
    expect((await say(server.url, ...args)).code).toBe(0)
  })
})

describe('--proxy', () => {
  test.each([
    ['http', connectProxy],
    ['socks5', socksProxy],
  ])('%s, with a name and a password', async (scheme, make) => {
    const server = await echo({ tls: { ...credentials } })
    const proxy = await make()
    servers.push(proxy)
    const ca = file('ca.pem', credentials.cert)
    const run = await say(server.url, '--ca', ca, '-p', `${scheme}://me:hush@127.0.0.1:${proxy.port}`)
    expect(run.code).toBe(0)
    expect(proxy.asked).toEqual([{ target: `127.0.0.1:${server.port}`, credentials: 'me:hush' }])
    expect(server.messages).toEqual(['hello'])
    const untrusted = await say(server.url, '--no-retry', '-p', `${scheme}://me:hush@127.0.0.1:${proxy.port}`)
    expect(untrusted.code).toBe(4)
    expect(untrusted.err).toMatch(/self-signed certificate/)
  })

  test('env: the one that the environment names, and none where none is', async () => {
    const server = await echo()
    const proxy = await connectProxy()
    servers.push(proxy)
    const run = (env: Readonly<Record<string, string>>): Promise<unknown> =>
      everopen([server.url, ...quick, '-p', 'env', '-x', 'hello', '-w', '0'], { env }).status
    const env = { http_proxy: `http://127.0.0.1:${proxy.port}` }
    expect(await run({ ...env, no_proxy: '127.0.0.1' })).toBe(0)
    expect(proxy.asked).toEqual([])
    expect(await run(env)).toBe(0)
    expect(proxy.asked).toMatchObject([{ target: `127.0.0.1:${server.port}` }])
    const wrong = everopen([server.url, '-p', 'env'], { env: { http_proxy: 'ftp://me:secret@proxy.test' } })
    expect(await wrong.status).toBe(2)
    expect(wrong.err).toMatch(/http_proxy/)
    expect(wrong.err).not.toMatch(/secret/)
  })
})

describe('limits and times', () => {
  test('--max-payload ends a connection with a message that is longer', async () => {
    const server = await echo({ script: (socket) => socket.send('x'.repeat(2_000)) })
    const run = everopen([server.url, '--max-payload', '1k', '--no-retry'])
    expect(await run.status).toBe(3)
    expect(run.err).toMatch(/Max payload size exceeded/)
  })

  test('--connect-timeout', async () => {
    const server = await serve()
    servers.push(server)
    const run = await say(server.url, '--connect-timeout', '100ms', '--no-retry')
    expect(run.code).toBe(4)
    expect(run.err).toMatch(/no connection within 100 ms/)
  })

  test('--heartbeat and --heartbeat-timeout find a dead peer', async () => {
    const server = await serve((connection) => {
      connection.answers = 'nothing'
      void connection.accept()
    })
    servers.push(server)
    const args = ['--heartbeat', '100ms', '--heartbeat-timeout', '0.1', '--retry-limit', '0']
    const run = everopen([server.url, ...args])
    expect(await run.status).toBe(3)
    expect(run.err).toMatch(/the peer did not answer within 100 ms/)
  })

  test('--no-heartbeat sends no ping', async () => {
    const server = await serve((connection) => void connection.accept())
    servers.push(server)
    const { code } = await say(server.url, '--no-heartbeat')
    expect(code).toBe(0)
    expect(server.connections[0]!.frames.filter(({ opcode }) => opcode === PING)).toEqual([])
  })

  test('--backoff, --backoff-base, --backoff-cap and --retry-limit', async () => {
    const url = `ws://127.0.0.1:${sparePort()}`
    const run = everopen(
      [url, '--backoff', 'decorrelated', '--backoff-base', '9', '--backoff-cap', '20ms'].concat([
        '--retry-limit',
        '3',
        '--json',
      ]),
    )
    expect(await run.status).toBe(1)
    const records = run.records()
    const waits = records.filter(({ type }) => type === 'wait')
    expect(waits.map(({ ms }) => ms)).toEqual([20, 20, 20])
    expect(records.filter(({ type }) => type === 'error')).toHaveLength(4)
    expect(records.at(-1)).toMatchObject({ type: 'end', status: 1, error: { code: 'ERR_RETRY_LIMIT' } })
  })

  test('--retry-for', async () => {
    const run = everopen([`ws://127.0.0.1:${sparePort()}`, ...quick, '--retry-for', '3s'])
    expect(await run.status).toBe(1)
    expect(run.err).toMatch(/dialing again/)
    expect(run.err).toMatch(/gave up: the outage would last longer than --retry-for/)
  })

  test('--no-retry ends with the connection: in order where the server says so', async () => {
    const server = await echo({ script: (socket, n) => socket.close(n === 0 ? 1000 : 1011) })
    expect(await everopen([server.url, '--no-retry']).status).toBe(0)
    expect(await everopen([server.url, '--no-retry']).status).toBe(3)
  })
})

describe('what is told', () => {
  test('--json: an object for each event', async () => {
    const server = await echo({ script: (socket, n) => n === 0 && socket.close(1012, '{"retryAfterMs": 0}') })
    const run = everopen([server.url, '--json', '--eof-wait', '-1', '--retry-limit', '2'])
    // 1012 waits for seconds: what the server asks for is jittered upwards
    await run.seen(/"wait"[^]*"open"/)
    run.stdin.write('hi\n')
    await run.seen(/"message"/)
    run.stdin.end()
    run.kill('SIGINT')
    expect(await run.status).toBe(130)
    expect(run.err).toBe('')
    expect(run.records()).toMatchObject([
      { type: 'open', attempt: 0, reconnected: false, endpoint: server.url, protocol: '' },
      { type: 'close', code: 1012, reason: '{"retryAfterMs": 0}', by: 'peer', willRetry: true },
      { type: 'wait', ms: expect.any(Number) as number },
      { type: 'open', attempt: 1, reconnected: true },
      { type: 'message', data: 'hi' },
      { type: 'close', code: 1000, by: 'user', willRetry: false },
      { type: 'end', status: 130, undelivered: 0, inDoubt: 0 },
    ])
  })

  test('-q says nothing but what could not be done, -v more, -vv every transition', async () => {
    const server = await echo()
    const quiet = await say(server.url, '-q')
    expect(quiet.err).toBe('')
    const failed = await say(`ws://127.0.0.1:${sparePort()}`, '-q', '--no-retry')
    expect(failed.err).toMatch(/^everopen: the connection failed.*1 message was not delivered\n$/)
    expect((await say(server.url, '-v')).err).toMatch(/dialing ws:/)
    const plain = await say(server.url)
    expect(plain.err).not.toMatch(/dialing|→/)
    expect((await say(server.url, '-vv')).err).toMatch(/idle → connecting[^]*open → closing/)
  })

  test('--show-ping-pong', async () => {
    const server = await echo({ script: (socket) => socket.ping('p\x1b[2J') })
    const run = everopen([server.url, '-P'])
    await run.seen(/received ping: p\\u001b\[2J/)
    run.kill('SIGINT')
    await run.status
    expect(run.all).not.toContain('\x1b')
  })

  test('what a server says in a close reason cannot reach the terminal', async () => {
    const server = await echo({ script: (socket) => socket.close(1008, '\x1b]0;owned\x07') })
    const run = everopen([server.url])
    expect(await run.status).toBe(3)
    expect(run.err).toMatch(/disconnected: 1008 \\u001b\]0;owned\\u0007/)
  })

  test('there are no colours in a pipe', async () => {
    const server = await echo()
    const { all } = await say(server.url, '-vv')
    expect(all).not.toContain('\x1b')
  })
})
