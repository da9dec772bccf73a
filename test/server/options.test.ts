import { runInNewContext } from 'node:vm'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { type Session, SessionServer, memoryStore } from '../../src/server/index.js'
import { SimClock } from '../sim/clock.js'
import { next, startClient, startNode } from './harness.js'
import { RawPeer } from './raw.js'

const { close: _, ...halfAStore } = { ...memoryStore() } as Record<string, unknown>

test.each([
  [{ store: {} }, 'store'],
  [{ store: null }, 'store'],
  [{ store: halfAStore }, 'store'],
  [{ store: 'redis://127.0.0.1' }, 'store'],
  [{ authorize: 'me' }, 'authorize'],
  [{ ttl: 0 }, 'ttl'],
  [{ ttl: Infinity }, 'ttl'],
  [{ window: 10 }, 'window'],
  [{ window: 1e9 }, 'window'],
  [{ maxHeldMessages: 0 }, 'maxHeldMessages'],
  [{ maxHeldBytes: -1 }, 'maxHeldBytes'],
  [{ maxSessions: '7' }, 'maxSessions'],
  [{ maxSessionsPerIdentity: NaN }, 'maxSessionsPerIdentity'],
  [{ handshakeTimeout: 0 }, 'handshakeTimeout'],
  [{ heartbeat: 2 ** 31 }, 'heartbeat'],
  [{ timeToLive: 5 }, 'timeToLive'],
])('%o is refused by name', (options, argument) => {
  expect(() => new SessionServer(options as never)).toThrow(expect.objectContaining({ argument }) as Error)
})

describe('bad arguments', () => {
  test.each([[undefined], [{}], [{ on() {}, send() {}, close() {} }]])('accept(%o)', async (socket) => {
    const sessions = new SessionServer()
    expect(() => sessions.accept(socket as never, undefined)).toThrow(
      expect.objectContaining({ argument: 'socket' }) as Error,
    )
    await sessions.close()
  })

  test.each([[undefined], [7], [''], ['a b'], ['x'.repeat(65)]])('get(%o)', async (id) => {
    const sessions = new SessionServer()
    expect(() => sessions.get(id as never)).toThrow(expect.objectContaining({ argument: 'id' }) as Error)
    await sessions.close()
  })

  const detached = new Uint8Array(8)
  structuredClone(detached, { transfer: [detached.buffer] })

  test.each([[undefined], [7], [{}], [[1, 2]], [detached], [detached.buffer]])('send(%o)', async (data) => {
    const sessions = new SessionServer()
    const session = sessions.get('somebody')
    expect(() => session.send(data as never)).toThrow(expect.objectContaining({ argument: 'data' }) as Error)
    await sessions.close()
  })

  test.each([[undefined], [null], ['listener'], [{}]])('on(…, %o)', async (listener) => {
    const { url, sessions } = await startNode()
    const refused = expect.objectContaining({ argument: 'listener' }) as Error
    expect(() => sessions.on('session', listener as never)).toThrow(refused)
    const told = next<Session>((given) => sessions.on('session', given))
    startClient(url)
    const session = await told
    expect(() => session.on('message', listener as never)).toThrow(refused)
    expect(() => session.on('ended', listener as never)).toThrow(refused)
  })

  test('on() with a name that no event has', async () => {
    const { url, sessions } = await startNode()
    const refused = expect.objectContaining({ argument: 'type' }) as Error
    for (const wrong of ['sessions', 'message', 'toString', undefined])
      expect(() => sessions.on(wrong as 'error', () => {})).toThrow(refused)
    const told = next<Session>((given) => sessions.on('session', given))
    startClient(url)
    const session = await told
    for (const wrong of ['mesage', 'close', 'toString', undefined])
      expect(() => session.on(wrong as 'ended', () => {})).toThrow(refused)
  })

  test('an ArrayBuffer of another realm is sent like any', async () => {
    const { url, sessions } = await startNode()
    const told = next<Session>((given) => sessions.on('session', given))
    const client = startClient(url)
    await (await told).send(runInNewContext('new Uint8Array([1, 2]).buffer') as ArrayBuffer)
    await client.until(({ received }) => received.length === 1)
    expect(client.received).toEqual([Buffer.from([1, 2])])
  })
})

test.each<[unknown, string]>([
  [{ timeout: -1 }, 'timeout'],
  [{ timeout: NaN }, 'timeout'],
  [{ timeout: '1 s' }, 'timeout'],
  [{ time: 1 }, 'time'],
  [5_000, 'options'],
  [null, 'options'],
])('close(%o) is refused by name', async (options, argument) => {
  const sessions = new SessionServer()
  expect(() => sessions.close(options as never)).toThrow(expect.objectContaining({ argument }) as Error)
  await sessions.close()
})

test('what a welcome says are integers, whatever was divided', async () => {
  const node = await startNode({ ttl: 10_000 / 3, window: 1e6 / 7 })
  const peer = new RawPeer(node.port).control('h', {})
  onTestFinished(() => peer.destroy())
  expect(await peer.welcome()).toMatchObject({ ttl: 3_334, window: 142_858 })
})

test('nothing is left of a server that is closed', async () => {
  const clock = new SimClock()
  const sessions = new SessionServer({}, clock)
  expect([...sessions]).toEqual([])
  await sessions.close()
  expect(clock.timers).toEqual([])
})

test('a server that serves nobody keeps no process alive', async () => {
  const timers = (): number => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length
  const before = timers()
  const sessions = new SessionServer()
  expect(timers()).toBe(before)
  await sessions.close()
})

test('nor does one whose clients are away', async () => {
  const { url, sessions } = await startNode()
  const client = startClient(url)
  const session = await next<Session>((listener) => sessions.on('session', listener))
  await client.live()
  const expiry = vi.spyOn(globalThis, 'setTimeout')
  client.stop()
  await next((listener) => session.on('detached', listener))
  const set = expiry.mock.calls.findIndex(([, ms]) => ms === 300_000)
  expect(expiry.mock.results[set]!.value).toSatisfy((timer: NodeJS.Timeout) => !timer.hasRef())
})
