/** Finds the browser engines to test with, and installs what is missing where that can be done. */
import { accessSync, constants, existsSync, readdirSync } from 'node:fs'
import path from 'node:path'
import { createRequire } from 'node:module'
import { apt, canApt, run } from './apt.mjs'

/** Each engine: its programs on the system, and the packages of Debian that have them. */
const engines = {
  chromium: {
    title: 'Chromium',
    names: ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'],
    places: [
      '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
      '/Applications/Chromium.app/Contents/MacOS/Chromium',
      'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
    ],
    packages: ['chromium'],
  },
  firefox: { title: 'Firefox', names: ['firefox-esr'], places: [], packages: ['firefox-esr'] },
  webkit: { title: 'WebKit', names: [], places: [], packages: ['webkit2gtk-driver', 'xvfb'] },
}

/**
 * Where an engine is: Playwright's own build of it, else one on the system (`own: false`), else undefined. WebKit on the
 * system is WebKitGTK's MiniBrowser, with its driver and Xvfb beside it.
 */
export function findBrowser(engine) {
  const own = createRequire(import.meta.url)('@playwright/test')[engine].executablePath()
  if (isProgram(own)) return { executablePath: own, own: true }
  const { names, places } = engines[engine]
  const executablePath = [
    ...names.flatMap(onPath),
    ...places,
    ...(engine === 'webkit' ? miniBrowsers() : []),
  ].find(isProgram)
  if (executablePath === undefined) return undefined
  if (engine === 'webkit' && !['WebKitWebDriver', 'Xvfb'].every((name) => onPath(name).some(isProgram)))
    return undefined
  return { executablePath, own: false }
}

/** What to run where an engine could neither be found nor installed. */
export function advice(engine) {
  return `No ${engines[engine].title} found. Install one with: npx playwright install ${engine}`
}

/**
 * Installs the engines that are missing. Throws where there is no Chromium; says so where another one is missing, whose
 * tests are skipped, or fail where CI is set.
 */
export function ensureBrowsers() {
  const missing = Object.keys(engines).filter((engine) => !findBrowser(engine))
  if (missing.length === 0) return
  console.log(
    `Installing ${missing.map((engine) => engines[engine].title).join(', ')} (once, about a minute) …`,
  )
  if (canApt()) apt(...missing.flatMap((engine) => engines[engine].packages))
  else run('npx', ['playwright', 'install', ...missing])
  for (const engine of missing) {
    if (findBrowser(engine)) continue
    if (engine === 'chromium') throw new Error(advice(engine))
    console.log(`${advice(engine)}. Without it, its tests are ${process.env.CI ? 'failures' : 'skipped'}.`)
  }
}

function onPath(name) {
  return (process.env.PATH ?? '').split(path.delimiter).map((dir) => path.join(dir, name))
}

function miniBrowsers() {
  const lib = '/usr/lib'
  if (!existsSync(lib)) return []
  return readdirSync(lib).flatMap((arch) =>
    ['4.1', '6.0', '4.0'].map((version) => path.join(lib, arch, `webkit2gtk-${version}`, 'MiniBrowser')),
  )
}

function isProgram(file) {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}
