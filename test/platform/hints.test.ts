import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { clockJumps, pageHints, shared, type Tell } from '../../src/platform/hints.js'
import { seeded } from '../simulation/clock.js'
import { SimClock } from '../sim/clock.js'
import type { Hint } from '../../src/machine/state.js'

describe('shared', () => {
  function start() {
    const calls: string[] = []
    const clock = new SimClock()
    let tell: Tell | undefined
    const random = seeded(1)
    const source = shared(clock, random, (given) => {
      calls.push('start')
      tell = given
      return () => void calls.push('stop')
    })
    return {
      source,
      calls,
      clock,
      tell: (hint: Hint) => tell!(hint, 'at once'),
      spread: (hint: Hint) => tell!(hint, 'spread'),
    }
  }

  test('there is one set of listeners from the first subscriber to the last', () => {
    const { source, calls } = start()
    expect(calls).toEqual([])
    const undo = [source(() => {}), source(() => {})]
    expect(calls).toEqual(['start'])
    undo[0]!()
    expect(calls).toEqual(['start'])
    undo[1]!()
    expect(calls).toEqual(['start', 'stop'])
    source(() => {})
    expect(calls).toEqual(['start', 'stop', 'start'])
  })

  test('all subscribers are told, the same function twice if it subscribes twice', () => {
    const { source, tell } = start()
    const heard: string[] = []
    const hear = (hint: Hint): void => void heard.push(hint)
    const undo = source(hear)
    source(hear)
    tell('wake')
    expect(heard).toEqual(['wake', 'wake'])
    undo()
    undo()
    tell('probe')
    expect(heard).toEqual(['wake', 'wake', 'probe'])
  })

  test('what held all of them up is told to each at a moment of its own, within 2 s', async () => {
    const { source, spread, clock } = start()
    const at: number[] = []
    for (let i = 0; i < 300; i++) source(() => at.push(clock.now()))
    spread('wake')
    expect(at).toEqual([])
    await clock.advance(2_000)
    expect(at.length).toBe(300)
    const busiest = Math.max(...at.map((from) => at.filter((t) => t >= from && t < from + 250).length))
    expect(busiest).toBeLessThan(75)
  })

  test('and to nobody who has left meanwhile; nor twice', async () => {
    const { source, spread, clock } = start()
    const heard: string[] = []
    const undo = source((hint) => heard.push(hint))
    spread('wake')
    undo()
    const other = source((hint) => heard.push(`other ${hint}`))
    spread('wake')
    spread('wake')
    await clock.advance(2_000)
    expect(heard).toEqual(['other wake'])
    other()
    expect(clock.timers).toEqual([])
  })

  test('a subscriber may leave while it is told', () => {
    const { source, tell, calls } = start()
    const heard: string[] = []
    const undo = source(() => undo())
    const other = source((hint) => {
      heard.push(hint)
      other()
    })
    tell('wake')
    expect([heard, calls]).toEqual([['wake'], ['start', 'stop']])
  })

  test('to leave twice stops nobody else', () => {
    const { source, calls } = start()
    const undo = source(() => {})
    undo()
    source(() => {})
    undo()
    expect(calls).toEqual(['start', 'stop', 'start'])
  })
})

describe('clockJumps', () => {
  test('says wake when the machine has slept', async () => {
    const clock = new SimClock()
    const hints: string[] = []
    const stop = clockJumps(clock, (...hint) => hints.push(hint.join()))
    await clock.advance(60_000)
    expect(hints).toEqual([])
    clock.sleep(5_000)
    await clock.advance(5_000)
    expect(hints).toEqual([])
    clock.sleep(5_001)
    await clock.advance(5_000)
    expect(hints).toEqual(['wake,spread'])
    await clock.advance(60_000)
    expect(hints).toEqual(['wake,spread'])
    stop()
    expect(clock.timers).toEqual([])
  })

  test('a clock that is set back says nothing, now or later', async () => {
    const clock = new SimClock()
    const hints: Hint[] = []
    clockJumps(clock, (hint) => hints.push(hint))
    clock.sleep(-3_600_000)
    await clock.advance(60_000)
    expect(hints).toEqual([])
  })

  test('owns one timer', async () => {
    const clock = new SimClock()
    clockJumps(clock, () => {})
    await clock.advance(60_000)
    expect(clock.timers.length).toBe(1)
  })
})

describe('pageHints', () => {
  class Target extends EventTarget {
    visibilityState = 'visible'
    readonly counts = new Map<string, number>()

    override addEventListener(type: string, listener: EventListener): void {
      this.counts.set(type, (this.counts.get(type) ?? 0) + 1)
      super.addEventListener(type, listener)
    }

    override removeEventListener(type: string, listener: EventListener): void {
      this.counts.set(type, (this.counts.get(type) ?? 0) - 1)
      super.removeEventListener(type, listener)
    }
  }

  let page: Target
  let document: Target

  beforeEach(() => {
    page = new Target()
    document = new Target()
    vi.stubGlobal('addEventListener', page.addEventListener.bind(page))
    vi.stubGlobal('removeEventListener', page.removeEventListener.bind(page))
    vi.stubGlobal('document', document)
  })
  afterEach(() => void vi.unstubAllGlobals())

  function start() {
    const clock = new SimClock()
    const hints: string[] = []
    return { clock, hints, stop: pageHints(clock, (...hint) => hints.push(hint.join())) }
  }

  test.each([
    ['online', 'wake,at once'],
    ['offline', 'probe,at once'],
  ])('%s: %s', (type, hint) => {
    const { hints } = start()
    page.dispatchEvent(new Event(type))
    expect(hints).toEqual([hint])
  })

  test.each([
    ['pagehide', true, ['suspend,at once']],
    ['pagehide', false, []],
    ['pageshow', true, ['wake,at once']],
    ['pageshow', false, []],
  ])('%s, persisted %s: %j', (type, persisted, expected) => {
    const { hints } = start()
    page.dispatchEvent(Object.assign(new Event(type), { persisted }))
    expect(hints).toEqual(expected)
  })

  test('a page that becomes visible: wake; one that is hidden: nothing', () => {
    const { hints } = start()
    document.visibilityState = 'hidden'
    document.dispatchEvent(new Event('visibilitychange'))
    expect(hints).toEqual([])
    document.visibilityState = 'visible'
    document.dispatchEvent(new Event('visibilitychange'))
    expect(hints).toEqual(['wake,at once'])
  })

  test('a frozen page that is resumed: wake', () => {
    const { hints } = start()
    document.dispatchEvent(new Event('resume'))
    expect(hints).toEqual(['wake,at once'])
  })

  test('a clock that jumped: wake, unless the page is hidden, whose timers run once a minute', async () => {
    const { hints, clock } = start()
    document.visibilityState = 'hidden'
    clock.sleep(60_000)
    await clock.advance(5_000)
    expect(hints).toEqual([])
    document.visibilityState = 'visible'
    clock.sleep(60_000)
    await clock.advance(5_000)
    expect(hints).toEqual(['wake,spread'])
  })

  test('stop leaves no listener and no timer', () => {
    const { stop, clock } = start()
    const all = (): number[] => [...page.counts.values(), ...document.counts.values()]
    expect(all().reduce((sum, count) => sum + count, 0)).toBe(6)
    stop()
    expect(new Set(all())).toEqual(new Set([0]))
    expect(clock.timers).toEqual([])
  })

  test('a worker has no document, and some engines have no events: the clock is what is left', async () => {
    for (const missing of [['document'], ['document', 'addEventListener', 'removeEventListener']]) {
      for (const name of missing) vi.stubGlobal(name, undefined)
      const { hints, clock, stop } = start()
      clock.sleep(60_000)
      await clock.advance(5_000)
      expect(hints).toEqual(['wake,spread'])
      expect(() => stop()).not.toThrow()
    }
  })
})
