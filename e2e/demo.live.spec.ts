/** The demo without a server, as the documentation's site has it: the same page, with the server inside it. */
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, test } from '@playwright/test'
import { buildLive } from '../demo/live/build.js'
import { DemoPage, problemsOf } from './demo.page.js'

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
}

let dir: string
let server: Server
let origin: string

test.beforeAll(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'everopen-live-'))
  await buildLive(dir)
  server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://site')
    const file = pathname === '/' ? 'index.html' : path.basename(pathname)
    readFile(path.join(dir, file)).then(
      (body) => response.writeHead(200, { 'content-type': types[path.extname(file)] ?? '' }).end(body),
      () => response.writeHead(404).end(),
    )
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
test.afterAll(async () => {
  await new Promise((resolve) => server.close(resolve))
  await rm(dir, { recursive: true })
})

test('it opens, loses its connection in each way, and comes back', async ({ page }) => {
  const problems = problemsOf(page)
  const demo = new DemoPage(page)
  await demo.open(origin)
  // what needs a server
  for (const id of ['with-session', 'another-tab']) await expect(page.locator(`#${id}`)).toBeHidden()
  await demo.break('close', { code: '1001', reason: 'bye' })
  await demo.count('closes', 1)
  await demo.count('opens', 2)
  await demo.break('rst')
  await demo.count('closes', 2)
  await demo.count('opens', 3)
  await demo.break('stall')
  // the heartbeat's verdict
  await demo.count('closes', 3)
  await demo.count('opens', 4)
  await page.click('#send')
  await demo.count('echoed', 1)
  await expect(demo.cell('everopen', 'received')).toHaveText('1')
  await expect(demo.cell('everopen', 'lost')).toHaveText('0')
  expect(problems).toEqual([])
})

test('what waits while both endpoints are down is sent when they are back', async ({ page }) => {
  const demo = new DemoPage(page)
  await demo.open(origin)
  await demo.break('restart', { seconds: '120' })
  await demo.count('closes', 1)
  await page.click('#send')
  await demo.count('waiting', 1)
  await demo.break('calm')
  await demo.count('opens', 2)
  await demo.count('echoed', 1)
})
