/** WebKitGTK, by WebDriver, on a screen that nobody sees. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import type { Readable } from 'node:stream'
import { Builder, type WebDriver } from 'selenium-webdriver'

export interface WebKit {
  readonly driver: WebDriver
  close(): Promise<void>
}

export async function launchWebKit(binary: string, more: Record<string, unknown> = {}): Promise<WebKit> {
  const screen = spawn('Xvfb', ['-displayfd', '3', '-screen', '0', '1280x800x24', '-nolisten', 'tcp'], {
    stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
  })
  const [display] = (await once(screen.stdio[3] as Readable, 'data')) as [Buffer]
  const port = await freePort()
  const service = spawn('WebKitWebDriver', [`--port=${port}`], {
    stdio: 'ignore',
    // without a locale it calls its language `C`, which is none that Intl knows
    env: { ...process.env, LC_ALL: 'en_US.UTF-8', DISPLAY: `:${String(display).trim()}` },
  })
  await answers(port, service)
  const driver = await new Builder()
    .usingServer(`http://127.0.0.1:${port}`)
    .withCapabilities({
      browserName: 'MiniBrowser',
      ...more,
      'webkitgtk:browserOptions': { binary, args: ['--automation'] },
    })
    .build()
  await driver.manage().setTimeouts({ script: 60_000, pageLoad: 60_000 })
  return {
    driver,
    async close() {
      await driver.quit().catch(() => {})
      for (const process of [service, screen]) {
        const gone = once(process, 'exit')
        process.kill('SIGKILL')
        await gone
      }
    },
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

async function answers(port: number, service: ChildProcess): Promise<void> {
  while (service.exitCode === null) {
    const status = await fetch(`http://127.0.0.1:${port}/status`).catch(() => undefined)
    if (status?.ok) return
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  throw new Error(`WebKitWebDriver ended with status ${service.exitCode}`)
}
