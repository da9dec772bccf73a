/** The demo's page: what it shows of its socket, and how the socket is driven from it. */
import { expect, test } from '@playwright/test'
import { readFile } from 'node:fs/promises'
import { type DemoServer, startServer } from '../demo/server.js'
import { DemoPage, problemsOf, type } from './demo.page.js'

let server: DemoServer
test.beforeAll(async () => {
  server = await startServer()
})
test.afterAll(() => server.stop())

test('nothing on the page is inline, evaluated or from elsewhere, and the browser agrees', async ({
  page,
}) => {
  const problems = problemsOf(page)
  const response = await page.goto(server.origin)
  const policy = response?.headers()['content-security-policy']
  expect(policy).toContain("default-src 'none'")
  expect(policy).not.toContain('unsafe')
  const demo = new DemoPage(page)
  await demo.is('open')
  await demo.break('rst')
  await page.locator('#herd').getByRole('button').click()
  await expect(page.locator('#herd-summary')).toHaveText(/^Busiest second/)
  await demo.is('open')
  expect(problems).toEqual([])
})

test('connect, reconnect and close do so, and what is sent meanwhile waits', async ({ page }) => {
  const demo = new DemoPage(page)
  await demo.open(server.origin)
  await page.click('#reconnect')
  await demo.count('opens', 2)
  await page.click('#close')
  await demo.is('closed')
  await expect(page.locator('#live')).toHaveText('The socket is closed.')
  await expect(page.locator('#detail')).toHaveText('Over, until connect().')
  await demo.count('closes', 2)
  await page.click('#send')
  await demo.count('waiting', 1)
  await expect(page.locator('#close')).toHaveAttribute('aria-disabled', 'true')
  await page.click('#connect')
  await demo.is('open')
  await expect(page.locator('#connect')).toHaveAttribute('aria-disabled', 'true')
  await demo.count('waiting', 0)
  await demo.count('echoed', 1)
  await expect(page.locator('#live')).toHaveText('The socket is open.')
})

test('by itself it sends two messages a second, until it is told not to', async ({ page }) => {
  await page.goto(server.origin)
  await expect.poll(async () => Number(await page.locator('#echoed').innerText())).toBeGreaterThan(2)
  await page.locator('#keep-sending').uncheck()
  const sent = Number(await page.locator('#sent').innerText())
  await new DemoPage(page).count('echoed', sent)
  await page.click('#send')
  await new DemoPage(page).count('sent', sent + 1)
})

test('while it waits it counts down', async ({ page }) => {
  const demo = new DemoPage(page)
  await demo.open(server.origin)
  // restarts: the one ending whose wait is always the same
  await demo.break('close', { code: '1012', reason: '' })
  await expect(page.locator('#detail')).toHaveText(/^Waiting: dials again in [12]\.\d s\. Retry 1\./)
  await demo.is('open')
})

test('each transition runs along its arrow, and the last arrow stays marked', async ({ page }) => {
  const demo = new DemoPage(page)
  await demo.open(server.origin)
  const dots = await page.evaluateHandle(() => {
    const seen: string[] = []
    new MutationObserver((changes) => {
      for (const node of changes.flatMap(({ addedNodes }) => [...addedNodes]))
        if (node instanceof SVGCircleElement) seen.push(node.dataset.to ?? '')
    }).observe(document.getElementById('diagram') as Element, { childList: true })
    return seen
  })
  await page.click('#reconnect')
  await demo.count('opens', 2)
  expect(await dots.jsonValue()).toEqual(['closing', 'preparing', 'dialing', 'open'])
  await expect(page.locator('.arrow.lit')).toHaveAttribute('data-arrow', 'dialing>open')
  await expect(page.locator('.dot')).toHaveCount(0)
})

test('whoever wants less motion sees none', async ({ page }) => {
  await page.emulateMedia({ reducedMotion: 'reduce' })
  const demo = new DemoPage(page)
  await demo.open(server.origin)
  const still = await page.evaluate(() => matchMedia('(prefers-reduced-motion: reduce)').matches)
  test.skip(!still, 'this browser cannot be told so from outside')
  const moved = await page.evaluateHandle(() => {
    const seen = { dots: 0 }
    new MutationObserver(() => (seen.dots += document.querySelectorAll('.dot').length)).observe(
      document.getElementById('diagram') as Element,
      { childList: true },
    )
    return seen
  })
  await page.click('#reconnect')
  await demo.count('opens', 2)
  expect(await moved.jsonValue()).toEqual({ dots: 0 })
  expect(await page.evaluate(() => document.getAnimations().length)).toBe(0)
  await expect(page.locator('.arrow.lit')).toHaveAttribute('data-arrow', 'dialing>open')
})

test('the code that it shows is the code that it runs', async ({ page }) => {
  await page.goto(server.origin)
  const squeeze = (text: string): string => text.replace(/\s+/g, ' ')
  const shown = squeeze(await page.locator('pre').innerText())
  const source = squeeze(await readFile(new URL('../demo/page/socket.ts', import.meta.url), 'utf8'))
  const options = /connectTimeout: .*? log, \}\)/.exec(shown)?.[0] ?? 'nothing shown'
  expect(source).toContain(options)
  for (const name of ['backoff', 'stableAfter'])
    expect(source).toContain(
      new RegExp(`const ${name} = .*?(?= const|$)`).exec(shown)?.[0] ?? 'nothing shown',
    )
  expect(source).toContain(/\(code === .*?\)/.exec(shown)?.[0].slice(1, -1) ?? 'nothing shown')
})

test('what is done to one page does not touch another', async ({ page, context }) => {
  const [one, other] = [new DemoPage(page), new DemoPage(await context.newPage())]
  for (const each of [one, other]) await each.open(server.origin)
  await one.break('rst')
  await one.count('opens', 2)
  await other.count('closes', 0)
})

test('the plots show it all, in figures and in pixels', async ({ page }) => {
  const demo = new DemoPage(page)
  await demo.open(server.origin)
  for (const [index, code] of ['1001', '1000', '1012'].entries()) {
    await demo.break('close', { code })
    await demo.count('closes', index + 1)
    await page.click('#send')
    await demo.count('opens', index + 2)
  }
  await expect(page.locator('#plot-messages-now')).toHaveText('3 sent, 3 received, 0 lost')
  await expect(page.locator('#plot-outbox-now')).toHaveText('0 waiting')
  await expect(page.locator('#plot-delays-now')).toHaveText('3 of 3 within the bounds')
  await expect(page.locator('#plot-rtts-now')).toHaveText(/^last \d+\.\d ms$/)
  for (const [name, color] of [
    ['states', 'open'],
    ['states', 'connecting'],
    ['rtts', 'closed'],
    ['delays', 'connecting'],
    ['delays', 'bounds'],
    ['outbox', 'closing'],
    ['messages', 'open'],
    ['messages', 'error'],
  ] as const)
    expect([name, color, await demo.painted(`plot-${name}`, color)]).toEqual([name, color, true])
})

test('the herd is simulated beside the page, with a bar that fills', async ({ page }) => {
  await page.goto(server.origin)
  const herd = page.locator('#herd')
  await type(herd.locator('[name="clients"]'), '2000')
  await herd.locator('[name="backoff"]').selectOption('constant')
  await herd.getByRole('button').click()
  await expect(page.locator('#herd-summary')).toHaveText(
    /^Busiest second: 2,000 dials, 100 % of the clients\. .*99 % are back after \d+ s; at best 50 s\.$/,
  )
  await expect(page.locator('#herd-progress')).toHaveJSProperty('value', 1)
  await herd.locator('[name="backoff"]').selectOption('exponential')
  await herd.getByRole('button').click()
  // by chance: about 630
  await expect(page.locator('#herd-summary')).toHaveText(
    /^Busiest second: [4-8]\d\d dials, [2-4]\d % of the clients/,
  )
  for (const color of ['connecting', 'open'])
    expect([color, await new DemoPage(page).painted('herd-plot', color)]).toEqual([color, true])
})
