import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Heartbeat } from '../../src/connection/heartbeat.js'
import { SimClock } from '../sim/clock.js'

const INTERVAL = 10_000
const TIMEOUT = 2_000

/** A heartbeat with its connection in the hands of the test. */
function start(random = 1, interval = INTERVAL) {
  const clock = new SimClock()
  const pulse = {
    pings: [] as number[],
    /** What has been received. */
    bytes: 0,
    reading: 'on' as 'on' | 'off',
    verdicts: [] as string[],
    ping: () => void pulse.pings.push(clock.now()),
    /** What waits for room, and what the system has taken. */
    waiting: 0,
    through: 0,
    factor: 1,
  }
  const link = {
    ready: true,
    ping: () => pulse.ping(),
    get bufferedAmount() {
      return pulse.waiting
    },
    taken: () => pulse.through,
    beat() {},
  }
  const owner = {
    platform: { clock, random: () => random },
    patience: {
      get factor() {
        return pulse.factor
      },
      answered() {},
      failed() {},
    },
    get paused() {
      return pulse.reading === 'off'
    },
    flow: () => void pulse.verdicts.push(`alive at ${clock.now()}`),
  }
  const body = {
    get messages() {
      return pulse.bytes
    },
    die() {
      pulse.verdicts.push(`dead at ${clock.now()}`)
      heartbeat.stop()
    },
  }
  const heartbeat: Heartbeat = new Heartbeat({ interval, timeout: TIMEOUT }, link, owner, body)
  return { clock, pulse, heartbeat, link }
}

describe('pings', () => {
  test('the first comes after one interval, not two', async () => {
    const { clock, pulse } = start()
    await clock.advance(INTERVAL - 1)
    expect(pulse.pings).toEqual([])
    await clock.advance(1)
    expect(pulse.pings).toEqual([INTERVAL])
    // nothing is looked at before the verdict
    expect(clock.timers).toEqual([TIMEOUT])
  })

  test('the next comes an interval after the last, also if nothing tells that an answer is one', async () => {
    const { clock, pulse } = start()
    await clock.advance(INTERVAL)
    pulse.bytes++
    await clock.advance(INTERVAL - 1)
    expect(pulse.pings).toEqual([INTERVAL])
    await clock.advance(1)
    expect(pulse.pings).toEqual([INTERVAL, 2 * INTERVAL])
  })

  test('one is over before the next', async () => {
    const { clock, pulse } = start(1, TIMEOUT / 2)
    await clock.advance(TIMEOUT / 2)
    pulse.bytes++
    await clock.advance(TIMEOUT)
    expect(pulse.pings).toEqual([TIMEOUT / 2])
    await clock.advance(1)
    expect(pulse.verdicts).toEqual([`alive at ${1.5 * TIMEOUT + 1}`])
    await clock.advance(0)
    expect(pulse.pings).toEqual([TIMEOUT / 2, 1.5 * TIMEOUT + 1])
  })

  test('the longest interval stays within what a timer takes', () => {
    const { clock } = start(1, 2 ** 31 - 1)
    expect(clock.timers).toEqual([2 ** 31 - 1])
  })

  test('intervals are jittered downwards only, by a fifth, and reach both ends', async () => {
    await fc.assert(
      fc.asyncProperty(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), async (random) => {
        const { clock, pulse } = start(random)
        await clock.advance(2 * INTERVAL)
        expect(pulse.pings[0]).toBeGreaterThanOrEqual(0.8 * INTERVAL)
        expect(pulse.pings[0]).toBeLessThanOrEqual(INTERVAL)
      }),
      { numRuns: 30 },
    )
    for (const [random, first] of [
      [0, 0.8 * INTERVAL],
      [1 - 2 ** -32, INTERVAL],
    ] as const) {
      const { clock, pulse } = start(random)
      await clock.advance(2 * INTERVAL)
      expect(pulse.pings[0]).toBeCloseTo(first, 3)
    }
  })

  test('the next comes one interval after the reply', async () => {
    const { clock, pulse, heartbeat } = start()
    await clock.advance(INTERVAL + 500)
    heartbeat.reply()
    await clock.advance(INTERVAL)
    expect(pulse.pings).toEqual([INTERVAL, 2 * INTERVAL + 500])
  })

  test('are not spared by traffic that nobody asked for', async () => {
    const { clock, pulse } = start()
    for (let i = 0; i < 9; i++) {
      await clock.advance(INTERVAL / 9)
      pulse.bytes++
    }
    await clock.advance(1)
    expect(pulse.pings.length).toBe(1)
  })
})

describe('the verdict', () => {
  test('is dead when nothing at all was received for `timeout` after the ping', async () => {
    const { clock, pulse } = start()
    await clock.advance(INTERVAL + TIMEOUT)
    expect(pulse.verdicts).toEqual([])
    // what is there already is read before the verdict
    await clock.advance(1)
    expect(pulse.verdicts).toEqual([`dead at ${INTERVAL + TIMEOUT + 1}`])
    expect(clock.timers).toEqual([])
  })

  test('is alive by any byte', async () => {
    const { clock, pulse } = start()
    await clock.advance(INTERVAL + 1)
    pulse.bytes++
    await clock.advance(TIMEOUT)
    expect(pulse.verdicts).toEqual([`alive at ${INTERVAL + TIMEOUT + 1}`])
    await clock.advance(INTERVAL)
    expect(pulse.pings.length).toBe(2)
  })

  test('is not alive by what came before the ping', async () => {
    const { clock, pulse } = start()
    pulse.bytes = 1_000
    await clock.advance(INTERVAL + TIMEOUT + 1)
    expect(pulse.verdicts).toEqual([`dead at ${INTERVAL + TIMEOUT + 1}`])
  })

  test('takes a byte that is read in the instant that it is due', async () => {
    const { clock, pulse } = start()
    await clock.advance(INTERVAL + TIMEOUT)
    pulse.bytes++
    await clock.advance(1)
    expect(pulse.verdicts).toEqual([`alive at ${INTERVAL + TIMEOUT + 1}`])
  })

  test('is never dead while reading is paused', async () => {
    const { clock, pulse } = start()
    pulse.reading = 'off'
    await clock.advance(5 * (INTERVAL + TIMEOUT + 1))
    expect(pulse.verdicts.length).toBe(5)
    expect(pulse.verdicts.join()).not.toContain('dead')
    pulse.reading = 'on'
    await clock.advance(INTERVAL + TIMEOUT + 1)
    expect(pulse.verdicts.at(-1)).toContain('dead')
  })

  test('of a timer that fires late is one more ping, and then dead', async () => {
    const { clock, pulse } = start()
    await clock.advance(INTERVAL + 1)
    clock.sleep(60_000)
    await clock.advance(TIMEOUT)
    expect(pulse.verdicts).toEqual([])
    expect(pulse.pings.length).toBe(2)
    await clock.advance(TIMEOUT + 1)
    expect(pulse.verdicts).toEqual([`dead at ${INTERVAL + 2 * TIMEOUT + 60_002}`])
    expect(pulse.pings.length).toBe(2)
  })

  test('of a timer that fires late twice is dead all the same', async () => {
    const { clock, pulse } = start()
    await clock.advance(INTERVAL + 1)
    clock.sleep(60_000)
    await clock.advance(TIMEOUT + 1)
    clock.sleep(60_000)
    await clock.advance(TIMEOUT + 1)
    expect(pulse.verdicts.length).toBe(1)
    expect(pulse.verdicts[0]).toContain('dead')
    expect(pulse.pings.length).toBe(2)
  })

  test.each([900, 999])('of a timer that is a little late is dead: %i ms', async (late) => {
    const { clock, pulse } = start()
    await clock.advance(INTERVAL + 1)
    clock.sleep(late)
    await clock.advance(TIMEOUT)
    expect(pulse.verdicts.length).toBe(1)
  })
})

describe('a reply', () => {
  test('tells the round-trip time, once', async () => {
    const { clock, heartbeat } = start()
    await clock.advance(INTERVAL + 123)
    expect(heartbeat.reply()).toBe(123)
    expect(heartbeat.reply()).toBeUndefined()
  })

  test('that nobody asked for says nothing, and delays no ping', async () => {
    const { clock, pulse, heartbeat } = start()
    await clock.advance(INTERVAL - 1)
    expect(heartbeat.reply()).toBeUndefined()
    await clock.advance(1)
    expect(pulse.pings.length).toBe(1)
  })

  test('takes the verdict back', async () => {
    const { clock, pulse, heartbeat } = start()
    await clock.advance(INTERVAL + TIMEOUT)
    heartbeat.reply()
    await clock.advance(INTERVAL - 1)
    expect(pulse.verdicts).toEqual([])
    expect(clock.timers.length).toBe(1)
  })
})

describe('doubt', () => {
  test('lasts from the ping until something is received', async () => {
    const { clock, pulse, heartbeat } = start()
    const doubt = (): boolean[] => [heartbeat.pinging, heartbeat.unanswered]
    expect(doubt()).toEqual([false, false])
    await clock.advance(INTERVAL)
    expect(doubt()).toEqual([true, true])
    pulse.bytes++
    expect(doubt()).toEqual([true, false])
    heartbeat.reply()
    expect(doubt()).toEqual([false, false])
  })
})

describe('probe()', () => {
  test('pings now, and the verdict follows in `timeout`', async () => {
    const { clock, pulse, heartbeat } = start()
    await clock.advance(3_000)
    heartbeat.probe()
    expect(pulse.pings).toEqual([3_000])
    await clock.advance(TIMEOUT + 1)
    expect(pulse.verdicts).toEqual([`dead at ${3_000 + TIMEOUT + 1}`])
  })

  test('does nothing while a ping is out: ten in a row are one', async () => {
    const { clock, pulse, heartbeat } = start()
    for (let i = 0; i < 10; i++) heartbeat.probe()
    await clock.advance(1_000)
    heartbeat.probe()
    expect(pulse.pings).toEqual([0])
    expect(clock.timers.length).toBe(1)
    await clock.advance(TIMEOUT)
    expect(pulse.verdicts).toEqual([`dead at ${TIMEOUT + 1}`])
  })
})

describe('stop()', () => {
  test.each([
    ['before a ping', 0, false],
    ['while one is out', INTERVAL + 1, true],
    ['in the instant of the verdict', INTERVAL + TIMEOUT, true],
  ])('%s leaves no timer', async (_, after, unanswered) => {
    const { clock, pulse, heartbeat } = start()
    await clock.advance(after)
    const { length } = pulse.pings
    heartbeat.stop()
    expect(clock.timers).toEqual([])
    expect([heartbeat.pinging, heartbeat.unanswered]).toEqual([false, unanswered])
    expect(heartbeat.reply()).toBeUndefined()
    expect(clock.timers).toEqual([])
    await clock.advance(10 * INTERVAL)
    expect([pulse.pings.length, pulse.verdicts]).toEqual([length, []])
  })

  test('a ping that is out stays unanswered until something is received', () => {
    const { pulse, heartbeat } = start()
    heartbeat.probe()
    heartbeat.stop()
    expect(heartbeat.unanswered).toBe(true)
    pulse.bytes++
    expect(heartbeat.unanswered).toBe(false)
  })

  test('from within ping(), as when the platform throws', () => {
    const { clock, pulse, heartbeat } = start()
    pulse.ping = () => {
      heartbeat.stop()
      return undefined
    }
    heartbeat.probe()
    expect(clock.timers).toEqual([])
  })
})

test('at most one timer at any moment', async () => {
  const { clock, heartbeat } = start()
  for (let i = 0; i < 40; i++) {
    await clock.advance(777)
    heartbeat.probe()
    if (i % 3 === 0) heartbeat.reply()
    expect(clock.timers.length).toBeLessThanOrEqual(1)
  }
})

describe('a slow upload', () => {
  /** The first ping is sent behind so many bytes that the system has yet to take. */
  async function uploading(bytes: number): Promise<ReturnType<typeof start>> {
    const started = start()
    started.pulse.waiting = bytes
    await started.clock.advance(INTERVAL)
    return started
  }

  /** Bytes that the system takes in each 100 ms, for as long as there are any; calls `at` between. */
  async function drain(
    { clock, pulse }: ReturnType<typeof start>,
    ms: number,
    rate: number,
    at: () => void = () => {},
  ): Promise<void> {
    for (let passed = 0; passed < ms; passed += 100) {
      const some = Math.min(rate, pulse.waiting)
      pulse.waiting -= some
      pulse.through += some
      at()
      await clock.advance(100)
    }
  }

  test('is life for as long as the system takes what is ahead of the ping', async () => {
    const started = await uploading(10_000_000)
    const { clock, pulse, heartbeat } = started
    expect(pulse.pings).toEqual([INTERVAL])
    await drain(started, 40_000, 25_000)
    expect(pulse.verdicts).toEqual([])
    expect(pulse.waiting).toBe(0)
    // the last of it has yet to get through: 4 MiB at most, at the pace that was seen
    await clock.advance(16_000)
    expect(pulse.verdicts).toEqual([])
    expect(heartbeat.reply()).toBeGreaterThan(55_000)
  })

  test('has the last of it get through at the pace that was seen', async () => {
    const started = await uploading(1_000_000)
    const { clock, pulse } = started
    // all of it is taken by the look after 4 s, 125,000 bytes since the one before
    await drain(started, 4_000, 25_000)
    await clock.advance(4_500)
    expect(pulse.verdicts).toEqual([])
    await clock.advance(1)
    expect(pulse.verdicts).toEqual([`dead at ${INTERVAL + 8_501}`])
  })

  test('of more than the system holds has no more than that left to get through', async () => {
    const started = await uploading(10_000_000)
    const { clock, pulse } = started
    await drain(started, 40_000, 25_000)
    // a quarter of the timeout, and 4 MiB at 250 kB a second
    await clock.advance(TIMEOUT / 4 + 16_770)
    expect(pulse.verdicts).toEqual([])
    await clock.advance(20)
    expect(pulse.verdicts.length).toBe(1)
  })

  test('that never ends holds the ping up until what was ahead of it is through', async () => {
    const started = await uploading(125_000)
    const { pulse } = started
    await drain(started, TIMEOUT + 100, 25_000, () => (pulse.waiting = 125_000))
    expect(pulse.verdicts).toEqual([`dead at ${INTERVAL + TIMEOUT + 1}`])
  })

  test('that is behind the ping says nothing of what went out before it', async () => {
    const started = start()
    const { clock, pulse } = started
    pulse.through = 1_000_000
    await clock.advance(INTERVAL)
    pulse.waiting = 10_000_000
    await drain(started, TIMEOUT + 1_100, 200)
    expect(pulse.verdicts).toEqual([`dead at ${INTERVAL + TIMEOUT + 1_001}`])
  })

  test('that never moves gains nothing by what was taken before', async () => {
    const { clock, pulse } = start()
    pulse.through = 1_000_000
    pulse.waiting = 10
    await clock.advance(INTERVAL + TIMEOUT + 1)
    expect(pulse.verdicts).toEqual([`dead at ${INTERVAL + TIMEOUT + 1}`])
  })

  test('that the system took at once is given the time to get through', async () => {
    const { clock, pulse, heartbeat } = start()
    pulse.through = 4_000_000
    await clock.advance(INTERVAL + TIMEOUT + 3_999)
    expect(pulse.verdicts).toEqual([])
    expect(heartbeat.reply()).toBe(TIMEOUT + 3_999)
    // and only once: the next ping has nothing ahead of it
    await clock.advance(INTERVAL + TIMEOUT + 1)
    expect(pulse.verdicts).toEqual([`dead at ${2 * (INTERVAL + TIMEOUT) + 4_000}`])
  })

  test('of any size that the system took at once puts the verdict off by 4.2 s at most', async () => {
    const { clock, pulse } = start()
    pulse.through = 1e9
    await clock.advance(INTERVAL + TIMEOUT + 4_194)
    expect(pulse.verdicts).toEqual([])
    await clock.advance(2)
    expect(pulse.verdicts.length).toBe(1)
  })

  test('ends in the verdict after the last look, where it stops: the peer is gone', async () => {
    const started = await uploading(10_000_000)
    const { clock, pulse } = started
    await drain(started, 10_000, 25_000)
    expect(pulse.verdicts).toEqual([])
    await clock.advance(TIMEOUT / 2 + 1)
    expect(pulse.verdicts.length).toBe(1)
  })

  test('of which the system takes the last few bytes shows no pace: the verdict is put off by 4.2 s at most', async () => {
    const { clock, pulse } = start()
    pulse.through = 8_000_000
    // what it took before is on its way before this ping
    await clock.advance(INTERVAL - 1)
    pulse.waiting = 16_384
    await clock.advance(101)
    pulse.waiting = 0
    pulse.through += 16_384
    // the next look, a quarter of the timeout, and 4 MiB at 1 MB a second
    await clock.advance(TIMEOUT / 4 - 100 + TIMEOUT / 4 + 4_194)
    expect(pulse.verdicts).toEqual([])
    await clock.advance(2)
    expect(pulse.verdicts.length).toBe(1)
  })

  test('that trickles to its end puts the verdict off by as long as it took, at most', async () => {
    const started = start()
    const { clock, pulse } = started
    pulse.through = 8_000_000
    await clock.advance(INTERVAL - 1)
    pulse.waiting = 100_000
    await clock.advance(1)
    await drain(started, 10_000, 1_000)
    expect([pulse.waiting, pulse.verdicts]).toEqual([0, []])
    await clock.advance(10_000)
    expect(pulse.verdicts).toEqual([])
    await clock.advance(TIMEOUT / 4 + 2)
    expect(pulse.verdicts.length).toBe(1)
  })

  test('and what never moved is found in interval and timeout, as ever', async () => {
    const { clock, pulse } = start()
    pulse.waiting = 10_000_000
    await clock.advance(INTERVAL + TIMEOUT)
    expect(pulse.verdicts).toEqual([])
    await clock.advance(1)
    expect(pulse.verdicts).toEqual([`dead at ${INTERVAL + TIMEOUT + 1}`])
  })

  test('that goes on behind the ping does not hold the ping up', async () => {
    const started = start()
    const { clock, pulse } = started
    await clock.advance(INTERVAL)
    pulse.waiting = 10_000_000
    await drain(started, TIMEOUT + 100, 25_000)
    expect(pulse.verdicts).toEqual([`dead at ${INTERVAL + TIMEOUT + 1}`])
  })

  test('of which only more and more is known to wait is through when nothing does', async () => {
    // compressed, fewer bytes go out than were counted before
    const started = await uploading(1_000_000)
    const { clock, pulse } = started
    await drain(started, 1_000, 25_000)
    pulse.waiting = 0
    pulse.through += 25_000
    await clock.advance(TIMEOUT)
    expect(pulse.verdicts).toEqual([])
    await clock.advance(10 * TIMEOUT)
    expect(pulse.verdicts.length).toBe(1)
  })
})

test('the timeout is as many times longer as patience says', async () => {
  const { clock, pulse } = start()
  pulse.factor = 4
  await clock.advance(INTERVAL + 4 * TIMEOUT)
  expect(pulse.verdicts).toEqual([])
  await clock.advance(1)
  expect(pulse.verdicts.length).toBe(1)
})

test('and no longer where bytes are counted: a peer in the middle of a large message is heard', async () => {
  const { clock, pulse, link } = start()
  pulse.factor = 4
  Object.assign(link, { received: () => pulse.bytes })
  await clock.advance(INTERVAL + TIMEOUT + 1)
  expect(pulse.verdicts.length).toBe(1)
})
