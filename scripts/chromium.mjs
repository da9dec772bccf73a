/** Finds a Chromium to test with, and installs one where none is found and that can be done. */
import { spawnSync } from 'node:child_process'
import { accessSync, constants, existsSync } from 'node:fs'
import path from 'node:path'
import { createRequire } from 'node:module'

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
  if (existsSync('/etc/debian_version') && process.getuid?.() === 0) {
    console.log('Installing Chromium with apt-get (once, about a minute) …')
    run('apt-get', ['update', '-qq'])
    run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', 'chromium'])
  } else {
    console.log("Installing Playwright's Chromium (once) …")
    run('npx', ['playwright', 'install', 'chromium'])
  }
  if (!findChromium()) throw new Error(advice)
}

function run(command, args) {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  const { status, stderr } = spawnSync(command, args, {
    env,
    stdio: ['ignore', 'ignore', 'pipe'],
    encoding: 'utf8',
  })
  if (status !== 0) console.log(stderr ?? '')
}
