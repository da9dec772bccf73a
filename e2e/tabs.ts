/** Several tabs of one window, in whichever engine, and a server that counts what they make of it. */
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import type { Browser, Page } from '@playwright/test'
import { type WebSocket as Peer, WebSocketServer } from 'ws'
import { expect } from './engine.js'
import { type Site, startSite } from './site.js'
import type { WebKit } from './webkit.js'

/** In a page: a socket over `tabs()`, what it told, and the role that its tab has. */
const script = `<script type="module">
  import { ReconnectingSocket } from '/dist/production/index.js'
  import { tabs } from '/dist/production/tabs.js'
  const told = (window.told = [])
  window.role = ''
  window.start = (url, name, options = {}, more = {}) => {
    const WebSocket = tabs({ log: ({ type }) => (window.role = type), ...more })
    const socket = (window.socket = new ReconnectingSocket(url, { WebSocket, ...options }))
    socket.on('open', () => told.push('open'))
    socket.on('message', (data) => told.push('message ' + data))
    socket.on('close', ({ code, reason }) => told.push('close ' + code + ' ' + reason))
    socket.on('drop', ({ data }) => told.push('drop ' + data))
    let n = 0
    window.say = (count) => {
      for (; count > 0; count--) socket.send(name + ':' + ++n)
      return n
    }
  }
  window.ready = true
</script>`

export interface InPage {
  readonly ready?: boolean
  readonly told: string[]
  readonly role: string
  readonly socket: {
    readonly state: string
    readonly bufferedAmount: number
    readonly outbox: { size: number }
    readonly closed: Promise<unknown>
    close(): void
    connect(): void
  }
  start(url: string, name: string, options?: object, more?: object): void
  say(count: number): number
}

/** One of several. */
export interface OneTab {
  readonly name: string
  readonly page: Page | undefined
  goto(url: string): Promise<void>
  evaluate<R, A>(work: (given: A) => R | Promise<R>, given?: A): Promise<R>
  close(): Promise<void>
}

export interface Counting {
  readonly url: string
  /** Connections now, at most at once, and since the start. */
  live(): number
  readonly most: number
  readonly count: number
  /** All messages, in the order of arrival. */
  readonly texts: string[]
  readonly peers: ReadonlySet<Peer>
  stop(): Promise<void>
}

export async function countingServer(): Promise<Counting> {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' })
  await once(server, 'listening')
  const counts = { most: 0, count: 0 }
  const texts: string[] = []
  server.on('connection', (peer) => {
    counts.count++
    counts.most = Math.max(counts.most, server.clients.size)
    peer.on('error', () => {})
    peer.on('message', (data) => texts.push(String(data as Buffer)))
  })
  return {
    url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}/live`,
    live: () => server.clients.size,
    get most() {
      return counts.most
    },
    get count() {
      return counts.count
    },
    texts,
    peers: server.clients,
    async stop() {
      for (const peer of server.clients) peer.terminate()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

export const tabsSite = (): Promise<Site> => startSite({ '/': script, '/elsewhere': 'elsewhere' }, 0)

/** Runs `work` with a way to open tabs of one window, which end with it. */
export async function withTabs(
  engine: Browser | WebKit,
  site: Site,
  work: (open: (name: string) => Promise<OneTab>) => Promise<void>,
): Promise<void> {
  const began = 'driver' in engine ? await windows(engine) : await contextOf(engine)
  try {
    await work(async (name) => {
      const tab = await began.open(name)
      await tab.goto(site.origin)
      await until(tab, () => (globalThis as unknown as InPage).ready === true)
      return tab
    })
  } finally {
    await began.end()
  }
}

interface Began {
  open(name: string): Promise<OneTab>
  end(): Promise<void>
}

async function contextOf(engine: Browser): Promise<Began> {
  const context = await engine.newContext()
  return {
    async open(name) {
      const page = await context.newPage()
      return playedTab(name, page)
    },
    end: () => context.close(),
  }
}

export function playedTab(name: string, page: Page): OneTab {
  return {
    name,
    page,
    async goto(url) {
      await page.goto(url)
    },
    evaluate: (work, given) => page.evaluate(work as never, given) as never,
    close: () => page.close(),
  }
}

async function windows({ driver }: WebKit): Promise<Began> {
  const home = await driver.getWindowHandle()
  const open = new Set<string>()
  let last: Promise<unknown> = Promise.resolve()
  // a driver looks at one window at a time
  const turn = <R>(work: () => Promise<R>): Promise<R> => {
    const mine = last.then(work)
    last = mine.catch(() => {})
    return mine
  }
  const close = async (handle: string): Promise<void> => {
    open.delete(handle)
    await driver.switchTo().window(handle)
    await driver.close()
    await driver.switchTo().window(home)
  }
  return {
    async open(name) {
      const handle = await turn(async () => {
        await driver.switchTo().newWindow('tab')
        return driver.getWindowHandle()
      })
      open.add(handle)
      return {
        name,
        page: undefined,
        goto: (url) =>
          turn(async () => {
            await driver.switchTo().window(handle)
            await driver.get(url)
          }),
        async evaluate(work, given) {
          const [error, value] = await turn(async () => {
            await driver.switchTo().window(handle)
            return driver.executeAsyncScript<[string | null, unknown]>(
              `const done = arguments[1]
               Promise.resolve(arguments[0]).then(${String(work)}).then(
                 (value) => done([null, value]),
                 (error) => done([String(error) + '\\n' + error.stack, null]),
               )`,
              given,
            )
          })
          if (error !== null) throw new Error(error)
          return value as never
        },
        close: () => turn(() => close(handle)),
      }
    },
    end: () =>
      turn(async () => {
        for (const handle of [...open]) await close(handle)
      }),
  }
}

/** Asks the page again and again until the answer is true. */
export async function until<A>(
  tab: OneTab,
  holds: (given: A) => unknown,
  given?: A,
  timeout?: number,
): Promise<void> {
  await expect
    .poll(async () => Boolean(await tab.evaluate(holds as (given: A) => never, given)), {
      ...(timeout ? { timeout } : {}),
      intervals: [20],
    })
    .toBe(true)
}

export async function start(tab: OneTab, url: string, options: object = {}): Promise<void> {
  await tab.evaluate(([url, name, options]) => (globalThis as unknown as InPage).start(url, name, options), [
    url,
    tab.name,
    options,
  ] as const)
}

export const opened = (tab: OneTab): Promise<void> =>
  until(tab, () => (globalThis as unknown as InPage).socket.state === 'open')

export const roleOf = (tab: OneTab): Promise<string> =>
  tab.evaluate(() => (globalThis as unknown as InPage).role)

export async function leaderOf(tabs: readonly OneTab[]): Promise<OneTab> {
  let leader: OneTab | undefined
  await expect
    .poll(
      async () => {
        const roles = await Promise.all(tabs.map(roleOf))
        const leaders = tabs.filter((_, index) => roles[index] === 'lead')
        leader = leaders[0]
        return leaders.length
      },
      { intervals: [20] },
    )
    .toBe(1)
  return leader!
}

export const say = (tab: OneTab, count: number): Promise<number> =>
  tab.evaluate((count) => (globalThis as unknown as InPage).say(count), count)

export const toldOf = (tab: OneTab): Promise<string[]> =>
  tab.evaluate(() => (globalThis as unknown as InPage).told)
