/** The demo's page: every button does what it says, and the socket comes back. */
import { expect, test } from '@playwright/test'
import { type DemoServer, endings, startServer } from '../demo/server.js'

let server: DemoServer
test.beforeAll(async () => {
  server = await startServer()
})
test.afterAll(() => server.stop())

const current = '#states [aria-current]'

test('the page shows a socket that survives every ending', async ({ page }) => {
  const problems: string[] = []
  page.on('pageerror', (error) => problems.push(error.message))
  page.on('console', (message) => {
    if (/Content Security Policy/i.test(message.text())) problems.push(message.text())
  })
  await page.goto(server.origin)
  await expect(page.locator(current)).toHaveText('open')
  for (const [index, how] of endings.entries()) {
    await page.click(`[data-how="${how}"]`)
    await expect(page.locator('#closes')).toHaveText(String(index + 1))
    // what is sent while nobody is there arrives all the same
    await page.click('#send')
    await expect(page.locator('#opens')).toHaveText(String(index + 2), { timeout: 20_000 })
    await expect(page.locator('#echoed')).toHaveText(String(index + 1))
    await expect(page.locator('#waiting')).toHaveText('0')
  }
  await expect(page.locator('#errors')).toHaveText('1')
  await page.click('#reconnect')
  await expect(page.locator('#opens')).toHaveText(String(endings.length + 2))
  await page.click('#close')
  await expect(page.locator(current)).toHaveText('closed')
  await expect(page.locator('#live')).toHaveText('The socket is closed.')
  await page.click('#connect')
  await expect(page.locator(current)).toHaveText('open')
  expect(problems).toEqual([])
})

test('it works by keyboard, and on a phone nothing is cut off', async ({ page }) => {
  await page.setViewportSize({ width: 390, height: 800 })
  await page.goto(server.origin)
  await expect(page.locator(current)).toHaveText('open')
  await page.locator('[data-how="1001"]').focus()
  await page.keyboard.press('Enter')
  await expect(page.locator('#closes')).toHaveText('1')
  const overflow = await page.evaluate(
    () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
  )
  expect(overflow).toBe(0)
})
