/** The lines of the list of peers that are about time: sleep, hidden pages, hints in flocks, and proxies that count. */
import { afterEach, describe, expect, test, vi } from 'vitest'
import type { HintSource, Options } from '../../src/index.js'
import { clockJumps, pageHints } from '../../src/platform/hints.js'
import { settled, SimClock } from '../sim/clock.js'
import { SimPlatform } from '../sim/platform.js'
import { simulate, type Simulated, URL_A } from '../sim/socket.js'
import { seeded } from '../simulation/clock.js'
import type { Clock } from '../../src/time/clock.js'

afterEach(() => void vi.unstubAllGlobals())

const MINUTE = 60_000
const HOUR = 60 * MINUTE

/** An open socket that hears of the world as a socket in Node or in a page does. */
async function open(
  options: Options = {},
  hints: (clock: Clock) => HintSource = (clock) => (tell) => clockJumps(clock, tell),
  platform = new SimPlatform(),
): Promise<Simulated> {
  const simulated = simulate({ ...options, hints: hints(platform.clock) }, URL_A, platform)
  await settled()
  simulated.link.open()
  simulated.said()
  return simulated
}

/** The globals of a page, as far as hints go. */
function page(navigator: { onLine: boolean } = { onLine: true }) {
  const window = new EventTarget()
  const document = Object.assign(new EventTarget(), { visibilityState: 'visible' })
  vi.stubGlobal('addEventListener', window.addEventListener.bind(window))
  vi.stubGlobal('removeEventListener', window.removeEventListener.bind(window))
  vi.stubGlobal('document', document)
  vi.stubGlobal('navigator', navigator)
  return { window, document }
}
const fromPage =
  (clock: Clock): HintSource =>
  (tell) =>
    pageHints(clock, tell)

describe('5: after a jump of the clock while open: a probe, and another connection if nothing arrives in time', () => {
  test('the connection died in the sleep', async () => {
    const { socket, clock, platform, link, said } = await open()
    clock.sleep(8 * HOUR)
    // the clocks are compared every 5 s
    await clock.advance(5_000)
    expect([link.pings, said()]).toEqual([1, []])
    // the messages of the user wait meanwhile
    expect(socket.send('hello')).toBe('queued')
    await clock.advance(10_000)
    expect([link.drops, said()]).toEqual([0, []])
    await clock.advance(1)
    expect([link.drops, said()]).toEqual([1, ['open→connecting', 'close 1006 by client, retries']])
    // half a second at most: nobody else can have lost the same connection
    await clock.advance(500)
    expect(platform.links).toHaveLength(2)
    platform.link.open()
    expect(said()).toEqual(['connecting→open', 'open 1 again'])
    expect(platform.link.sent).toEqual(['hello'])
    socket.terminate()
  })

  test('the connection lives', async () => {
    const { socket, clock, platform, link, said } = await open()
    clock.sleep(8 * HOUR)
    await clock.advance(5_000)
    expect(link.pings).toBe(1)
    link.pong()
    await clock.advance(15_000)
    expect([platform.links.length, said()]).toEqual([1, ['heartbeat 0']])
    socket.terminate()
  })

  test('it slept with a ping out: the answer may be there unread, so one more is asked for', async () => {
    const { socket, clock, link, said } = await open()
    while (link.pings === 0) await clock.advance(1_000)
    clock.sleep(8 * HOUR)
    await clock.advance(10_001)
    expect([link.pings, said()]).toEqual([2, []])
    await clock.advance(10_001)
    expect([link.drops, said()]).toEqual([1, ['open→connecting', 'close 1006 by client, retries']])
    socket.terminate()
  })

  test('without a sleep nothing is probed before its time', async () => {
    const { socket, clock, link } = await open({ heartbeat: { interval: HOUR } })
    await clock.advance(0.7 * HOUR)
    expect(link.pings).toBe(0)
    socket.terminate()
  })
})

describe('7: ten signals in 1 s: at most one extra attempt, and the count of the backoff is kept', () => {
  const signals = [
    ['online', ({ window }: ReturnType<typeof page>) => window.dispatchEvent(new Event('online'))],
    [
      'visible again',
      ({ document }: ReturnType<typeof page>) => document.dispatchEvent(new Event('visibilitychange')),
    ],
    ['resumed', ({ document }: ReturnType<typeof page>) => document.dispatchEvent(new Event('resume'))],
  ] as const

  test.each([
    ['online', signals.slice(0, 1)],
    ['visible again', signals.slice(1, 2)],
    ['all sorts', signals],
  ])('%s', async (_, kinds) => {
    const world = page()
    const asked: number[] = []
    const backoff = (attempt: number): number => {
      asked.push(attempt)
      return 100_000
    }
    const { socket, clock, platform, link } = await open({ retry: { backoff } }, fromPage)
    // three failures in a row, each dialed again by the clock alone
    link.fail()
    for (let n = 0; n < 2; n++) {
      await clock.advance(100_000)
      platform.link.fail()
    }
    expect([platform.links.length, asked]).toEqual([3, [1, 2, 3]])
    const due = socket.snapshot.nextDialAt!
    for (let n = 0; n < 10; n++) {
      kinds[n % kinds.length]![1](world)
      await settled()
      // the extra attempt fails, and there are signals left
      if (platform.links.length === 4 && n === 3) platform.link.fail()
      await clock.advance(100)
    }
    expect([platform.links.length, socket.snapshot.attempt, asked]).toEqual([4, 4, [1, 2, 3, 4]])
    expect(socket.snapshot.nextDialAt).toBeGreaterThan(due)
    socket.close()
    expect(clock.timers).toEqual([])
  })

  test('while open: one probe, and no dial', async () => {
    const world = page()
    const { socket, clock, platform, link, said } = await open({}, fromPage)
    for (let n = 0; n < 10; n++) {
      signals[n % signals.length]![1](world)
      await clock.advance(100)
    }
    expect([platform.links.length, link.pings, said()]).toEqual([1, 1, []])
    socket.terminate()
  })
})

/** What a page has whose timers run once a minute. */
class HiddenClock extends SimClock {
  override setTimeout(callback: () => void, ms: number): unknown {
    const due = Math.ceil((this.now() + ms) / MINUTE) * MINUTE
    return super.setTimeout(callback, due - this.now())
  }
}
class HiddenPlatform extends SimPlatform {
  override readonly clock = new HiddenClock()
}

describe('10: timers that run once a minute, with traffic flowing: no verdict', () => {
  const message = 'ping'
  const heartbeat = { message, isReply: (data: unknown) => data === 'pong' }

  async function hidden() {
    const { document } = page()
    document.visibilityState = 'hidden'
    const platform = new HiddenPlatform()
    // a page can neither ping nor count bytes
    platform.able = {}
    return open({ heartbeat }, fromPage, platform)
  }

  test.each([
    ['the peer answers, 30 s later', (n: number) => (n % 6 === 5 ? 'pong' : undefined), true],
    ['the peer speaks every 5 s, and answers no ping', () => 'news', false],
    ['both', (n: number) => (n % 6 === 5 ? 'pong' : 'news'), true],
  ])('%s: three hours', async (_, says, answers) => {
    const { socket, clock, platform, link, said } = await hidden()
    const told: string[] = []
    for (let n = 0; n < (3 * HOUR) / 5_000; n++) {
      await clock.advance(5_000)
      const word = says(n)
      if (word !== undefined) link.message(word)
      told.push(...said())
    }
    expect(platform.links).toHaveLength(1)
    expect(told.filter((word) => !/^(message news|heartbeat)/.test(word))).toEqual([])
    expect(told.some((word) => word.startsWith('heartbeat'))).toBe(answers)
    expect(link.beats.length).toBeGreaterThan(30)
    socket.terminate()
  })

  test('and with none flowing there is a verdict, within a few minutes', async () => {
    const { socket, clock, said } = await hidden()
    await clock.advance(6 * MINUTE)
    expect(said().slice(0, 2)).toEqual(['open→connecting', 'close 1006 by client, retries'])
    socket.terminate()
  })
})

test('13: onLine === false never blocks dialing: every dial comes at its time', async () => {
  const { window } = page({ onLine: false })
  const { socket, clock, platform, link, said } = await open({ retry: { backoff: () => 1_000 } }, fromPage)
  window.dispatchEvent(new Event('offline'))
  expect(said()).toEqual([])
  link.fail()
  for (let dials = 2; dials <= 20; dials++) {
    window.dispatchEvent(new Event('offline'))
    await clock.advance(999)
    expect(platform.links).toHaveLength(dials - 1)
    await clock.advance(1)
    expect(platform.links).toHaveLength(dials)
    if (dials < 20) platform.link.fail()
  }
  said()
  platform.link.open()
  expect([said(), globalThis.navigator.onLine]).toEqual([['connecting→open', 'open 19 again'], false])
  socket.terminate()
})

describe('15: the default heartbeat keeps proxies from dropping what is idle, and is jittered', () => {
  /** The times of the pings of an idle connection. */
  async function pings(seed: number, ms: number): Promise<number[]> {
    const platform = new SimPlatform()
    platform.random = seeded(seed)
    const { socket, clock, link } = await open({}, undefined, platform)
    const times: number[] = []
    const end = clock.now() + ms
    let seen = 0
    while (clock.now() < end) {
      await clock.advance(100)
      if (link.pings === seen) continue
      seen = link.pings
      times.push(clock.now())
      link.pong()
    }
    expect(platform.links).toHaveLength(1)
    socket.terminate()
    return times
  }

  test('one client: 20 to 25 s, and never longer, whatever the chance', async () => {
    const times = await pings(1, HOUR)
    const gaps = times.map((time, i) => time - (times[i - 1] ?? 0))
    // the test looks every 100 ms
    expect(Math.max(...gaps)).toBeLessThanOrEqual(25_100)
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(20_000)
    expect(new Set(gaps).size).toBeGreaterThan(20)
  })

  test('clients that connected together do not ping together', async () => {
    const firsts: number[] = []
    for (let seed = 1; seed <= 100; seed++) firsts.push((await pings(seed, 31_000))[0]!)
    const seconds = Array.from({ length: 5 }, (_, n) =>
      firsts.filter((ms) => Math.min(4, Math.floor(ms / 1_000) - 20) === n),
    )
    expect(seconds.flat()).toHaveLength(100)
    for (const second of seconds) expect(second.length).toBeLessThan(40)
  })
})
