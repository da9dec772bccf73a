/** Which messages are given back, by the kind of class. */
import { afterEach, expect, test, vi } from 'vitest'
import { Latest, WholeWrites } from '../../src/platform/buffered.js'
import { dialOptions, LinkRecorder } from '../sim/listener.js'
import { URL_A } from '../sim/socket.js'

afterEach(() => {
  vi.doUnmock('isomorphic-ws')
  vi.resetModules()
})

test.each([Latest, WholeWrites])(
  '%o gives back nothing before the first message, nor what is forgotten',
  (Kind) => {
    const buffered = new Kind()
    expect(buffered.unsent(0)).toEqual([])
    const message = { data: 'abc', expires: Infinity }
    for (const [before, after] of [
      [0, 3],
      [3, 6],
    ] as const)
      buffered.add(message, before, after)
    expect(buffered.unsent(6)).toContain(message)
    buffered.forget()
    expect([0, 6].map((amount) => buffered.unsent(amount))).toEqual([[], []])
  },
)

/** Holds all that it is given. */
class Holding {
  readyState = 3
  bufferedAmount = 0
  send(data: string): void {
    this.bufferedAmount += data.length
  }
  close(): void {}
}

test.each([
  ['the engine’s own', ['a', 'b', 'c'], Holding],
  // the first may be on its way
  ['given', ['b', 'c'], class extends Holding {}],
])('a class that is %s gives back %j', async (_, expected, WebSocket) => {
  vi.resetModules()
  vi.doMock('isomorphic-ws', () => ({ default: Holding }))
  const { platform } = await import('../../src/platform/browser.js')
  const link = platform.dial(
    { url: URL_A, protocols: undefined },
    { ...dialOptions, WebSocket },
    new LinkRecorder(),
  )
  for (const data of ['a', 'b', 'c']) link.send({ data, expires: Infinity })
  expect(link.unsent().map(({ data }) => data)).toEqual(expected)
  link.drop()
})
