/** The clock of the test kit. */
import { describe, expect, it, vi } from 'vitest'
import { TestClock } from '../../src/testing/index.js'

describe('TestClock', () => {
  it('fires what is due, each at its time, in order', async () => {
    const clock = new TestClock()
    const fired: [string, number][] = []
    const note = (name: string) => () => fired.push([name, clock.now()])
    clock.setTimeout(note('c'), 30)
    clock.setTimeout(note('a'), 10)
    clock.setTimeout(note('b'), 10)
    const never = clock.setTimeout(note('never'), 20)
    clock.clearTimeout(never)
    expect([clock.pending, clock.timers]).toEqual([3, [10, 10, 30]])
    await clock.advance(29)
    expect([fired, clock.now(), clock.timers]).toEqual([
      [
        ['a', 10],
        ['b', 10],
      ],
      29,
      [1],
    ])
  })

  it('fires what a timer sets within the same span, after what promises do', async () => {
    const clock = new TestClock()
    const fired: string[] = []
    clock.setTimeout(() => {
      void Promise.resolve().then(() => fired.push('promise'))
      clock.setTimeout(() => fired.push('inner'), 5)
    }, 5)
    await clock.advance(10)
    expect(fired).toEqual(['promise', 'inner'])
  })

  it('fires at once what is set without a time, like the global one, and goes on', async () => {
    const clock = new TestClock()
    const fired: string[] = []
    for (const none of [undefined, NaN]) clock.setTimeout(() => fired.push('now'), none as never)
    clock.setTimeout(() => fired.push('later'), 5)
    await clock.advance(5)
    expect(fired).toEqual(['now', 'now', 'later'])
  })

  it('sleeps: time goes on, timers are late', async () => {
    const clock = new TestClock()
    const date = clock.date()
    let at = 0
    clock.setTimeout(() => (at = clock.now()), 10)
    clock.sleep(1_000)
    expect([clock.now(), clock.date() - date, clock.timers]).toEqual([1_000, 1_000, [10]])
    await clock.advance(10)
    expect(at).toBe(1_010)
  })

  it('waits by a timer where there is no setImmediate, as in a page', async () => {
    const { setImmediate } = globalThis
    vi.resetModules()
    Reflect.deleteProperty(globalThis, 'setImmediate')
    const { TestClock: Fresh } = await import('../../src/testing/index.js').finally(() =>
      Object.assign(globalThis, { setImmediate }),
    )
    let fired = 0
    const clock = new Fresh()
    clock.setTimeout(() => fired++, 1)
    await clock.advance(1)
    expect(fired).toBe(1)
  })
})
