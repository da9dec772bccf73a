/**
 * A page in each engine that asks what to measure. Nothing drives it meanwhile: a driver that watches the network is told
 * of each message, and that takes longer than the message.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { webkit } from '@playwright/test'
import { chromiumArgs, launchOptions } from '../../e2e/launch.js'
import { launchWebKit } from '../../e2e/webkit.js'
import { type EngineName, findBrowser } from '../../scripts/browsers.mjs'
import { measure, type PageLoad, type Rates } from './page.js'

export interface Tab {
  measure(load: PageLoad): Promise<Rates>
  close(): Promise<void>
}

/** No tab of its own and nothing sent to Mozilla. */
const preferences = `
  user_pref('browser.aboutwelcome.enabled', false)
  user_pref('browser.shell.checkDefaultBrowser', false)
  user_pref('datareporting.policy.dataSubmissionEnabled', false)
  user_pref('toolkit.telemetry.reportingpolicy.firstRun', false)
`

/** Of the page: asks, measures and answers, for ever. What runs this file may wrap functions in a helper `__name`. */
const page = `<!doctype html><title>bench</title><script src="/everopen.min.js"></script><script type="module">
  globalThis.__name = (given) => given
  const measure = ${String(measure)}
  const ask = async (said) => (await fetch('/', { method: 'POST', body: JSON.stringify(said) })).json()
  for (let said = {}; ; ) {
    const load = await ask(said)
    said = await measure(load).then((rates) => ({ rates }), (error) => ({ error: String(error) }))
  }
</script>`

/** Undefined where there is no such engine. */
export async function openTab(engine: EngineName): Promise<Tab | undefined> {
  const found = findBrowser(engine)
  if (!found) return undefined
  const site = await serve()
  const close = await launch(engine, found, site.origin)
  return {
    measure: site.ask,
    async close() {
      await close()
      await site.stop()
    },
  }
}

interface Answer {
  readonly rates?: Rates
  readonly error?: string
}

async function serve(): Promise<{
  origin: string
  ask(load: PageLoad): Promise<Rates>
  stop(): Promise<void>
}> {
  let waiting: ((response: ServerResponse) => void) | undefined
  let idle: ServerResponse | undefined
  let answered: ((answer: Answer) => void) | undefined
  const http = createServer((request, response) => {
    // isolated, it has a clock that is fine enough
    response.setHeader('cross-origin-opener-policy', 'same-origin')
    response.setHeader('cross-origin-embedder-policy', 'require-corp')
    void (async () => {
      if (request.method === 'POST') {
        let text = ''
        for await (const chunk of request) text += String(chunk)
        answered?.(JSON.parse(text) as Answer)
        if (waiting) waiting(response)
        else idle = response
      } else if (request.url === '/') response.setHeader('content-type', 'text/html').end(page)
      else if (request.url === '/everopen.min.js')
        response
          .setHeader('content-type', 'text/javascript')
          .end(await readFile(new URL('../../dist/everopen.min.js', import.meta.url)))
      else response.writeHead(404).end()
    })()
  })
  http.listen(0, '127.0.0.1')
  await once(http, 'listening')
  return {
    origin: `http://127.0.0.1:${(http.address() as AddressInfo).port}/`,
    async ask(load) {
      const response = idle ?? (await new Promise<ServerResponse>((resolve) => (waiting = resolve)))
      idle = waiting = undefined
      const answer = new Promise<Answer>((resolve) => (answered = resolve))
      response.end(JSON.stringify(load))
      const { rates, error } = await answer
      if (!rates) throw new Error(error)
      return rates
    },
    async stop() {
      http.closeAllConnections()
      await new Promise((resolve) => http.close(resolve))
    },
  }
}

/** Returns what ends it. */
async function launch(
  engine: EngineName,
  { executablePath, own }: { readonly executablePath: string; readonly own: boolean },
  url: string,
): Promise<() => Promise<void>> {
  if (engine === 'webkit') {
    if (!own) {
      const { driver, close } = await launchWebKit(executablePath)
      await driver.get(url)
      return close
    }
    const browser = await webkit.launch(launchOptions(engine))
    await (await browser.newPage()).goto(url)
    return () => browser.close()
  }
  const profile = await mkdtemp(path.join(tmpdir(), 'everopen-bench-'))
  await writeFile(path.join(profile, 'user.js'), preferences)
  const args =
    engine === 'chromium'
      ? [...chromiumArgs, '--headless', `--user-data-dir=${profile}`, url]
      : ['--headless', '--no-remote', '--profile', profile, url]
  const browser = spawn(executablePath, args, { stdio: 'ignore' })
  return async () => {
    browser.kill()
    if (browser.exitCode === null && browser.signalCode === null) await once(browser, 'exit')
    await rm(profile, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 })
  }
}
