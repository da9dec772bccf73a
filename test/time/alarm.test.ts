import { expect, test } from 'vitest'
import { Alarm } from '../../src/time/alarm.js'
import { SimClock } from '../sim/clock.js'

function alarm() {
  const clock = new SimClock()
  const said: string[] = []
  return { clock, alarm: new Alarm(clock), said, say: (word: string) => () => void said.push(word) }
}

test('goes off once, when it was set to', async () => {
  const { clock, alarm: one, said, say } = alarm()
  await clock.advance(7)
  one.set(100, say('a'))
  expect(one.at).toBe(clock.now() + 100)
  await clock.advance(99)
  expect(said).toEqual([])
  await clock.advance(1_000)
  expect(said).toEqual(['a'])
})

test('set anew, it goes off then, and then only', async () => {
  const { clock, alarm: one, said, say } = alarm()
  one.set(100, say('a'))
  one.set(200, say('b'))
  expect(clock.timers).toEqual([200])
  await clock.advance(1_000)
  expect(said).toEqual(['b'])
})

test('stopped, it can be set again; retired, it cannot', async () => {
  const { clock, alarm: one, said, say } = alarm()
  one.set(100, say('a'))
  one.stop()
  expect([one.at, clock.timers]).toEqual([Infinity, []])
  one.set(100, say('b'))
  await clock.advance(100)
  one.set(100, say('c'))
  one.retire()
  one.set(100, say('d'))
  expect([one.at, clock.timers]).toEqual([Infinity, []])
  await clock.advance(1_000)
  expect(said).toEqual(['b'])
})
