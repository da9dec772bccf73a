/** How much longer a heartbeat waits after verdicts that may have been wrong. */
import { expect, test } from 'vitest'
import { Patience } from '../../src/connection/patience.js'
import { settled } from '../sim/clock.js'
import { SimPlatform } from '../sim/platform.js'
import { simulate, URL_A } from '../sim/socket.js'

test('doubles from the second verdict in a row on, up to 32 times; an answer ends it', () => {
  const patience = new Patience()
  const factors = Array.from({ length: 9 }, () => {
    const { factor } = patience
    patience.failed()
    return factor
  })
  expect(factors).toEqual([1, 1, 2, 4, 8, 16, 32, 32, 32])
  patience.answered()
  expect(patience.factor).toBe(1)
})

/** A page: it sees whole messages only, and sends its heartbeat as one. */
function page(): SimPlatform {
  const platform = new SimPlatform()
  platform.able = {}
  platform.random = () => 1
  return platform
}

const heartbeat = {
  interval: 1_000,
  timeout: 500,
  message: 'ping',
  isReply: (data: unknown) => data === 'pong',
}

test('a page whose download takes longer than the timeout is not cut off for ever', async () => {
  const platform = page()
  const { clock } = simulate({ heartbeat, retry: { backoff: () => 10 } }, URL_A, platform)
  // the server greets, and then sends a message that takes 4 s to arrive
  let arrived = 0
  platform.dialed = (link) => {
    const answer = (): void => {
      if (link.drops > 0) return
      link.message('pong')
      clock.setTimeout(answer, 200)
    }
    clock.setTimeout(() => link.open().message('greeting'), 1)
    clock.setTimeout(() => {
      if (link.drops === 0) arrived++
      answer()
    }, 4_001)
  }
  await clock.advance(60_000)
  expect(arrived).toBe(1)
  expect(platform.links.length).toBeLessThan(8)
})

test('a page that hears nothing at all is as impatient as ever', async () => {
  const platform = page()
  const { clock } = simulate({ heartbeat, retry: { backoff: () => 10 } }, URL_A, platform)
  platform.dialed = (link) => void clock.setTimeout(() => link.open(), 1)
  await settled()
  platform.link.open()
  await clock.advance(20_000)
  // one each 1,512 ms
  expect(platform.links.length).toBeGreaterThanOrEqual(12)
})
