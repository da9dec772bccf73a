import { expect, test } from 'vitest'
import { Envelope } from '../../demo/page/envelope.js'
import type { LogRecord } from 'everopen'
import type { End } from '../../src/machine/state.js'
import { Endpoints } from '../../src/retry/endpoints.js'
import { Retry } from '../../src/retry/retry.js'
import { readSettings } from '../../src/options/settings.js'
import { SimPlatform } from '../sim/platform.js'

const backoff = { base: 1_000, cap: 3_000 }
const stableAfter = 1_500
const decided = (code: number): number | undefined => (code === 1012 ? 2_000 : undefined)

const ends: readonly End[] = [
  { by: 'network', code: 1006, reason: '', wasClean: false },
  { by: 'client', code: 1006, reason: '', wasClean: false },
  { by: 'peer', code: 1001, reason: '', wasClean: true },
  { by: 'peer', code: 1012, reason: '', wasClean: true },
  { by: 'peer', code: 1013, reason: '', wasClean: true },
  { by: 'peer', code: 1003, reason: '', wasClean: true },
  { by: 'peer', code: 1008, reason: '', wasClean: true },
]

/** What the package decides, and the bounds that the page draws for it: whatever ends, for however long it was open. */
test.each([1, 2])('with %i endpoints, every delay of the package lies within the bounds', (endpoints) => {
  const urls = ['ws://a/', 'ws://b/'].slice(0, endpoints)
  const turning = new Endpoints()
  const platform = new SimPlatform()
  platform.random = Math.random
  const options = { retry: { backoff, stableAfter, decide: ({ code }: End) => decided(code) } }
  const retry = new Retry(readSettings(urls, options), platform, turning)
  retry.begin()
  let at = 0
  const envelope = new Envelope({ backoff, stableAfter, endpoints, decided, now: () => at })
  const kinds = new Set<string>()
  for (let i = 0; i < 2_000; i++) {
    turning.pick(urls as [string])
    const lived = [undefined, 10, 5_000][i % 3]
    const end = ends[Math.floor(Math.random() * ends.length)]!
    const from = lived === undefined ? 'connecting' : 'open'
    if (lived !== undefined) envelope.opened()
    at += lived ?? 0
    const { verdict } = retry.judge(end, 1, retry.lasted(lived ?? 0))
    if (verdict.type !== 'retry') {
      kinds.add('final')
      retry.begin()
      envelope.read({
        type: 'transition',
        at,
        from: 'closed',
        to: 'connecting',
        phase: 'preparing',
        dialIn: undefined,
      })
      continue
    }
    const { by, code, wasClean } = end
    envelope.read({
      type: 'end',
      at,
      by,
      code,
      wasClean,
      error: undefined,
      message: undefined,
      verdict: 'retry',
    })
    const wait: LogRecord = {
      type: 'transition',
      at,
      from,
      to: 'connecting',
      phase: 'waiting',
      dialIn: verdict.delay,
    }
    const delay = envelope.read(wait)!
    expect(delay.drawn).toBe(verdict.delay)
    expect(delay.drawn).toBeGreaterThanOrEqual(delay.least)
    expect(delay.drawn).toBeLessThanOrEqual(delay.most)
    kinds.add(
      delay.most === 0 ? 'at once' : delay.most <= 500 ? 'own' : delay.most > 3_000 ? 'asked' : 'backoff',
    )
    at += verdict.delay
  }
  expect([...kinds].sort()).toEqual(
    endpoints === 1 ? ['asked', 'backoff', 'final', 'own'] : ['asked', 'at once', 'backoff', 'final', 'own'],
  )
})
