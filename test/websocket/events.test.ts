/** ReconnectingWebSocket in Node: its events, and an engine that lacks some of them. */
import { once } from 'node:events'
import { runInNewContext } from 'node:vm'
import { describe, expect, it, vi } from 'vitest'
import type { WebSocket as Peer } from 'ws'
import { dial, made, next, peer, server, url } from './harness.js'
import { Platform } from './platform.js'

/** The module as an engine with other globals loads it. */
async function fresh(
  globals: Record<string, unknown>,
): Promise<typeof import('../../src/websocket/websocket.js')> {
  vi.resetModules()
  for (const [name, value] of Object.entries(globals)) vi.stubGlobal(name, value)
  return import('../../src/websocket/websocket.js')
}

describe('in Node', () => {
  it.each([
    ['told by this package', undefined],
    ['dispatched by the engine', {}],
  ])('events are of classes that are named as the standard names them: %s', async (_, options) => {
    server.on('connection', (other: Peer) => other.send('x'))
    const socket = dial({ retry: false })
    const message = await new Promise<Event>((resolve) =>
      socket.addEventListener('message', (event) => resolve(event as Event), options),
    )
    socket.close()
    const close = await next(socket, 'close')
    expect(message).toBeInstanceOf(MessageEvent)
    expect(message.constructor).toBe(MessageEvent)
    expect([String(message), String(close), Object.prototype.toString.call(socket)]).toEqual([
      '[object MessageEvent]',
      '[object CloseEvent]',
      '[object WebSocket]',
    ])
    const keys: string[] = []
    for (const key in message) keys.push(key)
    expect(keys).toEqual(expect.arrayContaining(['data', 'origin', 'lastEventId', 'source', 'ports', 'type']))
  })

  it('events take a tag of their own, as Deno up to 2.9.2 gives to each', async () => {
    vi.resetModules()
    vi.stubGlobal('CloseEvent', undefined)
    const { CloseEvent, MessageEvent } = await import('../../src/websocket/events.js')
    const events = [
      new CloseEvent('close', { code: 1000, reason: '', wasClean: true }),
      new MessageEvent('x', ''),
    ]
    for (const event of events)
      expect(() => Object.assign(event, { [Symbol.toStringTag]: 'Event' })).not.toThrow()
  })

  it('imports and runs where the engine has neither MessageEvent nor CloseEvent', async () => {
    const { ReconnectingWebSocket: Bare } = await fresh({ MessageEvent: undefined, CloseEvent: undefined })
    server.on('connection', (other: Peer) => other.send('x'))
    const socket = new Bare(url, [], { retry: false })
    made.push(socket)
    const message = (await next(socket, 'message')) as MessageEvent
    const closing = next(socket, 'close')
    socket.close(3000, 'bye')
    const { type, code, reason, wasClean } = (await closing) as CloseEvent
    expect(['MessageEvent' in globalThis && MessageEvent, 'CloseEvent' in globalThis && CloseEvent]).toEqual([
      undefined,
      undefined,
    ])
    expect([
      message.type,
      message.data,
      message.lastEventId,
      message.source,
      message.ports,
      message.target,
      message.origin,
      String(message),
    ]).toEqual(['message', 'x', '', null, [], socket, url.slice(0, -1), '[object MessageEvent]'])
    const keys: string[] = []
    for (const key in message) keys.push(key)
    expect(keys).toEqual(expect.arrayContaining(['data', 'origin', 'lastEventId', 'source', 'ports']))
    expect([type, code, reason, wasClean]).toEqual(['close', 3000, 'bye', true])
  })

  it('buffers of other realms and detached ones are binary', async () => {
    const socket = dial({ retry: false })
    const [other] = await Promise.all([peer(), next(socket, 'open')])
    const got: unknown[] = []
    other.on('message', (data, binary) => got.push([binary, [...(data as Buffer)]]))
    const foreign = runInNewContext('[new Uint8Array([1, 2]).buffer, new Uint8Array([3])]') as Uint8Array[]
    const detached = new ArrayBuffer(4)
    structuredClone(detached, { transfer: [detached] })
    for (const data of [...foreign, detached, new Uint8Array(0)]) socket.send(data)
    await expect
      .poll(() => got)
      .toEqual([
        [true, [1, 2]],
        [true, [3]],
        [true, []],
        [true, []],
      ])
  })

  it('shared and resizable memory cannot be sent as binary', async () => {
    const socket = dial({ retry: false })
    const [other] = await Promise.all([peer(), next(socket, 'open')])
    const message = once(other, 'message')
    const shared = new SharedArrayBuffer(2)
    const Resizable = ArrayBuffer as unknown as new (length: number, options: object) => ArrayBuffer
    const resizable = new Resizable(2, { maxByteLength: 4 })
    for (const data of [new Uint8Array(shared), resizable, new Uint8Array(resizable)])
      expect(() => socket.send(data)).toThrow(TypeError)
    socket.send(shared)
    expect(String((await message)[0])).toBe('[object SharedArrayBuffer]')
  })

  it.each([
    ['a function', {}, undefined],
    ['one with options', {}, { once: true }],
    ['an object', { handleEvent: true }, undefined],
  ])('a listener that is added meanwhile hears of the next message: %s', async (_, as, options) => {
    const told: string[] = []
    server.on('connection', (other: Peer) => ['one', 'two'].forEach((text) => other.send(text)))
    const socket = dial({ retry: false })
    const late = (event: Event): void => void told.push(`late ${(event as MessageEvent<string>).data}`)
    socket.addEventListener('message', ({ data }) => {
      told.push(data as string)
      if (data === 'one')
        socket.addEventListener('message', 'handleEvent' in as ? { handleEvent: late } : late, options)
      else queueMicrotask(() => socket.close())
    })
    await next(socket, 'close')
    expect(told).toEqual(['one', 'two', 'late two'])
  })

  it('a listener that throws disturbs no other, and its error is an uncaught exception', async () => {
    const before = process.listeners('uncaughtException')
    process.removeAllListeners('uncaughtException')
    const caught: string[] = []
    process.on('uncaughtException', (error) => caught.push(error.message))
    try {
      const socket = dial({ retry: false })
      socket.addEventListener('open', () => {
        throw new Error('listener')
      })
      socket.onopen = () => {
        throw new Error('handler')
      }
      await next(socket, 'open')
      await expect.poll(() => caught).toEqual(['listener', 'handler'])
      expect(socket.readyState).toBe(1)
    } finally {
      process.removeAllListeners('uncaughtException')
      for (const listener of before) process.on('uncaughtException', listener)
    }
  })

  it('no message event is built before someone listens', async () => {
    const socket = dial({ retry: false })
    const [other] = await Promise.all([peer(), next(socket, 'open')])
    const dispatch = vi.spyOn(EventTarget.prototype, 'dispatchEvent')
    other.send('nobody')
    other.ping()
    await once(other, 'pong')
    expect(dispatch).not.toHaveBeenCalled()
    // with an option it is the engine's to call
    const message = new Promise((resolve) =>
      socket.addEventListener('message', ({ data }) => resolve(data), { once: true }),
    )
    other.send('somebody')
    expect(await message).toBe('somebody')
    expect(dispatch).toHaveBeenCalledOnce()
    dispatch.mockRestore()
  })

  it('uses the CloseEvent of an engine that has one', async () => {
    class CloseEvent extends Event {}
    const { ReconnectingWebSocket: Class } = await fresh({ CloseEvent })
    const socket = new Class(url, [], { retry: false })
    socket.close()
    expect(await next(socket, 'close')).toBeInstanceOf(CloseEvent)
  })

  it('without setImmediate, bufferedAmount is what the platform says', async () => {
    const { ReconnectingWebSocket: Class } = await fresh({ setImmediate: undefined })
    const socket = new Class(url, [], { retry: false, WebSocket: Platform })
    await Platform.open(socket)
    Platform.last.bufferedAmount = 7
    socket.send('x')
    expect(socket.bufferedAmount).toBe(7)
  })
})

it('the CloseEvent of our own takes the whole dictionary, or none', async () => {
  vi.resetModules()
  vi.stubGlobal('CloseEvent', undefined)
  const { CloseEvent } = await import('../../src/websocket/events.js')
  expect(CloseEvent.length).toBe(1)
  const parts = (event: CloseEvent): unknown[] => [event.code, event.reason, event.wasClean, event.bubbles]
  const made = (init?: object | null) => new CloseEvent('close', init as object) as CloseEvent
  expect(parts(made())).toEqual([0, '', false, false])
  expect(parts(made(undefined))).toEqual([0, '', false, false])
  expect(parts(made(null))).toEqual([0, '', false, false])
  expect(parts(made({ code: 65_536 + 7, reason: 5, wasClean: 1, bubbles: true }))).toEqual([
    7,
    '5',
    true,
    true,
  ])
  expect(made({ cancelable: true }).cancelable).toBe(true)
  expect(() => new (CloseEvent as unknown as new () => unknown)()).toThrow(
    new TypeError('CloseEvent needs a type'),
  )
  vi.unstubAllGlobals()
})
