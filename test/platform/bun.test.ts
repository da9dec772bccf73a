/** Which class dials in which version of Bun. */
import { afterEach, expect, test, vi } from 'vitest'
import { WebSocket } from 'ws'
import { platform as node } from '../../src/platform/node.js'
import { dialOptions, LinkRecorder } from '../sim/listener.js'
import { URL_A } from '../sim/socket.js'

afterEach(() => {
  vi.unstubAllGlobals()
  vi.resetModules()
})

const dialed: unknown[] = []
class Native {
  onclose?: (event: object) => void
  constructor(url: string) {
    dialed.push(url)
    natives.push(this)
  }
}
const natives: Native[] = []

async function bun(version: string | undefined) {
  vi.resetModules()
  vi.stubGlobal('Bun', version === undefined ? undefined : { version })
  vi.stubGlobal('WebSocket', Native)
  return (await import('../../src/platform/bun.js')).platform
}

test.each([undefined, '1.4.0', '1.10.2', '2.0.0'])('as in Node: %s', async (version) => {
  expect(Object.keys(await bun(version))).toEqual(Object.keys(node))
  expect((await bun(version)).schemes).toEqual(['ws+unix:'])
})

test.each(['0.8.1', '1.3.14'])('with Bun’s own class: %s', async (version) => {
  const platform = await bun(version)
  dialed.length = 0
  platform.dial({ url: URL_A, protocols: undefined }, dialOptions, new LinkRecorder())
  expect([dialed, platform.schemes, platform.provide!(undefined)]).toEqual([[URL_A], [], undefined])
  platform.check!({ family: undefined })
  expect(() => platform.check!({ headers: { a: 'b' } })).toThrow('node.headers needs Bun 1.4')
  expect(() => platform.check!({ family: 5 as never })).toThrow('node.family must be')
})

test('a class that is given is dialed as it is', async () => {
  const platform = await bun('1.3.14')
  const given: string[] = []
  class Given {
    constructor(url: string) {
      given.push(url)
    }
  }
  platform.dial(
    { url: URL_A, protocols: undefined },
    { ...dialOptions, WebSocket: Given },
    new LinkRecorder(),
  )
  expect([given, platform.provide!(Given)]).toEqual([[URL_A], undefined])
})

test('the class of ws has its targets as in Node', async () => {
  const platform = await bun('1.3.14')
  expect(platform.provide!(WebSocket)).toBeTypeOf('function')
})

test('Bun’s own class says of 1000 alone that it was clean', async () => {
  const platform = await bun('1.3.14')
  for (const code of [1000, 4321, 1006]) {
    const listener = new LinkRecorder()
    platform.dial({ url: URL_A, protocols: undefined }, dialOptions, listener)
    natives.at(-1)!.onclose!({ code, reason: '', wasClean: code === 1000 })
    expect(listener.told).toEqual([['close', code, '', code !== 1006]])
  }
})
