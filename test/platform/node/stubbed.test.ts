/** Which global WebSocket counts as one that a test has set. */
import { afterEach, expect, it, vi } from 'vitest'
import WS from 'ws'
import { ReconnectingWebSocket } from '../../../src/websocket/websocket.js'

const before = Object.getOwnPropertyDescriptor(globalThis, 'WebSocket')

afterEach(() => {
  if (before) Object.defineProperty(globalThis, 'WebSocket', before)
  else Reflect.deleteProperty(globalThis, 'WebSocket')
  vi.resetModules()
})

const set = (descriptor: PropertyDescriptor): void =>
  void Object.defineProperty(globalThis, 'WebSocket', { configurable: true, ...descriptor })

/** Loads the module anew, with the global as it is. */
const load = async () => (await import('../../../src/platform/node/stubbed.js')).stubbedClass

class Mock {}

it('none, where the global is as it was', async () => {
  Reflect.deleteProperty(globalThis, 'WebSocket')
  const stubbedClass = await load()
  expect(stubbedClass()).toBeUndefined()
  const get = vi.fn()
  set({ get })
  vi.resetModules()
  expect((await load())()).toBeUndefined()
  expect(get).not.toHaveBeenCalled()
})

it('one that was set before or after', async () => {
  Reflect.deleteProperty(globalThis, 'WebSocket')
  const after = await load()
  set({ value: Mock })
  expect(after()).toBe(Mock)
  vi.resetModules()
  expect((await load())()).toBe(Mock)
})

it('none, where it is no class, is a face of this package, or of ws', async () => {
  const stubbedClass = await load()
  for (const value of [
    undefined,
    {},
    WS,
    ReconnectingWebSocket,
    ReconnectingWebSocket.with({}),
    class extends WS {},
  ]) {
    set({ value })
    expect(stubbedClass()).toBeUndefined()
  }
})

it('not Node’s own, loaded by whoever looked at it first, before or after', async () => {
  class Own {
    readonly webidl = 'as the source of Node’s class says: webidl.argumentLengthCheck'
  }
  // as node:internal does it: the getter puts the class in its own place
  const get = (): unknown => {
    set({ value: Own })
    return Own
  }
  set({ get })
  const stubbedClass = await load()
  set({ value: Own })
  expect(stubbedClass()).toBeUndefined()
  set({ value: Mock })
  expect(stubbedClass()).toBe(Mock)
  expect((globalThis as { WebSocket?: unknown }).WebSocket).toBe(Mock)
  vi.resetModules()
  set({ value: Own })
  expect((await load())()).toBeUndefined()
})

it('not Bun’s own, a native value from the start', async () => {
  class Own {
    static readonly source = 'function WebSocket() {\n    [native code]\n}'
  }
  const { toString } = Function.prototype
  vi.spyOn(Function.prototype, 'toString').mockImplementation(function (this: unknown) {
    return this === Own ? Own.source : toString.call(this)
  })
  set({ value: Own })
  const stubbedClass = await load()
  expect(stubbedClass()).toBeUndefined()
  vi.restoreAllMocks()
  expect(stubbedClass()).toBe(Own)
})
