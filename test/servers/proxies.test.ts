/** The command behind reverse proxies, which drop what is idle. */
import { afterEach, describe, expect, test } from 'vitest'
import { findServers, missing } from '../../scripts/servers.mjs'
import { everopen, quick } from '../cli/command.js'
import { echoServer, type EchoServer } from '../cli/server.js'
import { sparePort } from '../faults/raw-server.js'
import { startServer, type ServerProcess } from './process.js'

/** Seconds after which they drop an idle connection. */
const IDLE = 2

const nginx = (port: number, upstream: number): string => `
  daemon off;
  master_process off;
  pid FOLDER/pid;
  error_log stderr;
  events {}
  http {
    access_log off;
    client_body_temp_path FOLDER/body;
    proxy_temp_path FOLDER/proxy;
    fastcgi_temp_path FOLDER/fastcgi;
    uwsgi_temp_path FOLDER/uwsgi;
    scgi_temp_path FOLDER/scgi;
    server {
      listen 127.0.0.1:${port};
      location / {
        proxy_pass http://127.0.0.1:${upstream};
        proxy_http_version 1.1;
        proxy_set_header Upgrade $http_upgrade;
        proxy_set_header Connection upgrade;
        proxy_read_timeout ${IDLE}s;
        proxy_send_timeout ${IDLE}s;
      }
    }
  }
`

const haproxy = (port: number, upstream: number): string => `
global
  log stderr format raw local0 emerg
defaults
  mode http
  retries 0
  timeout connect 2s
  timeout client ${IDLE}s
  timeout server ${IDLE}s
  timeout tunnel ${IDLE}s
frontend in
  bind 127.0.0.1:${port}
  default_backend out
backend out
  server one 127.0.0.1:${upstream}
`

const servers = findServers()
const proxies = [
  ['nginx', nginx, ['-c', 'CONFIG', '-e', 'stderr'], 502],
  ['haproxy', haproxy, ['-db', '-q', '-f', 'CONFIG'], 503],
] as const

const running: { stop(): Promise<void> }[] = []
afterEach(() => Promise.all(running.splice(0).map((server) => server.stop())))

describe.each(proxies)('%s', (name, config, args, unavailable) => {
  const reason = servers[name] ? '' : ` (${missing[name]})`

  async function start(upstream: number): Promise<{ url: string; proxy: ServerProcess }> {
    const port = sparePort()
    const proxy = await startServer(servers[name]!, args, port, config(port, upstream))
    running.push(proxy)
    return { url: `ws://127.0.0.1:${port}/`, proxy }
  }
  async function echo(port = 0): Promise<EchoServer> {
    const server = await echoServer({ port })
    running.push(server)
    return server
  }

  test.skipIf(reason)(`drops what is idle: the command is back, and nothing is lost${reason}`, async () => {
    const server = await echo()
    const { url } = await start(server.port)
    const run = everopen([url, ...quick])
    const lines = ['one', 'two', 'three']
    for (const [i, line] of lines.entries()) {
      run.stdin.write(`${line}\n`)
      await run.seen(new RegExp(`${line}\n`))
      await run.seen(new RegExp(`(disconnected: 1006[^]*){${i + 1}}`))
    }
    run.stdin.end()
    expect(await run.status).toBe(0)
    expect(run.out).toBe('one\ntwo\nthree\n')
    expect(server.messages).toEqual(lines)
    expect(server.requests.length).toBeGreaterThanOrEqual(lines.length)
  })

  test.skipIf(reason)(`a heartbeat keeps the connection${reason}`, async () => {
    const server = await echo()
    const { url } = await start(server.port)
    const run = everopen([url, '-v', '--heartbeat', '500ms'])
    await run.seen(/(heartbeat answered[^]*){10}/)
    run.kill('SIGINT')
    await run.status
    expect(run.err).not.toMatch(/1006/)
    expect(server.requests).toHaveLength(1)
  })

  test.skipIf(reason)(`lines wait while the server behind it is away${reason}`, async () => {
    const upstream = sparePort()
    const { url } = await start(upstream)
    const lines = Array.from({ length: 500 }, (_, i) => `line ${i}`)
    const run = everopen([url, ...quick], { input: lines.join('\n') })
    await run.seen(new RegExp(`the server answered the handshake with HTTP ${unavailable}`))
    const server = await echo(upstream)
    expect(await run.status).toBe(0)
    expect(server.messages).toEqual(lines)
  })

  test.skipIf(reason)(`lines wait while the proxy itself is away${reason}`, async () => {
    const server = await echo()
    const { url, proxy } = await start(server.port)
    const run = everopen([url, ...quick])
    run.stdin.write('before\n')
    await run.seen(/before\n/)
    await run.seen(/connected/)
    await proxy.stop()
    await run.seen(/ECONNREFUSED/)
    run.stdin.write('meanwhile\n')
    const port = Number(new URL(url).port)
    running.push(await startServer(servers[name]!, args, port, config(port, server.port)))
    await run.seen(/meanwhile\n/)
    run.stdin.end()
    await run.status
    expect(server.messages).toEqual(['before', 'meanwhile'])
    expect(run.err).not.toMatch(/not delivered/)
  })
})
