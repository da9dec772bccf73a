/** What is given in confidence is not written anywhere, whatever happens. */
import { afterEach, describe, expect, test } from 'vitest'
import { serve } from '../faults/raw-server.js'
import { everopen, quick } from './command.js'
import { connectProxy } from './proxies.js'

const servers: { stop(): Promise<void> }[] = []
afterEach(() => Promise.all(servers.splice(0).map((server) => server.stop())))

describe('a secret appears nowhere', () => {
  const secrets = [
    's3cret-header',
    's3cret-cookie',
    's3cret-auth',
    's3cret-query',
    's3cret-user',
    's3cret-proxy',
  ]
  const args = (url: string, proxy: string): string[] => [
    url.replace('ws://', 'ws://name:s3cret-user@') + '?token=s3cret-query',
    ...['-H', 'X-Token: s3cret-header', '--cookie', 'a=s3cret-cookie', '--auth', 'me:s3cret-auth'],
    ...['-p', `http://me:s3cret-proxy@127.0.0.1:${proxy}`, '-vv', '-P', '--timings'],
    ...['-x', 'hello', '-w', '0', ...quick, '--retry-limit', '1'],
  ]
  const env = { DEBUG: '*', NODE_DEBUG: '' }

  test.each([
    ['on success', 101],
    ['on a refusal', 401],
    ['on an error of the server', 503],
    ['where nobody listens', 0],
  ])('%s', async (_, answer) => {
    const proxy = await connectProxy()
    servers.push(proxy)
    const server = await serve((connection) => {
      if (answer === 101) void connection.accept()
      else void connection.refuse(answer, ['Content-Length: 0']).then(() => connection.tcp.end())
    })
    if (answer === 0) await server.stop()
    else servers.push(server)
    for (const more of [[], ['--json']]) {
      const run = everopen([...args(server.url, String(proxy.port)), ...more], { env })
      await run.status
      expect(run.all).toContain('dial')
      for (const secret of secrets) {
        expect(run.all).not.toContain(secret)
        expect(run.all).not.toContain(Buffer.from(`me:${secret}`).toString('base64'))
      }
    }
  })

  test.each([
    [['--haeder=s3cret', 'ws://x']],
    [['-Zs3cret', 'ws://x']],
    [['-H', 's3cret', 'ws://x']],
    [['-H', 'A: s3cret\u0001', 'ws://x']],
    [['--cookie', 's3cret\u0001', 'ws://x']],
    [['--auth', 's3cret', 'ws://x']],
    [['--auth', '@s3cret', 'ws://x']],
    [['--proxy', 'ftp://me:s3cret@proxy', 'ws://x']],
    [['--proxy', 'socks5://me:s3cret@proxy:99999', 'ws://x']],
    [['ftp://me:s3cret@host']],
    [['s3cret']],
    [['ws://host/#s3cret']],
    [['--retry-limit', 's3cret', 'ws://x']],
    [['--backoff', 's3cret', 'ws://x']],
    [['-s', 's3cret s3cret', 'ws://x']],
  ])('nor in what is said of wrong usage: %j', async (given) => {
    const run = everopen(given)
    expect(await run.status).toBe(2)
    expect(run.err).toMatch(/^everopen: .+\n(.+\n)?Try: everopen --help\n$/)
    expect(run.all).not.toContain('s3cret')
  })
})
