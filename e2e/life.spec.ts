/** The life of a page: the network goes and comes back, and so does the page. */
import { startProxy } from '../test/faults/proxy.js'
import { serve, TEXT } from '../test/faults/raw-server.js'
import { expect, type Tab, test } from './engine.js'
import { again, type InPage, opened, site, startMeeting, stopMeeting } from './meet.js'

test.beforeAll(startMeeting)
test.afterAll(stopMeeting)

/** What follows is not looked at: a machine may be too busy to answer the next ping in time. */
const lostToSilence = [...opened, 'open → connecting', 'close 1006 (client, unclean, retries)', ...again]

const told = (tab: Tab): Promise<string[]> => tab.evaluate(() => (globalThis as unknown as InPage).told)

async function open(tab: Tab, url: string, options: object = {}): Promise<void> {
  await tab.goto(site.origin)
  await tab.evaluate(([url, options]) => (globalThis as unknown as InPage).start(url, options), [
    url,
    options,
  ] as const)
  await tab.until(() => (globalThis as unknown as InPage).told.includes('open 0'))
}

test('offline in truth, and back: the connection is good again', async ({ tab }, info) => {
  const { page } = tab
  test.skip(!page, 'WebDriver cannot take a page offline')
  const server = await serve((connection) => void connection.accept())
  try {
    await open(tab, server.url)
    await page!.context().setOffline(true)
    await tab.until(() => !navigator.onLine)
    await page!.context().setOffline(false)
    await tab.until(() => navigator.onLine)
    await tab.evaluate(() =>
      (globalThis as unknown as { socket: { send(data: string): void } }).socket.send('here'),
    )
    await expect.poll(() => server.connections.flatMap(({ texts }) => texts)).toEqual(['here'])
    expect(await told(tab), info.project.name).toEqual(opened)
  } finally {
    await server.stop()
  }
})

test('offline as a lie: nothing happens to a good connection', async ({ tab }, info) => {
  test.skip(info.project.name !== 'chromium', 'only Chromium can be made to lie')
  const server = await serve((connection) => void connection.accept())
  try {
    await open(tab, server.url)
    const devtools = await tab.page!.context().newCDPSession(tab.page!)
    for (const offline of [true, false]) {
      await devtools.send('Network.overrideNetworkState' as 'Network.emulateNetworkConditions', {
        offline,
        latency: 0,
        downloadThroughput: -1,
        uploadThroughput: -1,
      })
      await tab.until((onLine) => navigator.onLine === onLine, !offline)
    }
    await tab.evaluate(() =>
      (globalThis as unknown as { socket: { send(data: string): void } }).socket.send('here'),
    )
    const { texts } = await server.connection(0).then(async (connection) => {
      await connection.frame(1)
      return connection
    })
    expect(texts).toEqual(['here'])
    expect(await told(tab)).toEqual(opened)
  } finally {
    await server.stop()
  }
})

test('half-open, with a heartbeat message: one ping, a verdict after its timeout, and a redial', async ({
  tab,
}) => {
  const heartbeat = { interval: 300, timeout: 300, message: 'are you there?' }
  const server = await serve(async (connection, n) => {
    if (n === 0) connection.answers = 'nothing'
    await connection.accept()
    for (let count = 1; n > 0; count++) {
      await connection.frame(TEXT, count)
      connection.send('yes')
    }
  })
  try {
    await open(tab, server.url, { heartbeat })
    await tab.until(() => (globalThis as unknown as InPage).told.includes('open 1 again'))
    expect((await told(tab)).slice(0, lostToSilence.length)).toEqual(lostToSilence)
    const [silent, next] = server.connections
    expect(silent!.texts).toEqual(['are you there?'])
    expect(next!.at - silent!.at).toBeGreaterThan(0.8 * heartbeat.interval + heartbeat.timeout - 5)
  } finally {
    await server.stop()
  }
})

test('a network that swallows every word: the heartbeat finds out, and the next connection is good', async ({
  tab,
}) => {
  const proxy = await startProxy()
  try {
    await open(tab, proxy.url, { heartbeat: { interval: 500, timeout: 1_000, message: 'ping' } })
    proxy.passages[0]!.halfOpen()
    await tab.until(() => (globalThis as unknown as InPage).told.includes('open 1 again'))
    const events = (await told(tab)).filter((word) => !/^(message|heartbeat)/.test(word))
    expect(events.slice(0, lostToSilence.length)).toEqual(lostToSilence)
    await tab.evaluate(() =>
      (globalThis as unknown as { socket: { send(data: string): void } }).socket.send('here'),
    )
    await expect.poll(() => proxy.received.at(-1)).toContain('here')
  } finally {
    await proxy.stop()
  }
})

test('a page that goes elsewhere takes its connection with it', async ({ tab }) => {
  const server = await serve((connection) => void connection.accept())
  try {
    await open(tab, server.url)
    const first = await server.connection(0)
    // a cache of pages must not keep it
    await tab.evaluate(() => addEventListener('unload', () => {}))
    await tab.goto('about:blank')
    await first.ended
    expect(server.connections.length).toBe(1)
  } finally {
    await server.stop()
  }
})

test('out and back through the cache of pages: a fresh connection, and nothing sent twice', async ({
  tab,
}, info) => {
  test.skip(info.project.name !== 'webkit', 'Playwright turns the cache of pages off')
  const server = await serve((connection) => void connection.accept())
  try {
    await open(tab, server.url)
    await tab.evaluate(() => {
      const { socket } = globalThis as unknown as { socket: { send(data: string): void } }
      addEventListener('pageshow', ({ persisted }) => Object.assign(globalThis, { persisted }))
      socket.send('once')
    })
    await (await server.connection(0)).frame(1)
    await tab.goto(`${site.origin}/watch.js`)
    await (
      await server.connection(0)
    ).ended
    await tab.evaluate(() => void setTimeout(() => history.back()))
    await tab.until(() => (globalThis as unknown as { persisted?: boolean }).persisted === true)
    await tab.until(() => (globalThis as unknown as InPage).told.some((word) => /^open \d again$/.test(word)))
    await tab.evaluate(() =>
      (globalThis as unknown as { socket: { send(data: string): void } }).socket.send('back'),
    )
    await (await server.connection(1)).frame(1)
    expect(server.connections.map(({ texts }) => texts)).toEqual([['once'], ['back']])
    expect(server.live).toBe(1)
  } finally {
    await server.stop()
  }
})
