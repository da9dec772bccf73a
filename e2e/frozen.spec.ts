/** A tab that nobody sees: hidden, then frozen, then back. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { createInterface } from 'node:readline'
import type { Page } from '@playwright/test'
import { findBrowser } from '../scripts/browsers.mjs'
import { startProxy } from '../test/faults/proxy.js'
import { chromiumArgs } from './launch.js'
import { expect, test } from './engine.js'
import { again, type InPage, opened, site, startMeeting, stopMeeting } from './meet.js'

test.beforeAll(startMeeting)
test.afterAll(stopMeeting)

/** Where a Chromium listens that was started as by a user: under Playwright's `launch()` every tab stays visible. */
async function devtools(browser: ChildProcess): Promise<string> {
  for await (const line of createInterface({ input: browser.stderr! })) {
    const url = /DevTools listening on (ws:\S+)/.exec(line)?.[1]
    if (url !== undefined) return url
  }
  throw new Error('the browser ended')
}

test('hidden, then frozen, then back: a good connection', async ({ playwright }, info) => {
  test.skip(info.project.name !== 'chromium', 'only Chromium can be told to freeze a page')
  test.setTimeout(30_000)
  const profile = await mkdtemp(path.join(tmpdir(), 'everopen-'))
  const args = ['--headless', '--remote-debugging-port=0', `--user-data-dir=${profile}`, ...chromiumArgs]
  const child = spawn(findBrowser('chromium')!.executablePath, args, { stdio: ['ignore', 'ignore', 'pipe'] })
  const gone = once(child, 'exit')
  const proxy = await startProxy()
  try {
    const browser = await playwright.chromium.connectOverCDP(await devtools(child), { noDefaults: true })
    const context = browser.contexts()[0]!
    const page = await context.newPage()
    await page.goto(site.origin)
    await page.evaluate((url) => {
      ;(globalThis as unknown as InPage).start(url, {
        heartbeat: { interval: 5_000, timeout: 5_000, message: 'ping' },
      })
    }, proxy.url)
    const told = (): Promise<string[]> =>
      page.evaluate(() =>
        (globalThis as unknown as InPage).told.filter((word) => !/^(message|heartbeat)/.test(word)),
      )
    await expect.poll(told).toEqual(opened)

    const other: Page = await context.newPage()
    await other.bringToFront()
    await expect.poll(() => page.evaluate(() => document.visibilityState)).toBe('hidden')
    const session = await context.newCDPSession(page)
    await session.send('Page.setWebLifecycleState', { state: 'frozen' })
    await session.send('Page.setWebLifecycleState', { state: 'active' })
    await page.bringToFront()
    await expect.poll(async () => (await told()).at(-1), { timeout: 15_000 }).toMatch(/^open/)
    const events = await told()
    expect(events.slice(0, 2)).toEqual(opened)
    if (events.length > 2) expect(events.slice(-2)).toEqual(again)
    await page.evaluate(() =>
      (globalThis as unknown as { socket: { send(data: string): void } }).socket.send('here'),
    )
    await expect.poll(() => proxy.received.at(-1)).toContain('here')
    await browser.close()
  } finally {
    child.kill('SIGKILL')
    await gone
    await proxy.stop()
    await rm(profile, { recursive: true, force: true, maxRetries: 5 })
  }
})
