/** A page that nobody sees: hidden, frozen, in the back/forward cache, and back. Each in a Chromium of its own. */
import type { BrowserContext, Page } from '@playwright/test'
import { type RawServer, serve, TEXT } from '../test/faults/raw-server.js'
import { withChromium } from './chromium.js'
import { expect, test } from './engine.js'
import { again, type InPage, opened, site, startMeeting, stopMeeting } from './meet.js'

test.beforeAll(startMeeting)
test.afterAll(stopMeeting)

const chromiumOnly = { tag: '@chromium' }

const told = (page: Page): Promise<string[]> =>
  page.evaluate(() =>
    (globalThis as unknown as InPage).told.filter((word) => !/^(message|heartbeat)/.test(word)),
  )

async function open(context: BrowserContext, server: RawServer, options: object = {}): Promise<Page> {
  const page = await context.newPage()
  await page.goto(site.origin)
  await page.evaluate(([url, given]) => (globalThis as unknown as InPage).start(url, given), [
    server.url,
    options,
  ] as const)
  await expect.poll(() => told(page)).toEqual(opened)
  return page
}

/** Puts another tab before it. */
async function hide(context: BrowserContext, page: Page): Promise<void> {
  const other = await context.newPage()
  await other.bringToFront()
  await expect.poll(() => page.evaluate(() => document.visibilityState)).toBe('hidden')
}

/** A server that answers each message. */
const answering = (): Promise<RawServer> =>
  serve(async (connection) => {
    await connection.accept()
    for (let count = 1; ; count++) {
      await connection.frame(TEXT, count)
      connection.send('yes')
    }
  })

async function speaks(page: Page, server: RawServer, index: number): Promise<void> {
  await page.evaluate(() =>
    (globalThis as unknown as { socket: { send(data: string): void } }).socket.send('here'),
  )
  await expect.poll(() => server.connections[index]?.texts.at(-1)).toBe('here')
  expect(server.live).toBe(1)
}

test('hidden until timers run once a minute: no verdict', chromiumOnly, async () => {
  test.setTimeout(240_000)
  const server = await answering()
  try {
    await withChromium(async (context) => {
      const heartbeat = { interval: 5_000, timeout: 5_000, message: 'ping' }
      const page = await open(context, server, { heartbeat })
      await page.evaluate(() => {
        const { socket } = globalThis as unknown as { socket: { send(data: string): void } }
        let last = performance.now()
        setInterval(() => {
          if (performance.now() - last > 50_000) socket.send('throttled')
          last = performance.now()
        }, 1_000)
      })
      await hide(context, page)
      // by the server: whoever asks the page keeps it awake
      const connection = await server.connection(0)
      await expect.poll(() => connection.texts, { timeout: 200_000 }).toContain('throttled')
      expect(connection.texts).toContain('ping')
      await page.bringToFront()
      await speaks(page, server, 0)
      expect(await told(page)).toEqual(opened)
    })
  } finally {
    await server.stop()
  }
})

test('frozen and resumed: a fresh connection', chromiumOnly, async () => {
  const server = await answering()
  try {
    await withChromium(async (context) => {
      const page = await open(context, server)
      await hide(context, page)
      const session = await context.newCDPSession(page)
      await session.send('Page.setWebLifecycleState', { state: 'frozen' })
      await session.send('Page.setWebLifecycleState', { state: 'active' })
      await page.bringToFront()
      await expect
        .poll(() => told(page))
        .toEqual([...opened, 'open → connecting', 'close 1006 (network, unclean, retries)', ...again])
      await speaks(page, server, 1)
    })
  } finally {
    await server.stop()
  }
})

test(
  'out and back through the back/forward cache: a fresh connection, nothing sent twice',
  chromiumOnly,
  async () => {
    const server = await answering()
    try {
      await withChromium(async (context) => {
        const page = await open(context, server)
        await page.evaluate(() =>
          addEventListener('pageshow', ({ persisted }) => Object.assign(globalThis, { persisted })),
        )
        await page.goto(`${site.origin}/watch.js`)
        await (
          await server.connection(0)
        ).ended
        await page.evaluate(() => void setTimeout(() => history.back()))
        await expect
          .poll(() =>
            page.evaluate(() => (globalThis as { persisted?: boolean }).persisted).catch(() => undefined),
          )
          .toBe(true)
        await expect
          .poll(() => told(page))
          .toEqual([...opened, 'open → connecting', 'close 1006 (client, unclean, retries)', ...again])
        await speaks(page, server, 1)
        expect(server.connections.map(({ texts }) => texts)).toEqual([[], ['here']])
      })
    } finally {
      await server.stop()
    }
  },
)
