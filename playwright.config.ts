import { defineConfig } from '@playwright/test'
import { launchOptions } from './e2e/launch.js'
import { findBrowser } from './scripts/browsers.mjs'

/** They need all of Playwright, which cannot drive a WebKit that is not its own; `engine.ts` can. */
const playwrightOnly = /demo.*\.spec\.ts/

/** What one engine is enough for. */
const chromiumOnly = /@chromium/

/** What takes long and is about the page rather than about its sockets: in `npm test` in one engine, in all of them here. */
const lookedAtOnce = process.env.EVEROPEN_DEMO === 'all' ? [] : /demo\.(access|chaos|timeline)\.spec\.ts/

export default defineConfig({
  testDir: 'e2e',
  outputDir: 'test-results',
  // much of the time each waits for something
  workers: 4,
  // a machine may be busy with something else
  timeout: 120_000,
  expect: { timeout: 30_000 },
  forbidOnly: Boolean(process.env.CI),
  reporter: [['list'], ['json', { outputFile: '.cache/playwright.json' }]],
  projects: [
    { name: 'chromium', use: { browserName: 'chromium', launchOptions: launchOptions('chromium') } },
    {
      name: 'firefox',
      grepInvert: chromiumOnly,
      testIgnore: lookedAtOnce,
      use: { browserName: 'firefox', launchOptions: launchOptions('firefox') },
    },
    {
      name: 'webkit',
      grepInvert: chromiumOnly,
      use: { browserName: 'webkit' },
      testIgnore: findBrowser('webkit')?.own ? lookedAtOnce : playwrightOnly,
    },
  ],
})
