/** The two ways into a page: the script tag and the ES module. Each stays open through five closes by the server. */
import { readFileSync } from 'node:fs'
import { expect, test } from '@playwright/test'
import { startSite } from './site.js'

interface PackageJson {
  readonly unpkg: string
  readonly exports: { readonly '.': { readonly browser: { readonly default: string } } }
}

const { unpkg, exports } = JSON.parse(
  readFileSync(new URL('../package.json', import.meta.url), 'utf8'),
) as PackageJson
const esm = exports['.'].browser.default

const CLOSES = 5

/** Runs in the page: a message per connection; the server echoes it and closes, five times. */
const app = `
  const socket = new ReconnectingSocket(location.href.replace('http', 'ws'), { retry: { backoff: () => 5 } })
  const told = (window.told = [])
  socket.on('open', ({ reconnected }) => {
    told.push('open ' + reconnected)
    socket.send('hello ' + told.length)
  })
  socket.on('message', (data) => told.push('message ' + data))
  socket.on('error', (error) => told.push('error ' + error.code))
  socket.on('close', ({ code, reason, wasClean, willRetry }) => told.push(['close', code, reason, wasClean, willRetry].join(' ')))
  window.socket = socket
`

const pages = {
  '/script': `<!doctype html><script src="/${unpkg.replace('./', '')}"></script><script>const { ReconnectingSocket } = everopen;${app}</script>`,
  '/module': `<!doctype html><script type="module">import { ReconnectingSocket } from '/${esm.replace('./', '')}';${app}</script>`,
}

for (const path of Object.keys(pages)) {
  test(`${path}: five closes by the server, six connections, nothing lost`, async ({ page }) => {
    const site = await startSite(pages, CLOSES)
    const problems: string[] = []
    page.on('pageerror', (error) => problems.push(error.message))
    try {
      await page.goto(site.origin + path)
      await page.waitForFunction(
        (n) => (window as unknown as { told: string[] }).told?.length === n,
        CLOSES * 3 + 2,
      )
      const last = await page.evaluate(async () => {
        const { socket, told } = window as unknown as {
          socket: { close(code: number, reason: string): void; closed: Promise<unknown>; state: string }
          told: string[]
        }
        socket.close(1000, 'done')
        await socket.closed
        return { told, state: socket.state }
      })
      const expected = Array.from({ length: CLOSES }, (_, i) => [
        `open ${i > 0}`,
        `message hello ${i * 3 + 1}`,
        `close 1001 close ${i + 1} true true`,
      ]).flat()
      expect(last.told).toEqual([
        ...expected,
        'open true',
        `message hello ${CLOSES * 3 + 1}`,
        'close 1000 done true false',
      ])
      expect(last.state).toBe('closed')
      expect(site.connections()).toBe(CLOSES + 1)
      expect(problems).toEqual([])
    } finally {
      await site.stop()
    }
  })
}
