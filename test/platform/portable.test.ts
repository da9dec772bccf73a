/** Classes with the WHATWG interface that do not do all of it. */
import { afterEach, expect, test, vi } from 'vitest'
import { platform } from '../../src/platform/portable.js'
import { LinkRecorder, dialOptions } from '../sim/listener.js'
import { settled } from '../sim/clock.js'
import { URL_A } from '../sim/socket.js'
import { growth } from '../cost.js'
import type { Sendable } from '../../src/delivery/payload.js'

/** As workerd's: bytes alone in both directions. */
class Lacking {
  static latest: Lacking
  readyState = 1
  binaryType: unknown
  protocol: unknown = undefined
  extensions: unknown = null
  bufferedAmount: unknown = undefined
  onopen!: () => void
  onmessage!: (event: object) => void
  onerror!: (event: object) => void
  onclose!: (event: object) => void
  readonly calls: unknown[] = []

  constructor() {
    Lacking.latest = this
  }

  send(data: unknown): void {
    this.calls.push(typeof data === 'string' ? data : Array.from(new Uint8Array(data as ArrayBuffer)))
  }

  close(...args: unknown[]): void {
    this.calls.push(['close', ...args])
  }
}

afterEach(() => void vi.unstubAllGlobals())

function dial(binaryType: 'arraybuffer' | 'blob' = 'arraybuffer') {
  const listener = new LinkRecorder()
  const link = platform.dial(
    { url: URL_A, protocols: undefined },
    { ...dialOptions, binaryType, WebSocket: Lacking },
    listener,
  )
  const send = (...all: Sendable[]): void => all.forEach((data) => link.send({ data, expires: Infinity }))
  return { link, listener, send, socket: Lacking.latest }
}

test('a Blob goes as its bytes, in its place, and close() behind it', async () => {
  const { link, send, socket } = dial()
  send('a', new Blob(['\u0001\u0002']), 'b', new Blob(['\u0003']))
  link.close(1000, 'bye')
  expect([socket.calls, link.bufferedAmount, link.ready]).toEqual([['a'], 4, false])
  await expect.poll(() => socket.calls.length).toBe(5)
  expect(socket.calls).toEqual(['a', [1, 2], 'b', [3], ['close', 1000, 'bye']])
  expect(link.bufferedAmount).toBe(0)
})

test('a class whose bufferedAmount is no amount holds what waits behind a Blob alone', () => {
  const { link, send, socket } = dial()
  socket.bufferedAmount = NaN
  send(new Blob(['\u0001\u0002']), 'abc')
  expect(link.bufferedAmount).toBe(5)
})

test('a Blob is read once, whatever comes behind it', async () => {
  const { send, socket } = dial()
  let reads = 0
  const blob = new Blob(['\u0001'])
  const arrayBuffer = (): Promise<ArrayBuffer> => (reads++, Blob.prototype.arrayBuffer.call(blob))
  send(Object.assign(blob, { arrayBuffer }), 'a', 'b')
  await expect.poll(() => socket.calls).toEqual([[1], 'a', 'b'])
  expect(reads).toBe(1)
})

test('after a Blob the connection goes on', async () => {
  const { send, socket } = dial()
  send(new Blob(['\u0001']), 'a')
  await expect.poll(() => socket.calls.length).toBe(2)
  await settled()
  send('b')
  expect(socket.calls).toEqual([[1], 'a', 'b'])
})

test('bytes that wait behind a Blob go as they were when they were handed over', async () => {
  const { send, socket } = dial()
  const bytes = new Uint8Array([1, 2])
  send(new Blob(['\u0003']), bytes)
  bytes.fill(0)
  await expect.poll(() => socket.calls.length).toBe(2)
  expect(socket.calls).toEqual([[3], [1, 2]])
})

test('twice as many messages behind a Blob cost twice as much', () => {
  const grows = growth((n) => {
    const { send } = dial()
    send(new Blob(['x']))
    return () => {
      for (let i = 0; i < n; i++) send('x')
    }
  })
  expect(grows).toBeLessThan(2.5)
})

test('what waits behind a Blob when the connection is let go is given back, and not sent', async () => {
  const { link, send, socket } = dial()
  const blob = new Blob(['x'])
  send('a', blob, 'b')
  expect(link.unsent().map(({ data }) => data)).toEqual([blob, 'b'])
  link.drop()
  expect(link.bufferedAmount).toBe(0)
  await settled()
  await settled()
  expect(socket.calls).toEqual(['a', ['close']])
})

test('a Blob that cannot be read is told of once, and the others go', async () => {
  const { link, listener, send, socket } = dial()
  const blob = Object.assign(new Blob(['x']), { arrayBuffer: () => Promise.reject(new Error('gone')) })
  // what the class has not sent yet does not make up for it
  socket.send = function (data) {
    this.calls.push(data)
    this.bufferedAmount = 5
  }
  socket.bufferedAmount = 0
  send('first', blob, 'b')
  await expect.poll(() => socket.calls).toEqual(['first', 'b'])
  expect([listener.told, link.unsent().map(({ data }) => data)]).toEqual([[['lost', blob]], ['b']])
})

test('a class that refuses what waited behind a Blob ends the connection, and nothing is lost', async () => {
  const { link, listener, send, socket } = dial()
  const refused = new Error('not now')
  socket.send = function () {
    throw refused
  }
  send(new Blob(['x']), 'b')
  await expect.poll(() => socket.calls).toEqual([['close']])
  expect(listener.told).toEqual([['error', refused]])
  expect(link.unsent().map(({ data }) => data)).toEqual([expect.any(Blob), 'b'])
})

test('a Blob that has no way to be read is the class’s', () => {
  const { send, socket } = dial()
  send(Object.assign(new Blob([]), { arrayBuffer: undefined }) as unknown as Blob)
  expect(socket.calls.length).toBe(1)
})

test('bytes that come where a Blob is asked for are made one, where the engine can', async () => {
  const { listener, socket } = dial('blob')
  socket.onmessage({ data: new Uint8Array([65]).buffer })
  socket.onmessage({ data: 'text' })
  vi.stubGlobal('Blob', undefined)
  socket.onmessage({ data: new ArrayBuffer(1) })
  const [first, second, third] = listener.all('message').map(([, data]) => data)
  expect([await (first as Blob).text(), second, third]).toEqual(['A', 'text', new ArrayBuffer(1)])
})

test('bytes stay bytes where these are asked for', () => {
  const { listener, socket } = dial('arraybuffer')
  const { buffer } = new Uint8Array([65])
  socket.onmessage({ data: buffer })
  expect(listener.all('message')[0]![1]).toBe(buffer)
})

test('whoever tells a code has had the peer’s Close frame', () => {
  const { listener, socket } = dial()
  socket.onopen()
  socket.onerror({})
  for (const code of [1000, 1006, undefined]) socket.onclose({ code, reason: '', wasClean: false })
  socket.onclose({ code: undefined, reason: '', wasClean: true })
  expect(listener.told).toEqual([
    ['open'],
    ['error', undefined],
    ['close', 1000, '', true],
    ['close', 1006, '', false],
    ['close', undefined, '', false],
    ['close', undefined, '', true],
  ])
})

test('close() without a code, and what the class says of itself', () => {
  const { link, socket } = dial()
  expect([link.protocol, link.extensions, link.binaryType, link.ready]).toEqual(['', '', 'arraybuffer', true])
  Object.assign(socket, { protocol: 'a', extensions: 'b' })
  expect([link.protocol, link.extensions]).toEqual(['a', 'b'])
  Object.assign(socket, { bufferedAmount: 7, readyState: 0 })
  expect([link.bufferedAmount, link.ready]).toEqual([7, false])
  link.close()
  expect(socket.calls).toEqual([['close']])
})

test('close() is at once where nothing waits, or nothing can be sent any more', () => {
  const idle = dial()
  idle.link.close(1000)
  expect(idle.socket.calls).toEqual([['close', 1000, undefined]])
  const gone = dial()
  gone.send(new Blob(['x']))
  gone.socket.readyState = 2
  gone.link.close()
  expect(gone.socket.calls).toEqual([['close']])
})

test('nothing is told after drop(), whatever the class still says', () => {
  const { link, listener, socket } = dial()
  link.drop()
  socket.onopen()
  socket.onmessage({ data: 'late' })
  socket.onerror({})
  socket.onclose({ code: 1000, reason: '', wasClean: true })
  expect(listener.told).toEqual([])
})

test('without any class, what the browser’s platform says', async () => {
  vi.resetModules()
  vi.doMock('isomorphic-ws', () => ({ default: null }))
  const { platform } = await import('../../src/platform/portable.js')
  expect(() => platform.dial({ url: URL_A, protocols: undefined }, dialOptions, new LinkRecorder())).toThrow(
    'this platform has no WebSocket',
  )
  vi.doUnmock('isomorphic-ws')
  vi.resetModules()
})

test('its own class is made up for too', async () => {
  vi.resetModules()
  vi.doMock('isomorphic-ws', () => ({ default: Lacking }))
  const { platform } = await import('../../src/platform/portable.js')
  platform.dial({ url: URL_A, protocols: ['p'] }, dialOptions, new LinkRecorder())
  expect(Lacking.latest.binaryType).toBe('arraybuffer')
  vi.doUnmock('isomorphic-ws')
  vi.resetModules()
})
