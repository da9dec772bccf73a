import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { Hint } from '../../src/options.js'
import { clockJumps, pageHints, shared } from '../../src/platform/hints.js'
import { VirtualClock } from '../simulation/clock.js'

afterEach(() => vi.unstubAllGlobals())

const idle = (): Promise<void> => Promise.resolve()

test('one set of listeners for all sockets, from the first to the last', () => {
  const stop = vi.fn()
  let tell: (hint: Hint) => void = () => {}
  const start = vi.fn((given: (hint: Hint) => void) => {
    tell = given
    return stop
  })
  const source = shared(start)
  const [first, second] = [vi.fn(), vi.fn()]
  const undo = [source(first), source(second)]
  tell('wake')
  expect([start.mock.calls.length, first.mock.calls, second.mock.calls]).toEqual([1, [['wake']], [['wake']]])
  undo[0]?.()
  tell('probe')
  expect([first.mock.calls.length, second.mock.calls.length, stop.mock.calls.length]).toEqual([1, 2, 0])
  undo[1]?.()
  undo[1]?.()
  expect(stop).toHaveBeenCalledTimes(1)
  source(first)
  expect(start).toHaveBeenCalledTimes(2)
})

/** A clock whose wall time can jump, as it does when a laptop sleeps. */
class Jumping extends VirtualClock {
  slept = 0

  override date(): number {
    return super.date() + this.slept
  }
}

describe('clock jumps', () => {
  test('a machine that slept is noticed, and one that did not is not', async () => {
    const clock = new Jumping()
    const told: Hint[] = []
    const stop = clockJumps(clock, (hint) => told.push(hint))
    await clock.advance(60_000, idle)
    expect(told).toEqual([])
    clock.slept = 3_600_000
    await clock.advance(5_000, idle)
    await clock.advance(60_000, idle)
    expect(told).toEqual(['wake'])
    stop()
    expect(clock.pending).toBe(0)
  })
})

describe('a page', () => {
  let page: EventTarget & { document: EventTarget & { visibilityState: string } }
  let clock: Jumping
  let told: Hint[]
  let stop: () => void

  beforeEach(() => {
    page = Object.assign(new EventTarget(), {
      document: Object.assign(new EventTarget(), { visibilityState: 'visible' }),
    })
    for (const name of ['addEventListener', 'removeEventListener'] as const)
      vi.stubGlobal(name, page[name].bind(page))
    vi.stubGlobal('document', page.document)
    clock = new Jumping()
    told = []
    stop = pageHints(clock, (hint) => told.push(hint))
  })
  const fire = (target: EventTarget, type: string, persisted = false): boolean =>
    target.dispatchEvent(Object.assign(new Event(type), { persisted }))

  test('its network and its life give hints', () => {
    fire(page, 'online')
    fire(page, 'offline')
    fire(page.document, 'visibilitychange')
    fire(page.document, 'resume')
    expect(told).toEqual(['wake', 'probe', 'wake', 'wake'])
  })

  test('only the back/forward cache suspends', () => {
    fire(page, 'pagehide')
    fire(page, 'pageshow')
    expect(told).toEqual([])
    fire(page, 'pagehide', true)
    fire(page, 'pageshow', true)
    expect(told).toEqual(['suspend', 'wake'])
  })

  test('a hidden page gives no hint of its throttled timers', async () => {
    page.document.visibilityState = 'hidden'
    fire(page.document, 'visibilitychange')
    clock.slept = 60_000
    await clock.advance(5_000, idle)
    expect(told).toEqual([])
    page.document.visibilityState = 'visible'
    clock.slept = 120_000
    await clock.advance(5_000, idle)
    expect(told).toEqual(['wake'])
  })

  test('nothing is left when nobody listens', () => {
    stop()
    for (const type of ['online', 'offline', 'pageshow']) fire(page, type, true)
    fire(page.document, 'resume')
    expect([told, clock.pending]).toEqual([[], 0])
  })
})

test('where there is no page, as in a worker of an old engine, there is the clock', () => {
  vi.stubGlobal('addEventListener', undefined)
  vi.stubGlobal('removeEventListener', undefined)
  const clock = new VirtualClock()
  const stop = pageHints(clock, () => {})
  expect(clock.pending).toBe(1)
  stop()
  expect(clock.pending).toBe(0)
})
