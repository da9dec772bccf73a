/** A Chromium as a user starts it: pages can be hidden, frozen and kept in the back/forward cache, as under `launch()` none is. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { type Browser, type BrowserContext, chromium } from '@playwright/test'
import { findBrowser } from '../scripts/browsers.mjs'
import { chromiumArgs } from './launch.js'

/** Runs `work` with the windows of such a browser, which ends with it. Now and then one answers nobody: then with another. */
export async function withChromium(
  work: (context: BrowserContext) => Promise<void>,
  tries = 3,
): Promise<void> {
  let browser: Browser | undefined
  await withBrowser(async (url) => {
    browser = await chromium
      .connectOverCDP(url, { noDefaults: true, timeout: 10_000 })
      .catch((error: unknown) => {
        if (tries === 1) throw error
        return undefined
      })
    if (browser) await work(browser.contexts()[0]!)
    await browser?.close()
  })
  if (!browser) await withChromium(work, tries - 1)
}

/** The same without Playwright, with which no page is prerendered: all that can be done from here is to open a page. */
export async function withBareChromium(
  work: (open: (page: string) => Promise<void>) => Promise<void>,
): Promise<void> {
  await withBrowser((url) =>
    work(async (page) => {
      await fetch(`http://${new URL(url).host}/json/new?${page}`, { method: 'PUT' })
    }),
  )
}

/** @param work Is given the URL of its developer tools. */
async function withBrowser(work: (url: string) => Promise<void>): Promise<void> {
  const profile = await mkdtemp(path.join(tmpdir(), 'everopen-'))
  const args = [
    '--headless',
    '--remote-debugging-port=0',
    `--user-data-dir=${profile}`,
    // for a user it is five minutes
    '--enable-features=IntensiveWakeUpThrottling:grace_period_seconds/10',
    ...chromiumArgs,
  ]
  const child = spawn(findBrowser('chromium')!.executablePath, args, { stdio: ['ignore', 'ignore', 'pipe'] })
  const gone = once(child, 'exit')
  try {
    await work(await devtools(child))
  } finally {
    child.kill('SIGKILL')
    await gone
    await rm(profile, { recursive: true, force: true, maxRetries: 5 })
  }
}

async function devtools(browser: ChildProcess): Promise<string> {
  for await (const line of createInterface({ input: browser.stderr! })) {
    const url = /DevTools listening on (ws:\S+)/.exec(line)?.[1]
    if (url !== undefined) {
      // it must not wait for a reader of what else it says
      browser.stderr!.resume()
      return url
    }
  }
  throw new Error('the browser ended')
}
