/** How Playwright starts an engine: its own build, or the system's. */
import type { LaunchOptions } from '@playwright/test'
import { type EngineName, findBrowser } from '../scripts/browsers.mjs'

export const chromiumArgs = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

export function launchOptions(engine: EngineName): LaunchOptions {
  const browser = findBrowser(engine)
  return {
    ...(browser && { executablePath: browser.executablePath }),
    // WebDriver BiDi, which a Firefox that nobody patched understands
    ...(engine === 'firefox' && browser?.own === false && { channel: 'moz-firefox' }),
    ...(engine === 'chromium' && { args: chromiumArgs }),
  }
}
