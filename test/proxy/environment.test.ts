/** Which proxy the environment names, and for which URLs. */
import { describe, expect, onTestFinished, test } from 'vitest'
import { InvalidArgumentError } from '../../src/diagnostics/errors.js'
import { type Environment, environmentProxy } from '../../src/proxy/index.js'
import { dial, raw } from '../platform/node/meet.js'
import { httpProxy } from './proxies.js'
import type { Attempt } from '../../src/options/provider.js'

const attempt = (): Attempt => ({ number: 0, signal: new AbortController().signal, lastEnd: undefined })

interface Connects {
  createConnection(options: object): void
}

/** Host of the proxy for a URL, as it is looked up; `undefined` for none. */
async function proxyFor(url: string, environment: Environment): Promise<string | undefined> {
  const agent = await environmentProxy(environment)(new URL(url), attempt())
  return (
    agent &&
    new Promise((resolve) => {
      const lookup = (host: string): void => resolve(host)
      ;(agent as unknown as Connects).createConnection({ lookup })
    })
  )
}

describe('the variable', () => {
  test.each<[string, Environment, string | undefined]>([
    ['ws://a.test/', {}, undefined],
    ['ws://a.test/', { http_proxy: 'http://one:1' }, 'one'],
    ['wss://a.test/', { http_proxy: 'http://one:1' }, undefined],
    ['wss://a.test/', { https_proxy: 'http://two:1' }, 'two'],
    ['ws://a.test/', { https_proxy: 'http://two:1' }, undefined],
    ['ws://a.test/', { all_proxy: 'http://all:1' }, 'all'],
    ['wss://a.test/', { all_proxy: 'http://all:1', https_proxy: 'http://two:1' }, 'two'],
    ['ws://a.test/', { HTTP_PROXY: 'http://upper:1' }, 'upper'],
    ['ws://a.test/', { HTTP_PROXY: 'http://upper:1', http_proxy: 'http://lower:1' }, 'lower'],
    ['wss://a.test/', { HTTPS_PROXY: 'https://upper:1' }, 'upper'],
    ['ws://a.test/', { ALL_PROXY: 'http://upper:1' }, 'upper'],
    ['ws://a.test/', { http_proxy: '' }, undefined],
    ['ws://a.test/', { http_proxy: ' ', HTTP_PROXY: 'http://upper:1' }, 'upper'],
    ['ws://a.test/', { http_proxy: 'bare:3128' }, 'bare'],
    ['ws://a.test/', { HTTP_PROXY: 'http://upper:1', REQUEST_METHOD: 'GET' }, undefined],
    ['ws://a.test/', { http_proxy: 'http://lower:1', REQUEST_METHOD: 'GET' }, 'lower'],
    ['ws+unix:/tmp/socket', { all_proxy: 'http://all:1' }, undefined],
  ])('%s, %j: %s', async (url, environment, host) => {
    expect(await proxyFor(url, environment)).toBe(host)
  })

  test.each(['http_proxy', 'https_proxy', 'all_proxy'])(
    '%s that cannot be used is named, and not told',
    (name) => {
      let error: unknown
      try {
        environmentProxy({ [name]: 'ftp://user:hunter2@h' })
      } catch (thrown) {
        error = thrown
      }
      expect(error).toBeInstanceOf(InvalidArgumentError)
      expect(error).toMatchObject({ argument: name })
      expect(String(error)).not.toContain('hunter2')
    },
  )
})

describe('no_proxy', () => {
  test.each<[string, string, boolean]>([
    ['*', 'a.test', true],
    ['a.test', 'a.test', true],
    ['A.TEST', 'a.test', true],
    ['a.test', 'a.test.', true],
    ['a.test', 'b.a.test', true],
    ['a.test', 'ba.test', false],
    ['.a.test', 'b.a.test', true],
    ['.a.test', 'a.test', true],
    ['*.a.test', 'b.a.test', true],
    ['b.test, a.test', 'a.test', true],
    ['b.test a.test', 'a.test', true],
    ['b.test', 'a.test', false],
    ['a.test:8080', 'a.test:8080', true],
    ['a.test:8080', 'a.test:8081', false],
    ['a.test:80', 'a.test', true],
    ['127.0.0.1', '127.0.0.1', true],
    ['127.0.0.1', '127.0.0.2', false],
    ['127.0.0.1:81', '127.0.0.1:81', true],
    ['10.0.0.0/8', '10.1.2.3', true],
    ['10.0.0.0/8', '11.1.2.3', false],
    ['10.0.0.0/33', '10.0.0.0', false],
    ['10.0.0.0/x', '10.0.0.0', false],
    ['10.0.0.0/', '1.2.3.4', false],
    ['10.0.0.0/1.5', '10.0.0.0', false],
    ['10.0.0.0/1e1', '10.0.0.0', false],
    ['::/', '[::1]', false],
    ['::/0', '[::1]', true],
    ['10.0.0.0/8', 'a.test', false],
    ['a.test.', 'a.test', true],
    ['.a.test.', 'b.a.test.', true],
    ['bücher.test', 'bücher.test', true],
    ['*.bücher.test', 'a.xn--bcher-kva.test', true],
    ['::1', '[::1]', true],
    ['[::1]', '[::1]', true],
    ['[::1]:81', '[::1]:81', true],
    ['[::1]:81', '[::1]:82', false],
    ['2001:db8::/32', '[2001:db8:1::5]', true],
    ['2001:db8::/32', '[2001:db9::5]', false],
    ['a.test:x', 'a.test', false],
    ['.', 'a.test', false],
    ['', 'a.test', false],
  ])('%j covers %s: %s', async (list, host, covered) => {
    for (const name of ['no_proxy', 'NO_PROXY'])
      expect(await proxyFor(`ws://${host}/`, { http_proxy: 'http://one:1', [name]: list })).toBe(
        covered ? undefined : 'one',
      )
  })
})

test('the process’s own environment, read once, as an agent', async () => {
  const [server, proxy] = [await raw(), await httpProxy()]
  const before = { ...process.env }
  onTestFinished(() => {
    process.env = before
  })
  for (const name of Object.keys(process.env)) if (/_proxy$/i.test(name)) delete process.env[name]
  process.env.http_proxy = `http://127.0.0.1:${proxy.port}`
  const agent = environmentProxy()
  delete process.env.http_proxy
  await dial(server.url, { agent }).opened
  await dial(server.url, { agent: environmentProxy() }).opened
  expect(proxy.asked).toEqual([`127.0.0.1:${server.port}`])
})
