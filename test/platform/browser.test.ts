/** The browsers' platform, here over the class of `ws`, which has the same interface. */
import type { AddressInfo } from 'node:net'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { WebSocketServer } from 'ws'
import { platform } from '../../src/platform/browser.js'
import { systemClock } from '../../src/time/clock.js'
import { ReconnectingSocket } from '../../src/socket/socket.js'
import { dialOptions, LinkRecorder } from '../sim/listener.js'
import { URL_A } from '../sim/socket.js'
import type { Hint } from '../../src/machine/state.js'

let server: WebSocketServer
let url: string

beforeAll(async () => {
  server = new WebSocketServer({ host: '127.0.0.1', port: 0 })
  server.on('connection', (peer) => peer.on('message', (data, binary) => peer.send(data, { binary })))
  await new Promise((resolve) => server.once('listening', resolve))
  url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}/`
})
afterAll(() => new Promise((resolve) => server.close(resolve)))
afterEach(() => {
  vi.doUnmock('isomorphic-ws')
  vi.resetModules()
  vi.unstubAllGlobals()
})

test('dials with the platform’s own class', async () => {
  const listener = new LinkRecorder()
  const link = platform.dial({ url, protocols: undefined }, dialOptions, listener)
  await listener.until('open')
  link.send({ data: 'hello', expires: Infinity })
  expect(await listener.until('message')).toEqual(['message', 'hello'])
  link.close(1000, 'bye')
  expect(await listener.until('close')).toEqual(['close', 1000, 'bye', true])
})

test('dials with the class that is given', () => {
  const given: unknown[] = []
  class WebSocket {
    constructor(...args: unknown[]) {
      given.push(args)
    }
  }
  platform.dial({ url: URL_A, protocols: ['a'] }, { ...dialOptions, WebSocket }, new LinkRecorder())
  expect(given).toEqual([[URL_A, ['a']]])
})

test('an engine without WebSocket says what to do', async () => {
  vi.resetModules()
  vi.doMock('isomorphic-ws', () => ({ default: null }))
  const { platform } = await import('../../src/platform/browser.js')
  expect(() => platform.dial({ url: URL_A, protocols: undefined }, dialOptions, new LinkRecorder())).toThrow(
    'this platform has no WebSocket; give one as the WebSocket option',
  )
})

test('its random numbers are in [0, 1), and differ', () => {
  const numbers = Array.from({ length: 100 }, () => platform.random())
  expect(numbers.every((number) => number >= 0 && number < 1)).toBe(true)
  expect(new Set(numbers).size).toBeGreaterThan(90)
})

test('its clock is the system’s', () => {
  expect(platform.clock).toBe(systemClock)
})

describe('its hints', () => {
  test('are the page’s, by one set of listeners', () => {
    const page = new EventTarget()
    const added: string[] = []
    vi.stubGlobal('addEventListener', (type: string, listener: EventListener) => {
      added.push(type)
      page.addEventListener(type, listener)
    })
    vi.stubGlobal('removeEventListener', page.removeEventListener.bind(page))
    const hints: Hint[] = []
    const undo = [1, 2].map(() => platform.hints((hint) => hints.push(hint)))
    expect(added).toEqual(['online', 'offline', 'pagehide', 'pageshow'])
    page.dispatchEvent(new Event('online'))
    expect(hints).toEqual(['wake', 'wake'])
    for (const stop of undo) stop()
    page.dispatchEvent(new Event('online'))
    expect(hints.length).toBe(2)
  })
})

test('a socket over it cannot pause: a slow iteration ends with an error', async () => {
  const Socket = ReconnectingSocket as unknown as new (
    ...args: [string, object, typeof platform]
  ) => ReconnectingSocket
  const socket = new Socket(url, { readAhead: 2, heartbeat: false }, platform)
  await socket.opened
  const iterator = socket[Symbol.asyncIterator]()
  const three = new Promise<void>((resolve) => {
    let count = 0
    socket.on('message', () => ++count === 3 && resolve())
  })
  for (const data of ['a', 'b', 'c']) socket.send(data)
  await three
  expect([(await iterator.next()).value, (await iterator.next()).value]).toEqual(['a', 'b'])
  await expect(iterator.next()).rejects.toMatchObject({ code: 'ERR_SLOW_CONSUMER' })
  socket.close()
  await socket.closed
})
