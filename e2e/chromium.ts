/** A Chromium as a user starts it: pages can be hidden, frozen and kept in the back/forward cache, as under `launch()` none is. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { type BrowserContext, chromium } from '@playwright/test'
import { findBrowser } from '../scripts/browsers.mjs'
import { chromiumArgs } from './launch.js'

/** Runs `work` with the windows of such a browser, which ends with it. */
export async function withChromium(work: (context: BrowserContext) => Promise<void>): Promise<void> {
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
    const browser = await chromium.connectOverCDP(await devtools(child), { noDefaults: true })
    await work(browser.contexts()[0]!)
    await browser.close()
  } finally {
    child.kill('SIGKILL')
    await gone
    await rm(profile, { recursive: true, force: true, maxRetries: 5 })
  }
}

async function devtools(browser: ChildProcess): Promise<string> {
  for await (const line of createInterface({ input: browser.stderr! })) {
    const url = /DevTools listening on (ws:\S+)/.exec(line)?.[1]
    if (url !== undefined) return url
  }
  throw new Error('the browser ended')
}
