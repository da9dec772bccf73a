/** The demo's page: every button does what it says, and the socket comes back. */
import { expect, type Page, test } from '@playwright/test'
import { type DemoServer, endings, startServer } from '../demo/server.js'

let server: DemoServer
test.beforeAll(async () => {
  server = await startServer()
})
test.afterAll(() => server.stop())

const current = '#states [aria-current]'

/** Whatever the page complains of: uncaught errors, and what the Content-Security-Policy refuses. */
function problemsOf(page: Page): string[] {
  const problems: string[] = []
  page.on('pageerror', (error) => problems.push(error.message))
  page.on('console', (message) => {
    if (/Content Security Policy/i.test(message.text())) problems.push(message.text())
  })
  return problems
}

test('the page shows a socket that survives every ending', async ({ page }) => {
  const problems = problemsOf(page)
  const response = await page.goto(server.origin)
  const policy = response?.headers()['content-security-policy']
  expect(policy).toContain("default-src 'none'")
  expect(policy).not.toContain('unsafe')
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
  await expect(page.locator('#closes')).toHaveText(await page.locator('#opens').innerText())
  await page.click('#send')
  await expect(page.locator('#waiting')).toHaveText('1')
  await page.click('#connect')
  await expect(page.locator(current)).toHaveText('open')
  await expect(page.locator('#waiting')).toHaveText('0')
  await expect(page.locator('#echoed')).toHaveText(String(endings.length + 1))
  expect(problems).toEqual([])
})

test('while it waits it counts down, and there is no connection to end', async ({ page }) => {
  await page.goto(server.origin)
  await expect(page.locator(current)).toHaveText('open')
  // restarts: the one ending whose wait is always the same
  await page.click('[data-how="1012"]')
  await expect(page.locator('#detail')).toHaveText(/^Waiting: dials again in [12]\.\d s\./)
  await expect(page.locator('[data-how="1000"]')).toHaveAttribute('aria-disabled', 'true')
  await page.locator('[data-how="1000"]').click({ force: true })
  await expect(page.locator(current)).toHaveText('open')
  await expect(page.locator('[data-how="1000"]')).toHaveAttribute('aria-disabled', 'false')
  await expect(page.locator('#closes')).toHaveText('1')
})

test('the code that it shows is the code that it runs', async ({ page, request }) => {
  await page.goto(server.origin)
  const squeeze = (text: string): string => text.replace(/\s+/g, ' ')
  const shown = squeeze(await page.locator('pre').innerText())
  const options = /connectTimeout: .*?\} \}\)|connectTimeout: .*?\}, \}\)/.exec(shown)?.[0] ?? 'nothing shown'
  expect(squeeze(await (await request.get(`${server.origin}/page.js`)).text())).toContain(options)
})

test('an ending is for one page only', async ({ page, context }) => {
  const other = await context.newPage()
  for (const one of [page, other]) {
    await one.goto(server.origin)
    await expect(one.locator(current)).toHaveText('open')
  }
  await page.click('[data-how="rst"]')
  await expect(page.locator('#opens')).toHaveText('2')
  await expect(other.locator('#closes')).toHaveText('0')
})

test('it works by keyboard, and the focus stays where it was', async ({ page }) => {
  await page.goto(server.origin)
  await expect(page.locator(current)).toHaveText('open')
  const button = page.locator('[data-how="1001"]')
  await button.focus()
  for (const [index, key] of ['Enter', ' '].entries()) {
    await page.keyboard.press(key)
    await expect(page.locator('#closes')).toHaveText(String(index + 1))
    await expect(page.locator('#opens')).toHaveText(String(index + 2))
    await expect(button).toBeFocused()
  }
})

for (const width of [320, 390]) {
  test(`at ${width} px nothing is cut off and the states stand in one row`, async ({ page }) => {
    await page.setViewportSize({ width, height: 800 })
    await page.goto(server.origin)
    await expect(page.locator(current)).toHaveText('open')
    const { overflow, rows, cut } = await page.evaluate(() => {
      const items = [...document.querySelectorAll('#states li')]
      return {
        overflow: document.documentElement.scrollWidth - document.documentElement.clientWidth,
        rows: new Set(items.map((item) => item.getBoundingClientRect().top)).size,
        cut: [...items, ...document.querySelectorAll('button')]
          .filter((item) => item.scrollWidth > item.clientWidth)
          .map((item) => item.textContent),
      }
    })
    expect({ overflow, rows, cut }).toEqual({ overflow: 0, rows: 1, cut: [] })
  })
}
