/** `npm run screenshot`: the pictures of the README, taken of the demo as it is. */
import { mkdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { chromium } from '@playwright/test'
import { startServer } from '../demo/server.js'
import { findBrowser } from './browsers.mjs'

const docs = fileURLToPath(new URL('../docs/', import.meta.url))
mkdirSync(docs, { recursive: true })
const executablePath = findBrowser('chromium')?.executablePath
const server = await startServer()
const browser = await chromium.launch({
  ...(executablePath && { executablePath }),
  args: ['--no-sandbox', '--disable-gpu'],
})
for (const [name, colorScheme] of [
  ['demo', 'light'],
  ['demo-dark', 'dark'],
] as const) {
  const page = await browser.newPage({
    colorScheme,
    viewport: { width: 1_080, height: 1_600 },
    deviceScaleFactor: 1.5,
    reducedMotion: 'reduce',
  })
  const opens = (count: number): Promise<unknown> =>
    page.locator('#opens', { hasText: new RegExp(`^${count}$`) }).waitFor()
  const act = (how: string): Promise<void> => page.click(`[data-act="${how}"] button`)
  await page.goto(server.origin)
  await opens(1)
  await page.check('#with-session')
  // the bare WebSocket is gone for good
  await act('rst')
  await opens(2)
  await page.locator('[data-name="reconnecting"] [data-column="opens"]', { hasText: '2' }).waitFor()
  // only everopen notices
  await act('stall')
  await opens(3)
  await page.locator('[data-name="reconnecting"] [data-column="pending"]', { hasText: /^1\d$/ }).waitFor()
  // 1012 is waited for the longest
  await page.fill('[name="code"]', '1012')
  await act('close')
  await page.locator('.place.lit[data-place="waiting"]').waitFor()
  await page.evaluate(() => {
    ;(document.activeElement as HTMLElement).blur()
    scrollTo(0, 0)
  })
  await page.mouse.move(0, 0)
  const end = await page.locator('section', { has: page.locator('#race') }).boundingBox()
  if (!end) throw new Error('the page has no table of sockets')
  await page.screenshot({
    path: `${docs}${name}.png`,
    clip: { x: 0, y: 0, width: 1_080, height: end.y + end.height + 8 },
  })
  await page.close()
}
await browser.close()
await server.stop()
