/** everopen/tabs: real tabs, one connection, and every kind of end that a leader can be made to meet. */
import type { BrowserContext, Page } from '@playwright/test'
import { readFileSync } from 'node:fs'
import { expect, test } from './engine.js'
import { type Site, startSite } from './site.js'
import { withChromium } from './chromium.js'
import {
  countingServer,
  type Counting,
  type InPage,
  leaderOf,
  opened,
  type OneTab,
  playedTab,
  roleOf,
  say,
  start,
  tabsSite,
  toldOf,
  until,
  withTabs,
} from './tabs.js'

let site: Site
let server: Counting
/** The samples of docs/tabs.md, as pages. */
const samples = [
  ...readFileSync(new URL('../docs/tabs.md', import.meta.url), 'utf8').matchAll(/```js\n([^]*?)```/g),
].map(([, code]) => code!)
test.beforeAll(async () => {
  site = await tabsSite()
})
test.afterAll(() => site.stop())
test.beforeEach(async () => {
  server = await countingServer()
})
test.afterEach(() => server.stop())

const names = ['a', 'b', 'c', 'd', 'e']

test('five tabs, one connection: all hear, each is heard once, a close is told to all', async ({
  engine,
}) => {
  await withTabs(engine, site, async (open) => {
    const tabs: OneTab[] = []
    for (const name of names) tabs.push(await open(name))
    for (const tab of tabs) await start(tab, server.url)
    for (const tab of tabs) await opened(tab)
    expect(server.count).toBe(1)
    for (const tab of tabs) await say(tab, 3)
    const all = names.flatMap((name) => [1, 2, 3].map((n) => `${name}:${n}`))
    await expect.poll(() => [...server.texts].sort()).toEqual(all)
    for (const peer of server.peers) {
      for (const n of [1, 2, 3]) peer.send(`n${n}`)
      peer.close(4001, 'deploy')
    }
    const [first, rest] = [['open', 'message n1', 'message n2', 'message n3', 'close 4001 deploy'], ['open']]
    for (const tab of tabs) await expect.poll(() => toldOf(tab)).toEqual([...first, ...rest])
    expect(server.count).toBe(2)
    expect(server.most).toBe(1)
  })
})

samples.forEach((code, index) =>
  test(`sample ${index + 1} of docs/tabs.md runs`, async ({ tab }) => {
    const imports = { everopen: '/dist/browser/index.js', 'everopen/tabs': '/dist/browser/tabs.js' }
    const body = `<script type="importmap">${JSON.stringify({ imports })}</script><script type="module">${code.replace('wss://example.test/live', server.url)};window.socket = socket</script>`
    const page = await startSite({ '/': body }, 0)
    try {
      await tab.goto(page.origin)
      await tab.until(() => (globalThis as unknown as Partial<InPage>).socket?.state === 'open')
      expect(server.live()).toBe(1)
      expect(await tab.evaluate(() => (globalThis as unknown as { problems: string[] }).problems)).toEqual([])
    } finally {
      await page.stop()
    }
  }),
)

/** 10,000 in the long form: `npm run test:tabs`. */
const MESSAGES = Number(process.env.EVEROPEN_TABS_MESSAGES ?? 300)

test(`${MESSAGES} messages of five tabs, leaders killed in between: once, in order, or gone with its tab`, async ({
  engine,
}) => {
  test.setTimeout(120_000 + MESSAGES * 120)
  await withTabs(engine, site, async (open) => {
    let made = 0
    const begin = async (): Promise<OneTab> => {
      const tab = await open(`t${made++}`)
      // a test sends faster than anybody takes over
      await start(tab, server.url, { outbox: { maxMessages: MESSAGES } })
      return tab
    }
    let tabs: OneTab[] = []
    for (let n = 0; n < 5; n++) tabs.push(await begin())
    /** How many each tab has sent, and whether it is still there. */
    const sent = new Map<string, number>()
    const killed = new Set<string>()
    let total = 0
    let killedAt = 0
    while (total < MESSAGES || killed.size === 0) {
      for (const tab of tabs) {
        sent.set(tab.name, await say(tab, 10))
        total += 10
      }
      const roles = await Promise.all(tabs.map(roleOf))
      const leader = tabs[roles.indexOf('lead')]
      if (!leader || total - killedAt < Math.min(250, MESSAGES / 4)) continue
      killedAt = total
      killed.add(leader.name)
      await leader.close()
      tabs = tabs.filter((tab) => tab !== leader)
      tabs.push(await begin())
    }
    for (const tab of tabs) await opened(tab)
    const arrived = (name: string): number[] =>
      server.texts.filter((text) => text.startsWith(`${name}:`)).map((text) => Number(text.split(':')[1]))
    for (const { name } of tabs)
      await expect
        .poll(() => arrived(name))
        .toEqual(Array.from({ length: sent.get(name) ?? 0 }, (_, index) => index + 1))
    // what did not leave a tab before it was killed is gone with it, from some message on
    for (const name of killed)
      expect(arrived(name)).toEqual(Array.from({ length: arrived(name).length }, (_, index) => index + 1))
    expect(killed.size).toBeGreaterThan(0)
    expect(server.live()).toBe(1)
    console.log(`${total} messages, ${killed.size} leaders killed, ${server.texts.length} arrived`)
  })
})
/** What can happen to a leader, and whether its page is there afterwards. */
const ends: Readonly<Record<string, (leader: OneTab) => Promise<'gone' | 'back' | 'elsewhere'>>> = {
  'its user closes the socket': async (leader) => {
    await leader.evaluate(() => (globalThis as unknown as InPage).socket.close())
    return 'elsewhere'
  },
  'its tab is closed': async (leader) => {
    await leader.close()
    return 'gone'
  },
  'it goes to another page': async (leader) => {
    await leader.goto(`${site.origin}/elsewhere`)
    return 'elsewhere'
  },
  'its event loop stalls': async (leader) => {
    await leader.evaluate(
      () =>
        void setTimeout(() => {
          const end = Date.now() + 8_000
          while (Date.now() < end);
        }),
    )
    return 'back'
  },
}

for (const [name, end] of Object.entries(ends))
  test(`the leader ends, ${name}: another leads, nothing is lost or doubled`, async ({ engine }) => {
    await withTabs(engine, site, async (open) => {
      const tabs: OneTab[] = []
      for (const tab of ['a', 'b', 'c']) tabs.push(await open(tab))
      for (const tab of tabs) await start(tab, server.url)
      for (const tab of tabs) await opened(tab)
      const leader = await leaderOf(tabs)
      const others = tabs.filter((tab) => tab !== leader)
      const outcome = await end(leader)
      for (const tab of others) await say(tab, 2)
      const next = await leaderOf(others)
      expect(next).not.toBe(leader)
      for (const tab of others) await opened(tab)
      for (const tab of others) await say(tab, 2)
      if (outcome === 'back') {
        // it has let go, and follows
        await expect.poll(() => roleOf(leader)).toBe('follow')
        await opened(leader)
        await say(leader, 1)
      }
      const all = others.flatMap(({ name }) => [1, 2, 3, 4].map((n) => `${name}:${n}`))
      if (outcome === 'back') all.push(`${leader.name}:1`)
      await expect.poll(() => [...server.texts].sort()).toEqual(all.sort())
      for (const { name } of others)
        expect(server.texts.filter((text) => text.startsWith(name))).toEqual(
          [1, 2, 3, 4].map((n) => `${name}:${n}`),
        )
      await expect.poll(() => server.live()).toBe(1)
    })
  })

test('a server that refuses each hello: every tab is told soon, one after another', async ({ engine }) => {
  const refuse = setInterval(() => {
    for (const peer of server.peers) peer.close(4001, 'expired')
  }, 50)
  try {
    await withTabs(engine, site, async (open) => {
      const tabs: OneTab[] = []
      for (const tab of ['a', 'b', 'c']) tabs.push(await open(tab))
      for (const tab of tabs)
        await tab.evaluate((url) => {
          const page = globalThis as unknown as InPage
          page.start(url, '', {
            connectTimeout: 60_000,
            hello: ({ receive }: { receive(): Promise<unknown> }) => receive(),
            retry: { decide: ({ code }: { code: number }) => (code === 4001 ? 'stop' : undefined) },
          })
        }, server.url)
      // the lock of a tab that may dial again is kept for 15 s
      for (const tab of tabs)
        await until(tab, () => (globalThis as unknown as InPage).socket.state === 'closed', undefined, 14_000)
      expect(server.count).toBe(3)
    })
  } finally {
    clearInterval(refuse)
  }
})

test('the renderer of the leader crashes: another leads', { tag: '@chromium' }, async ({ engine }) => {
  await withTabs(engine, site, async (open) => {
    const tabs: OneTab[] = []
    for (const tab of ['a', 'b', 'c']) tabs.push(await open(tab))
    for (const tab of tabs) await start(tab, server.url)
    for (const tab of tabs) await opened(tab)
    const leader = await leaderOf(tabs)
    const page = leader.page!
    const crashed = page.waitForEvent('crash')
    const session = await page.context().newCDPSession(page)
    void session.send('Page.crash').catch(() => {})
    await crashed
    const others = tabs.filter((tab) => tab !== leader)
    await leaderOf(others)
    for (const tab of others) await opened(tab)
    for (const tab of others) await say(tab, 1)
    await expect.poll(() => server.texts.length).toBe(2)
    expect(server.live()).toBe(1)
  })
})

/** Two open tabs of one context: the one that leads, and the other. */
async function twoTabs(context: BrowserContext): Promise<{ leader: OneTab; other: OneTab }> {
  const tabs: OneTab[] = []
  for (const name of ['a', 'b']) {
    const tab = playedTab(name, await context.newPage())
    await tab.goto(site.origin)
    await until(tab, () => (globalThis as unknown as InPage).ready === true)
    await start(tab, server.url)
    await opened(tab)
    tabs.push(tab)
  }
  const leader = await leaderOf(tabs)
  const other = tabs.find((tab) => tab !== leader)!
  return { leader, other }
}

test('the leader is frozen, and comes back: another leads meanwhile', { tag: '@chromium' }, async () => {
  await withChromium(async (context) => {
    const { leader, other } = await twoTabs(context)
    await other.page!.bringToFront()
    const session = await context.newCDPSession(leader.page!)
    await session.send('Page.setWebLifecycleState', { state: 'frozen' })
    await say(other, 1)
    await expect.poll(() => roleOf(other)).toBe('lead')
    await opened(other)
    await session.send('Page.setWebLifecycleState', { state: 'active' })
    await leader.page!.bringToFront()
    await opened(leader)
    await say(leader, 1)
    await expect.poll(() => [...server.texts].sort()).toEqual(['a:1', 'b:1'])
    await expect.poll(() => server.live()).toBe(1)
  })
})

test(
  'the leader goes into the back/forward cache, and comes back: another leads meanwhile',
  { tag: '@chromium' },
  async () => {
    await withChromium(async (context) => {
      const { leader, other } = await twoTabs(context)
      await leader.evaluate(() => {
        addEventListener('pageshow', ({ persisted }) => Object.assign(globalThis, { kept: persisted }))
      })
      await leader.goto(`${site.origin}/elsewhere`)
      await expect.poll(() => roleOf(other)).toBe('lead')
      await opened(other)
      await say(other, 1)
      await leader.evaluate(() => void setTimeout(() => history.back()))
      await expect
        .poll(() => leader.evaluate(() => (globalThis as { kept?: boolean }).kept).catch(() => undefined))
        .toBe(true)
      await opened(leader)
      expect(await roleOf(leader)).toBe('follow')
      await say(leader, 1)
      await expect.poll(() => [...server.texts].sort()).toEqual(['a:1', 'b:1'])
      await expect.poll(() => server.live()).toBe(1)
      expect(server.most).toBe(1)
    })
  },
)

test('20 tabs that wake up at once: one dial', { tag: '@chromium' }, async ({ engine }) => {
  test.setTimeout(180_000)
  await withTabs(engine, site, async (open) => {
    const tabs: OneTab[] = []
    for (let n = 0; n < 20; n++) tabs.push(await open(`t${n}`))
    const context = tabs[0]!.page!.context()
    // nobody would dial by itself for a while
    const options = { retry: { backoff: { type: 'constant', base: 60_000 } } }
    for (const tab of tabs) await start(tab, server.url, options)
    for (const tab of tabs) await opened(tab)
    await context.setOffline(true)
    for (const peer of server.peers) peer.terminate()
    for (const tab of tabs)
      await until(tab, () => (globalThis as unknown as InPage).socket.state === 'connecting')
    await context.setOffline(false)
    for (const tab of tabs) await opened(tab)
    for (const tab of tabs) await say(tab, 1)
    await expect.poll(() => new Set(server.texts).size).toBe(20)
    expect([server.count, server.most, server.texts.length]).toEqual([2, 1, 20])
  })
})

/**
 * Bytes of what a page's own code holds. Not the machine code that the engine goes on making of it, nor the engine's
 * notes on slow tasks: both grow for as long as a page runs.
 */
async function held(page: Page): Promise<number> {
  const session = await page.context().newCDPSession(page)
  const chunks: string[] = []
  session.on('HeapProfiler.addHeapSnapshotChunk', ({ chunk }) => chunks.push(chunk))
  await session.send('HeapProfiler.collectGarbage')
  await session.send('HeapProfiler.takeHeapSnapshot', { reportProgress: false })
  await session.detach()
  const { snapshot, nodes, strings } = JSON.parse(chunks.join('')) as Heap
  const { node_fields: fields, node_types: types } = snapshot.meta
  const [type, name, size] = ['type', 'name', 'self_size'].map((field) => fields.indexOf(field)) as Triple
  let sum = 0
  for (let at = 0; at < nodes.length; at += fields.length) {
    const kind = types[0][nodes[at + type]!]!
    if (kind === 'code' || kind === 'hidden' || kind === 'object shape') continue
    if (kind === 'native' && /^(system|blink)\b|Timing$/.test(strings[nodes[at + name]!]!)) continue
    sum += nodes[at + size]!
  }
  return sum
}

type Triple = [number, number, number]

interface Heap {
  readonly snapshot: {
    readonly meta: {
      readonly node_fields: readonly string[]
      readonly node_types: readonly [readonly string[]]
    }
  }
  readonly nodes: readonly number[]
  readonly strings: readonly string[]
}

/** 1,000 in the long form: `npm run test:tabs`. */
const CHANGES = Number(process.env.EVEROPEN_TABS_CHANGES ?? 10)

test(`${CHANGES} changes of leader: no tab holds more for it`, { tag: '@chromium' }, async ({ engine }) => {
  test.setTimeout(60_000 + CHANGES * 3_000)
  await withTabs(engine, site, async (open) => {
    const tabs = [await open('a'), await open('b')] as const
    for (const tab of tabs) await start(tab, server.url)
    for (const tab of tabs) await opened(tab)
    const heap = async (): Promise<number> => {
      let sum = 0
      for (const { page } of tabs) sum += await held(page!)
      return sum
    }
    // in the pages: each word of a driver's leaves something behind
    const begin = (): void => {
      const page = globalThis as unknown as InPage & { cycling: boolean }
      const { socket, told } = page
      const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))
      page.cycling = true
      void (async () => {
        while (page.cycling) {
          await pause(20)
          if (page.role !== 'lead' || socket.state !== 'open') continue
          socket.close()
          await socket.closed
          told.length = 0
          // whoever dials first leads
          await pause(600)
          socket.connect()
        }
        socket.connect()
      })()
    }
    const change = async (times: number): Promise<void> => {
      const before = server.count
      for (const tab of tabs) await tab.evaluate(begin)
      await expect
        .poll(() => server.count - before, { timeout: 30_000 + times * 3_000 })
        .toBeGreaterThanOrEqual(times)
      for (const tab of tabs) await tab.evaluate(() => void Object.assign(globalThis, { cycling: false }))
      for (const tab of tabs) await opened(tab)
    }
    // code is compiled by and by
    await change(25)
    const early = await heap()
    await change(CHANGES / 2)
    const middle = await heap()
    await change(CHANGES / 2)
    const late = await heap()
    console.log(
      `${CHANGES} changes: ${[early, middle, late].map((n) => (n / 1_000).toFixed(0)).join(', ')} kB`,
    )
    // a socket that is kept of each change would be several times as much
    expect(late - early).toBeLessThan(30_000 + CHANGES * 100)
    expect(server.live()).toBe(1)
    expect(server.count).toBeGreaterThan(CHANGES)
  })
})
