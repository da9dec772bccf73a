/** Methods on their own, and a socket within a Proxy. */
import { isReactive, reactive, ref } from 'vue'
import { expect, test, vi } from 'vitest'
import { ReconnectingSocket } from '../../src/index.js'
import { settled } from '../sim/clock.js'
import { open, simulate } from '../sim/socket.js'

test('every method works on its own', async () => {
  const { socket, said, platform, link } = await open()
  const { on, off, subscribe, send, connect, reconnect, close, drain, terminate } = socket
  const heard: unknown[] = []
  const listener = (data: unknown): void => void heard.push(data)
  on('message', listener)
  const undo = subscribe(() => heard.push(socket.state))
  link.message('a')
  off('message', listener)
  link.message('b')
  expect(send('c')).toBe('sent')
  await drain()
  said()
  reconnect()
  expect(heard).toEqual(['a', 'closing'])
  undo()
  connect()
  terminate()
  close()
  expect([socket.state, platform.live]).toEqual(['closed', []])
})

test.each(['on', 'off', 'subscribe', 'send', 'connect', 'reconnect', 'close', 'drain', 'terminate'] as const)(
  'a test can spy on %s()',
  (name) => {
    const { socket } = simulate({ autoConnect: false })
    const original = socket[name]
    const spy = vi.spyOn(socket, name)
    socket.off('open', () => {})
    socket.send('x')
    expect([socket.outbox.list(), spy.mock.calls]).toEqual([
      ['x'],
      name === 'send' ? [['x']] : name === 'off' ? [['open', expect.any(Function)]] : [],
    ])
    spy.mockRestore()
    expect(socket[name]).toBe(original)
  },
)

test('each is the same function every time, and may be replaced', () => {
  const { socket } = simulate({ autoConnect: false })
  expect(socket.subscribe).toBe(socket.subscribe)
  const original = socket.send
  const replaced: unknown[] = []
  socket.send = (data) => {
    replaced.push(data)
    return original(data)
  }
  expect(socket.send('x')).toBe('queued')
  expect([replaced, socket.outbox.list()]).toEqual([['x'], ['x']])
  expect(Object.getOwnPropertyDescriptor(socket, 'send')).toMatchObject({
    configurable: true,
    writable: true,
    enumerable: true,
  })
  expect(Object.getOwnPropertyDescriptor(ReconnectingSocket.prototype, 'send')?.configurable).toBe(true)
  // as a test runner does that wraps the method of the class
  expect(ReconnectingSocket.prototype.send).toBeTypeOf('function')
})

test('a class that extends it may override them, and call its own', () => {
  class Louder extends ReconnectingSocket {
    override send(data: string): 'sent' | 'queued' | 'dropped' {
      return super.send(data.toUpperCase())
    }
  }
  const socket = new Louder('ws://a.test/', { autoConnect: false })
  expect(socket.send('a')).toBe('queued')
  expect(socket.send('b')).toBe('queued')
  expect(socket.outbox.list()).toEqual(['A', 'B'])
})

test('it survives a ref and a reactive object of Vue', async () => {
  const { socket } = await open()
  const held = ref(socket)
  expect(held.value.state).toBe('open')
  expect(held.value.send('a')).toBe('sent')
  expect(reactive({ socket }).socket.snapshot.state).toBe('open')
  expect(isReactive(held.value)).toBe(false)
  expect(String(socket)).toBe('[object ReconnectingSocket]')
})

test('it survives any other Proxy', async () => {
  const { socket, link } = await open()
  const proxy = new Proxy(socket, {})
  expect([proxy.state, proxy.bufferedAmount, proxy.binaryType, proxy.url]).toEqual([
    'open',
    0,
    'arraybuffer',
    'ws://a.test/',
  ])
  expect(proxy.send('a')).toBe('sent')
  expect(link.sent).toEqual(['a'])
  proxy.binaryType = 'blob'
  proxy.close()
  expect(socket.state).toBe('closing')
})

test('the snapshot says what waits, and changes when that does', async () => {
  const { socket } = simulate({ autoConnect: false, heartbeat: false })
  const seen: unknown[] = []
  socket.subscribe(() => seen.push([socket.snapshot.queued, socket.snapshot.queuedBytes]))
  const before = socket.snapshot
  socket.send('ab')
  expect(socket.snapshot).not.toBe(before)
  expect(socket.snapshot).toBe(socket.snapshot)
  for (let i = 0; i < 100; i++) socket.send('c')
  expect(seen).toEqual([])
  await settled()
  // once for all of them
  expect(seen).toEqual([[101, 102]])
  socket.outbox.drain()
  await settled()
  expect(seen.at(-1)).toEqual([0, 0])
})

test('nor is anybody told of what goes out at once', async () => {
  const { socket } = await open()
  const seen: unknown[] = []
  socket.subscribe(() => seen.push(socket.snapshot))
  socket.send('a')
  await settled()
  expect(seen).toEqual([])
})

test('a relative URL is resolved when it is dialed, where the socket is not dialed at once', async () => {
  const { socket, platform } = simulate({ autoConnect: false }, '/live')
  expect(() => socket.connect()).toThrow(/^url is not a valid URL/)
  expect(() => socket.reconnect()).toThrow(/^url/)
  expect(socket.state).toBe('idle')
  vi.stubGlobal('location', { href: 'https://a.test/page' })
  try {
    socket.connect()
    await settled()
    expect(platform.link.target.url).toBe('wss://a.test/live')
  } finally {
    vi.unstubAllGlobals()
  }
  expect(() => simulate({}, '/live')).toThrow(/^url/)
  expect(() => simulate({ autoConnect: false }, 'ftp://a.test')).toThrow(/^url must use ws: or wss:/)
})
