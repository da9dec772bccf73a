/** Finds a Chromium to test with, and installs one where none is found and that can be done. */
import { accessSync, constants } from 'node:fs'
import path from 'node:path'
import { createRequire } from 'node:module'
import { apt, canApt, run } from './apt.mjs'

const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable']
const places = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
]

/** Path of Playwright's own Chromium, else of one on the system, else undefined. */
export function findChromium() {
  const { chromium } = createRequire(import.meta.url)('@playwright/test')
  const onPath = (process.env.PATH ?? '')
    .split(path.delimiter)
    .flatMap((dir) => names.map((name) => path.join(dir, name)))
  return [chromium.executablePath(), ...onPath, ...places].find(isProgram)
}

function isProgram(file) {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** What to run where nothing could be found or installed. */
export const advice = 'No Chromium found. Install one with: npx playwright install chromium'

/** Installs a Chromium unless there is one. Throws with one sentence that says what to run. */
export function ensureChromium() {
  if (findChromium()) return
  if (canApt()) {
    console.log('Installing Chromium with apt-get (once, about a minute) …')
    apt('chromium')
  } else {
    console.log("Installing Playwright's Chromium (once) …")
    run('npx', ['playwright', 'install', 'chromium'])
  }
  if (!findChromium()) throw new Error(advice)
}
