/** However often the leader changes, nothing is left behind, and each change costs the same. */
import { beforeEach, expect, onTestFinished, test, vi } from 'vitest'
import { createClass, type TabSocketConstructor } from '../../src/tabs/socket.js'
import { FakeBrowser, FakeSocket, type Page } from './browser.js'

const resubscribe = {
  read: (data: unknown) => (typeof data === 'string' && data.startsWith('+') ? { add: data } : undefined),
  add: (topic: string) => topic,
  remove: (topic: string) => `-${topic}`,
}

let browser: FakeBrowser
beforeEach(() => {
  browser = new FakeBrowser()
  FakeSocket.made.length = 0
})

/** Opens a socket in a page, and again whenever it has ended. */
function dial(page: Page, Class: TabSocketConstructor): void {
  const socket = new Class('wss://example.test/live')
  socket.onopen = () => socket.send(`+${browser.pages.indexOf(page)}`)
  // as a page would: not in the same moment
  socket.onclose = () => browser.clock.setTimeout(() => dial(page, Class), 500)
}

async function connected(): Promise<void> {
  await browser.pass(1_000)
  const real = FakeSocket.made.at(-1)!
  if (real.closed === undefined) real.open()
  await browser.pass(1_500)
}

/** What there is of everything that could pile up. */
function counts(): Record<string, number> {
  const alive = browser.pages.filter(({ channels }) => channels.size > 0)
  return {
    listeners: alive.reduce((sum, { listeners }) => sum + listeners, 0),
    channels: alive.reduce((sum, { channels }) => sum + channels.size, 0),
    locks: browser.held.size,
    waiting: browser.waiting.length,
    connections: FakeSocket.made.filter(({ closed }) => closed === undefined).length,
  }
}

const ways: Readonly<Record<string, (leader: Page) => void>> = {
  'the page of the leader goes': (page) => page.fire('pagehide'),
  'the connection ends': () => {
    const real = FakeSocket.made.at(-1)!
    real.close()
    real.end(1001, 'away', true)
  },
}

for (const [name, end] of Object.entries(ways))
  test(`200 times ${name}: flat, and each costs the same`, async () => {
    for (let tab = 0; tab < 3; tab++) {
      const page = browser.page()
      dial(page, createClass({ resubscribe }, page.scope))
    }
    await connected()
    const leader = (): Page => {
      const lock = browser.held.get('everopen wss://example.test/live')
      return lock!.page
    }
    const change = async (times: number): Promise<{ words: number; most: number }> => {
      const before = browser.words.length
      let most = 0
      for (let i = 0; i < times; i++) {
        end(leader())
        await connected()
        most = Math.max(most, browser.clock.pending)
      }
      return { words: browser.words.length - before, most }
    }
    await change(10)
    const first = counts()
    const half = await change(50)
    const whole = await change(100)
    const more = await change(50)
    expect(counts()).toEqual(first)
    expect(first).toMatchObject({ channels: 3, connections: 1 })
    // ticks are drawn: a word or two more or less
    expect(whole.words / half.words).toBeGreaterThan(1.7)
    expect(whole.words / half.words).toBeLessThan(2.3)
    expect(more.most).toBeLessThanOrEqual(half.most + 2)
  })

test('what is known of the messages of tabs whose connection is over is forgotten with the next one', async () => {
  const set = vi.spyOn(Map.prototype, 'set')
  onTestFinished(() => set.mockRestore())
  for (let tab = 0; tab < 3; tab++) {
    const page = browser.page()
    dial(page, createClass({}, page.scope))
  }
  await connected()
  for (let i = 0; i < 10; i++) {
    ways['the connection ends']!(browser.pages[0]!)
    await connected()
  }
  const sizes = set.mock.contexts
    .filter((_, call) => 'left' in Object(set.mock.calls[call]![1]))
    .map((wills) => (wills as Map<unknown, unknown>).size)
  expect(sizes.length).toBeGreaterThan(10)
  expect(Math.max(...sizes)).toBeLessThanOrEqual(4)
})
