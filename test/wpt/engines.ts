/** The engines that run the suite's pages: each browser visits one page at a time. */
import { type Browser, chromium, firefox, webkit } from '@playwright/test'
import { launchOptions } from '../../e2e/launch.js'
import { launchWebKit } from '../../e2e/webkit.js'
import { advice, type EngineName, findBrowser } from '../../scripts/browsers.mjs'
import { KEPT, type Report } from './report.js'

export interface Visitor {
  /** With its version. */
  readonly version: string
  /** Opens a page; undefined if it has not reported within that time, in ms. */
  visit(url: string, patience: number): Promise<Report | undefined>
  close(): Promise<void>
}

export async function launch(name: EngineName): Promise<Visitor> {
  const found = findBrowser(name)
  if (!found) throw new Error(advice(name))
  if (name === 'webkit' && !found.own) return driven(found.executablePath)
  const options = launchOptions(name)
  if (name === 'chromium') options.args = [...(options.args ?? []), '--ignore-certificate-errors']
  // windows that a test opens
  if (name === 'firefox') options.firefoxUserPrefs = { 'dom.disable_open_during_load': false }
  return played(await { chromium, firefox, webkit }[name].launch(options))
}

async function played(browser: Browser): Promise<Visitor> {
  // one for all: to open another may take longer than a test
  const context = await browser.newContext({ ignoreHTTPSErrors: true })
  const page = await context.newPage()
  return {
    version: browser.version(),
    async visit(url, patience) {
      await page.goto(url, { waitUntil: 'commit' })
      const report = await reported(
        () => page.evaluate((kept) => (globalThis as unknown as Kept)[kept], KEPT),
        patience,
      )
      for (const other of context.pages()) if (other !== page) await other.close()
      await context.clearCookies()
      await page.goto('about:blank')
      return report
    },
    close: () => browser.close(),
  }
}

async function driven(binary: string): Promise<Visitor> {
  const { driver, close } = await launchWebKit(binary, { acceptInsecureCerts: true })
  const version = String((await driver.getCapabilities()).get('browserVersion'))
  const own = await driver.getWindowHandle()
  return {
    version,
    async visit(url, patience) {
      await driver.get(url)
      const report = await reported(
        () => driver.executeScript<Report | null>(`return self.${KEPT}`),
        patience,
      )
      for (const other of await driver.getAllWindowHandles()) {
        if (other === own) continue
        await driver.switchTo().window(other)
        await driver.close()
      }
      await driver.switchTo().window(own)
      await driver.manage().deleteAllCookies()
      await driver.get('about:blank')
      return report
    },
    close,
  }
}

type Kept = Record<string, Report | undefined>

/** Asks until there is a report. A page that is about to be another answers nothing for a moment. */
async function reported(
  ask: () => Promise<Report | null | undefined>,
  patience: number,
): Promise<Report | undefined> {
  const deadline = Date.now() + patience
  while (Date.now() < deadline) {
    const report = await ask().catch(() => undefined)
    if (report) return report
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  return undefined
}
