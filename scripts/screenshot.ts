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
for (const [name, colorScheme, width] of [
  ['demo', 'light', 1_000],
  ['demo-dark', 'dark', 1_000],
  ['demo-phone', 'light', 390],
] as const) {
  const page = await browser.newPage({
    colorScheme,
    viewport: { width, height: 1_000 },
    deviceScaleFactor: 2,
    reducedMotion: 'reduce',
  })
  await page.goto(server.origin)
  for (const how of ['1001', 'rst']) {
    await page.locator('#states [data-state=open][aria-current]').waitFor()
    await page.click('#send')
    await page.click(`[data-how="${how}"]`)
    await page.locator('#states [data-state=connecting][aria-current]').waitFor()
    await page.click('#send')
  }
  await page.evaluate(() => scrollTo(0, 0))
  await page.screenshot({ path: `${docs}${name}.png` })
  await page.close()
}
await browser.close()
await server.stop()
