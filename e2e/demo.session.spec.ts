/** The demo's switch "with a session": the same chaos, and nothing is lost or comes twice. */
import { expect, test } from '@playwright/test'
import { type DemoServer, startServer } from '../demo/server.js'
import { DemoPage } from './demo.page.js'

let server: DemoServer
let demo: DemoPage
test.beforeAll(async () => {
  server = await startServer()
})
test.afterAll(() => server.stop())
test.beforeEach(async ({ page }) => {
  demo = new DemoPage(page)
  await demo.open(server.origin)
  await expect(demo.cell('session', 'state')).toBeHidden()
  await page.click('#with-session')
  await expect(demo.cell('session', 'state')).toHaveText(/^open/)
})

async function send(times: number): Promise<void> {
  for (let i = 0; i < times; i++) await demo.page.click('#send')
}

test('what was under way when a connection died is lost with the others, and not with a session', async () => {
  // everopen's own socket has a heartbeat, and may have noticed before the last of them
  const peers = ['partysocket', 'reconnecting']
  await send(2)
  for (const name of ['session', ...peers]) await expect(demo.cell(name, 'received')).toHaveText('2')
  // taken by the sockets, and by nobody else
  await demo.break('stall')
  await expect(demo.act('stall')).toHaveClass(/\bon\b/)
  await send(3)
  await demo.break('rst')
  for (const name of peers) await expect(demo.cell(name, 'opens')).toHaveText('2')
  await send(1)
  await expect(demo.cell('session', 'received')).toHaveText('6')
  for (const name of peers) await expect(demo.cell(name, 'lost')).toHaveText('3')
  for (const column of ['lost', 'twice', 'pending'])
    await expect(demo.cell('session', column)).toHaveText('0')
})

test('whatever happens, each message arrives once', async () => {
  const ways: readonly (readonly [string, Record<string, string>?])[] = [
    ['rst'],
    ['fin'],
    ['close', { code: '1012', reason: '' }],
    ['restart', { seconds: '0.5' }],
    ['stall'],
  ]
  let opens = 1
  for (const [way, fields] of ways) {
    await send(2)
    await demo.break(way, fields)
    await send(2)
    await expect
      .poll(async () => Number(await demo.cell('session', 'opens').innerText()))
      .toBeGreaterThan(opens++)
    await expect(demo.cell('session', 'state')).toHaveText(/^open/)
  }
  await expect(demo.cell('session', 'received')).toHaveText(String(4 * ways.length))
  for (const column of ['lost', 'twice', 'pending'])
    await expect(demo.cell('session', column)).toHaveText('0')
})

test('switched off, it holds what it has, and takes no more; switched on again, it goes on', async () => {
  await send(1)
  await expect(demo.cell('session', 'received')).toHaveText('1')
  await demo.page.click('#with-session')
  await expect(demo.cell('session', 'state')).toHaveText('closed')
  await send(1)
  await expect(demo.cell('session', 'sent')).toHaveText('1')
  await demo.page.click('#with-session')
  await expect(demo.cell('session', 'state')).toHaveText(/^open/)
  await send(1)
  await expect(demo.cell('session', 'received')).toHaveText('2')
  await expect(demo.cell('session', 'lost')).toHaveText('0')
})
