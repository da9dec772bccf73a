/** The demo's server over HTTP: what it gives, what it refuses, and when it forgets a page. */
import { afterEach, expect, test } from 'vitest'
import { type DemoServer, startServer } from '../../demo/server.js'
import { RawClient } from '../raw-client.js'

let server: DemoServer
afterEach(() => server.stop())

/** Whether somebody listens there. */
async function listens(port: number): Promise<boolean> {
  const client = new RawClient(port, '/socket/anyone')
  await client.until(({ error, bytes }) => error !== undefined || bytes.length > 0)
  client.destroy()
  return client.error === undefined
}

test('each page has endpoints of its own, and may connect to them only', async () => {
  server = await startServer()
  const ports = new Set<string>()
  for (let page = 0; page < 2; page++) {
    const response = await fetch(server.origin)
    const policy = response.headers.get('content-security-policy') ?? ''
    const [, a = '', b = ''] = /data-a="(\d+)" data-b="(\d+)"/.exec(await response.text()) ?? []
    expect(policy).toContain(`connect-src 'self' ws://127.0.0.1:${a} ws://127.0.0.1:${b};`)
    expect(policy).not.toMatch(/unsafe|\*/)
    ports.add(a).add(b)
    for (const port of [a, b]) expect(await listens(Number(port))).toBe(true)
  }
  expect(ports.size).toBe(4)
})

test('the scripts are bundled, with their source maps; nothing else of the disk is given', async () => {
  server = await startServer()
  for (const [path, type] of [
    ['/page.js', 'text/javascript'],
    ['/page.js.map', 'application/json'],
    ['/herd-worker.js', 'text/javascript'],
    ['/uplot.css', 'text/css'],
  ] as const) {
    const response = await fetch(server.origin + path)
    expect([path, response.status, response.headers.get('content-type')]).toEqual([
      path,
      200,
      expect.stringContaining(type),
    ])
    expect((await response.text()).length).toBeGreaterThan(500)
  }
  for (const path of ['/package.json', '/..%2fpackage.json', '/main.js', '/__proto__', '/lab/x/events'])
    expect([path, (await fetch(server.origin + path)).status]).toEqual([path, 404])
})

test('what is no command, or is for no page, changes nothing', async () => {
  server = await startServer()
  const lab = await server.openLab()
  const post = (path: string, body: string): Promise<Response> =>
    fetch(`${server.origin}/lab/${path}/chaos`, { method: 'POST', body })
  expect((await post(lab.id, '{"type":"endpoint","name":"a"}')).status).toBe(400)
  expect((await post('page-0', '{"type":"endpoint","name":"a","up":false}')).status).toBe(404)
  expect(lab.report.endpoints).toEqual({ a: true, b: true })
  expect((await post(lab.id, '{"type":"endpoint","name":"a","up":false}')).status).toBe(204)
  expect(lab.report.endpoints).toEqual({ a: false, b: true })
})

test('a page is told what is new as long as it listens, and forgotten when it has left', async () => {
  server = await startServer(0, 100)
  const lab = await server.openLab()
  const leave = new AbortController()
  const events = await fetch(`${server.origin}/lab/${lab.id}/events`, { signal: leave.signal })
  const reader = events.body!.pipeThrough(new TextDecoderStream()).getReader()
  expect((await reader.read()).value).toMatch(/^data: \{"endpoints":\{"a":true,"b":true\}/)
  await lab.run({ type: 'endpoint', name: 'a', up: false })
  expect((await reader.read()).value).toMatch(/^data: \{"endpoints":\{"a":false,"b":true\}/)
  // by the time that one without a page is gone, the other would be too
  const empty = await server.openLab()
  await expect.poll(() => listens(empty.ports.b)).toBe(false)
  expect(await listens(lab.ports.b)).toBe(true)
  leave.abort()
  await reader.read().catch(() => {})
  await expect.poll(() => listens(lab.ports.b)).toBe(false)
})
