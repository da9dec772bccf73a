/** The ways into a page: script tag, ES module, worker, under a strict policy. Each survives five closes by the server. */
import { readFileSync } from 'node:fs'
import { expect, test } from './engine.js'
import { startSite } from './site.js'

interface PackageJson {
  readonly unpkg: string
  readonly exports: {
    readonly '.': {
      readonly browser: { readonly default: string; readonly production: { readonly default: string } }
    }
  }
}

const { unpkg, exports } = JSON.parse(
  readFileSync(new URL('../package.json', import.meta.url), 'utf8'),
) as PackageJson
const esm = exports['.'].browser.default

const CLOSES = 5

const script = `/${unpkg.replace('./', '')}`
const module = `/${esm.replace('./', '')}`
const production = `/${exports['.'].browser.production.default.replace('./', '')}`

/** A message for each connection; the server echoes it and closes, five times. A page and a worker both understand it. */
const app = `
  const socket = new ReconnectingSocket(location.origin.replace('http', 'ws'), { retry: { backoff: () => 5 } })
  const told = []
  socket.on('open', ({ reconnected }) => {
    told.push('open ' + reconnected)
    socket.send('hello ' + told.length)
  })
  socket.on('message', (data) => {
    told.push('message ' + data)
    if (data === 'hello ${CLOSES * 3 + 1}') socket.close(1000, 'done')
  })
  socket.on('error', (error) => told.push('error ' + error.code))
  socket.on('close', ({ code, reason, wasClean, willRetry }) => told.push(['close', code, reason, wasClean, willRetry].join(' ')))
  socket.closed.then(() => {
    told.push(socket.state)
    if (globalThis.document) window.told = told
    else postMessage(told)
  })
`
const byScript = `const { ReconnectingSocket } = everopen;${app}`
const byModule = `import { ReconnectingSocket } from '${module}';${app}`

/** No inline script, nothing evaluated, and one place to connect to. */
const strict = {
  'content-security-policy': "default-src 'none'; script-src 'self'; connect-src ws:; base-uri 'none'",
}

const scripts = {
  '/script.js': byScript,
  '/module.js': byModule,
  '/worker.js': byModule,
  '/classic-worker.js': `importScripts('${script}');${byScript}`,
}
const pages = {
  'a script tag': `<script src="${script}"></script><script>${byScript}</script>`,
  'a module': `<script type="module">${byModule}</script>`,
  'a module of the production build': `<script type="module">${byModule.replace(module, production)}</script>`,
  'a worker': `<script>new Worker('/classic-worker.js').onmessage = ({ data }) => (window.told = data)</script>`,
  'a module in a worker': `<script>new Worker('/worker.js', { type: 'module' }).onmessage = ({ data }) => (window.told = data)</script>`,
  'a script tag under a strict policy': {
    body: `<script src="${script}"></script><script src="/script.js"></script>`,
    headers: strict,
  },
  'a module under a strict policy': {
    body: `<script type="module" src="/module.js"></script>`,
    headers: strict,
  },
}

interface InPage {
  readonly told?: string[]
  readonly problems: string[]
}

for (const [way, page] of Object.entries(pages))
  test(`${way}: five closes by the server, six connections, nothing lost`, async ({ tab }) => {
    const site = await startSite({ ...scripts, '/': page }, CLOSES)
    try {
      await tab.goto(site.origin)
      await tab.until(() => (globalThis as unknown as InPage).told !== undefined)
      const { told, problems } = await tab.evaluate(() => {
        const { told, problems } = globalThis as unknown as InPage
        return { told, problems }
      })
      const expected = Array.from({ length: CLOSES }, (_, i) => [
        `open ${i > 0}`,
        `message hello ${i * 3 + 1}`,
        `close 1001 close ${i + 1} true true`,
      ]).flat()
      expect(told).toEqual([
        ...expected,
        'open true',
        `message hello ${CLOSES * 3 + 1}`,
        'close 1000 done true false',
        'closed',
      ])
      expect(site.connections()).toBe(CLOSES + 1)
      expect(problems).toEqual([])
    } finally {
      await site.stop()
    }
  })
