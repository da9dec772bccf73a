/** The demo's button "open another tab": one connection for all, and each says which tab leads. */
import { expect, type Page, test } from '@playwright/test'
import { type DemoServer, startServer } from '../demo/server.js'
import { DemoPage, problemsOf } from './demo.page.js'

let server: DemoServer
test.beforeAll(async () => {
  server = await startServer()
})
test.afterAll(() => server.stop())

const leader = (page: Page) => page.locator('#leader')

test('two tabs, one connection; the one that leads is closed, and the other leads', async ({ page }) => {
  const problems = problemsOf(page)
  const first = new DemoPage(page)
  await first.open(server.origin)
  await expect(leader(page)).toBeHidden()
  const lab = (await page.locator('#page').getAttribute('data-lab'))!
  const client = `${lab}-everopen`
  const opening = page.context().waitForEvent('page')
  await page.click('#another-tab')
  const other = await opening
  const second = new DemoPage(other)
  for (const tab of [first, second]) await tab.is('open')
  await expect(leader(page)).toHaveText(/leads/)
  const who = /Tab (\d)/.exec(await leader(page).innerText())![1]!
  await expect(leader(other)).toHaveText(new RegExp(`Tab ${who}.* leads`))
  // what either sends, both hear
  const before = server.received(client).length
  for (const tab of [page, other]) {
    await expect(tab.locator('#race')).toBeHidden()
    await tab.locator('#keep-sending').uncheck()
    await tab.click('#send')
  }
  await expect.poll(() => server.received(client).length).toBeGreaterThanOrEqual(before + 2)
  for (const tab of [first, second]) await tab.atLeast('echoed', 2)
  const [leads, follows] = who === '1' ? [page, other] : [other, page]
  const dials = server.dials(client)
  await leads.close()
  await expect(leader(follows)).toHaveText(/this one, leads/)
  await (follows === page ? first : second).is('open')
  expect(server.dials(client)).toBe(dials + 1)
  expect(problems).toEqual([])
})

test('a third tab joins, and what breaks the connection is one dial for all', async ({ page }) => {
  const tabs = [new DemoPage(page)]
  await tabs[0]!.open(server.origin)
  for (let tab = 2; tab <= 3; tab++) {
    const opening = page.context().waitForEvent('page')
    await page.click('#another-tab')
    tabs.push(new DemoPage(await opening))
    for (const each of tabs) await each.is('open')
  }
  const client = `${await page.locator('#page').getAttribute('data-lab')}-everopen`
  await expect.poll(() => server.dials(client)).toBeGreaterThan(0)
  for (const each of tabs) await expect(leader(each.page)).toHaveText(/leads/)
  const dials = server.dials(client)
  await tabs[2]!.break('close', { code: '1012', reason: '' })
  for (const each of tabs) await each.atLeast('closes', 1)
  for (const each of tabs) await each.is('open')
  expect(server.dials(client)).toBe(dials + 1)
})
