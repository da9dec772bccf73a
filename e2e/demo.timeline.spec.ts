/** The timeline of the demo's page: filtered, paused, copied. */
import { expect, test } from '@playwright/test'
import { type DemoServer, startServer } from '../demo/server.js'
import { DemoPage } from './demo.page.js'

let server: DemoServer
test.beforeAll(async () => {
  server = await startServer()
})
test.afterAll(() => server.stop())

test('it has every transition, newest first', async ({ page }) => {
  const demo = new DemoPage(page)
  await demo.open(server.origin)
  await expect(demo.lines('state')).toHaveText(['dialing → open', 'preparing → dialing', 'idle → preparing'])
  await page.click('#close')
  await demo.is('closed')
  await expect(demo.lines('state').first()).toHaveText('closing → closed')
  await expect(demo.lines('close')).toHaveText(['1000 “done”'])
})

test('it is filtered by kind and by text', async ({ page }) => {
  const demo = new DemoPage(page)
  await demo.open(server.origin)
  await page.click('#send')
  await demo.count('echoed', Number(await page.locator('#sent').innerText()))
  await expect(demo.lines('echo')).toHaveCount(0)
  const kind = (name: string) => page.locator(`#timeline-kinds [data-kind="${name}"]`)
  await expect(kind('echo')).toHaveAttribute('aria-pressed', 'false')
  await kind('echo').click()
  await expect(kind('echo')).toHaveAttribute('aria-pressed', 'true')
  await expect(demo.lines('echo').first()).toHaveText(/^message \d+$/)
  await kind('state').click()
  await expect(demo.lines('state')).toHaveCount(0)
  await kind('state').click()
  await page.fill('#timeline-search', 'DIALING →')
  await expect(page.locator('#timeline .detail-text')).toHaveText(['dialing → open'])
  await page.fill('#timeline-search', '')
  await expect(demo.lines('state')).toHaveCount(3)
})

test('it is paused: nothing moves, nothing is lost', async ({ page }) => {
  const demo = new DemoPage(page)
  await demo.open(server.origin)
  await page.getByRole('button', { name: 'Pause' }).click()
  await demo.break('close', { code: '4001' })
  await demo.count('opens', 2)
  await expect(page.locator('#timeline-status')).toHaveText(/^Paused, \d+ new$/)
  await expect(demo.lines('close')).toHaveCount(0)
  await page.getByRole('button', { name: 'Go on' }).click()
  await expect(demo.lines('close')).toHaveText([/^4001 /])
  await expect(page.locator('#timeline-status')).toHaveText('')
})

test('what is shown of it can be copied', async ({ page }) => {
  const demo = new DemoPage(page)
  await demo.open(server.origin)
  await page.fill('#timeline-search', 'idle →')
  await page.getByRole('button', { name: 'Copy' }).click()
  await expect(page.locator('#timeline-status')).toHaveText('Copied 1 lines')
  // a look at the clipboard that needs no permission
  await page.fill('#timeline-search', '')
  await page.locator('#timeline-search').press('ControlOrMeta+v')
  await expect(page.locator('#timeline-search')).toHaveValue(/^0\.\d\d s\s+state\s+idle → preparing/)
})
