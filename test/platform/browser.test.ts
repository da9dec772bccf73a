import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { WebSocketClass } from '../../src/options.js'
import type { DialOptions, LinkListener } from '../../src/platform/platform.js'

class Fake {
  static dials: string[] = []

  constructor(url: string) {
    Fake.dials.push(url)
  }
}
class Own extends Fake {}

const listener = {} as LinkListener
const options = (WebSocket?: unknown): DialOptions => ({
  binaryType: 'blob',
  closeTimeout: 1,
  WebSocket: WebSocket as WebSocketClass | undefined,
  node: {},
})
const target = { url: 'ws://a.test/', protocols: undefined }

beforeEach(() => {
  Fake.dials = []
  vi.resetModules()
})
afterEach(() => vi.doUnmock('isomorphic-ws'))

async function load(native: unknown) {
  vi.doMock('isomorphic-ws', () => ({ default: native }))
  return (await import('../../src/platform/browser.js')).platform
}

test('the native class, or the one that is given', async () => {
  const platform = await load(Fake)
  platform.dial(target, options(), listener)
  platform.dial(target, options(Own), listener)
  expect(Fake.dials).toHaveLength(2)
  expect(platform.random()).toBeLessThan(1)
})

test('an engine without one says what to do', async () => {
  const platform = await load(null)
  expect(() => platform.dial(target, options(), listener)).toThrow('give one as the WebSocket option')
})

test('it takes hints from the page', async () => {
  const platform = await load(Fake)
  expect(() => platform.hints(() => {})()).not.toThrow()
})
