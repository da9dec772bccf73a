/** A connection that is given up while the page still holds messages of it: the engine may send them after all. */
import { once } from 'node:events'
import { pass, stall, startProxy } from '../test/faults/proxy.js'
import { expect, test } from './engine.js'
import { type InPage, site, startMeeting, stopMeeting } from './meet.js'

test.beforeAll(startMeeting)
test.afterAll(stopMeeting)

const KIB = 1_024
const COUNT = 200

interface Sends {
  readonly socket: {
    readonly bufferedAmount: number
    readonly outbox: { readonly size: number }
    send(data: string): void
    reconnect(): void
  }
}

const ways: Readonly<Record<string, object>> = {
  'by reconnect()': { heartbeat: false },
  "by the heartbeat's verdict": { heartbeat: { interval: 500, timeout: 500, message: 'ping' } },
}

for (const [way, options] of Object.entries(ways))
  test(`${way}, towards a peer that reads nothing for a while: no message twice`, async ({ tab }) => {
    const proxy = await startProxy(undefined, { echo: false })
    try {
      await tab.goto(site.origin)
      await tab.evaluate(([url, given]) => (globalThis as unknown as InPage).start(url, given), [
        proxy.url,
        { ...options, closeTimeout: 1_000, outbox: { highWaterMark: 1e9, maxBytes: 1e9 } },
      ] as const)
      await tab.until(() => (globalThis as unknown as InPage).told.includes('open 0'))
      proxy.passages[0]!.up.fault = stall
      await tab.evaluate(
        ([count, size]) => {
          const { socket } = globalThis as unknown as Sends
          for (let i = 0; i < count; i++) socket.send(`${i} ${'x'.repeat(size)}`)
        },
        [COUNT, 100 * KIB] as const,
      )
      if (way === 'by reconnect()')
        await tab.evaluate(() => (globalThis as unknown as Sends).socket.reconnect())
      await tab.until(() =>
        (globalThis as unknown as InPage).told.some((word) => /^open \d again/.test(word)),
      )
      proxy.passages[0]!.up.fault = pass
      // the engine has said all that it had to say there
      const { client } = proxy.passages[0]!
      if (!client.destroyed) await once(client, 'close')
      await tab.evaluate(() => (globalThis as unknown as Sends).socket.send('last '))
      await expect.poll(() => proxy.received.flat()).toContain('last ')
      const numbers = proxy.received.flat().flatMap((text) => /^\d+/.exec(text) ?? [])
      expect(numbers.length).toBeGreaterThan(0)
      expect(new Set(numbers).size).toBe(numbers.length)
    } finally {
      await proxy.stop()
    }
  })
