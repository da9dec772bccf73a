/** What becomes of messages that a socket does not take. */
import { describe, expect, test } from 'vitest'
import { CountedStore } from '../../../src/cli/counted-store.js'
import { Delivery } from '../../../src/cli/delivery.js'
import type { CommandRecord } from '../../../src/cli/record.js'
import { SessionDelivery } from '../../../src/cli/session-delivery.js'
import { OutboxFullError } from '../../../src/index.js'
import type { OpenStore, SessionStore } from '../../../src/session/index.js'

/** A socket as far as it is asked: it refuses what `send` throws for. */
function fake(send: () => unknown) {
  const listeners = new Map<string, Set<(detail: unknown) => void>>()
  return {
    state: 'open',
    bufferedAmount: 0,
    outbox: { size: 0, bytes: 0 },
    held: { size: 0, bytes: 0 },
    ended: [] as unknown[],
    send,
    delivered: () => Promise.resolve(),
    close(code: number) {
      this.ended.push(code)
    },
    end() {
      this.ended.push('end')
    },
    on(type: string, listener: (detail: unknown) => void) {
      const all = listeners.get(type) ?? new Set()
      listeners.set(type, all.add(listener))
      return () => all.delete(listener)
    },
    tell(type: string, detail: object = {}) {
      for (const listener of [...(listeners.get(type) ?? [])]) listener(detail)
    },
  }
}

type Fake = ReturnType<typeof fake>
const full = (): never => {
  throw new OutboxFullError()
}
const broken = (): never => {
  throw new TypeError('broken')
}
const told: CommandRecord[] = []
const report = (store?: CountedStore) => ({
  store,
  each: true,
  tell: (record: CommandRecord) => void told.push(record),
})

describe.each([
  ['without a session', (socket: Fake) => new Delivery({ socket, ping() {} } as never)],
  ['with a session', (socket: Fake) => new SessionDelivery(socket as never, report())],
])('%s', (_, make) => {
  test('a socket with no room is offered it again; one that is closed is not', async () => {
    const socket = fake(full)
    const delivery = make(socket)
    socket.held.size = 1
    expect(delivery.offer('a')).toBe(false)
    const sent = delivery.send('a')
    socket.tell('state')
    socket.state = 'closed'
    expect(await sent).toBe(false)
    expect(delivery.undelivered).toBe(1)
    expect(await delivery.flushed()).toBe(false)
    delivery.stop()
  })

  test('what is no matter of room is an error', async () => {
    const delivery = make(fake(broken))
    expect(() => delivery.offer('a')).toThrow('broken')
    await expect(delivery.send('a')).rejects.toThrow('broken')
    delivery.stop()
  })

  test('what does not leave in time has not left', async () => {
    const socket = fake(() => 1)
    const delivery = make(socket)
    expect(await delivery.send('a')).toBe(true)
    socket.outbox.size = socket.held.size = 1
    expect(await delivery.flushed(1)).toBe(false)
    socket.outbox.size = socket.held.size = 0
    expect(await delivery.flushed()).toBe(true)
    delivery.stop()
  })
})

test('a session does not wait for room for a message that is longer than all of it', async () => {
  const delivery = new SessionDelivery(fake(full) as never, report())
  expect(await delivery.send('a')).toBe(false)
  expect(delivery.undelivered).toBe(1)
})

test('a session reports what it has lost, and not what the end of the run reports', () => {
  const socket = fake(() => 1)
  const delivery = new SessionDelivery(socket as never, report())
  told.length = 0
  socket.tell('resumed', { missed: 1 })
  socket.tell('lost', { reason: 'session', messages: ['a', 'b'] })
  socket.tell('lost', { reason: 'left', session: 'id', messages: ['c'] })
  // the server has never named it, so nothing was sent
  socket.tell('lost', { reason: 'left', messages: ['d', 'e'] })
  expect(told).toEqual([
    { type: 'resumed', missed: 1 },
    { type: 'lost', reason: 'session', messages: 2 },
  ])
  expect(delivery.inDoubt).toBe(3)
  delivery.refuse()
  expect([delivery.undelivered, delivery.kept]).toEqual([3, 0])
})

test('a session in memory is ended, that of a file is left', async () => {
  const inMemory = fake(() => 1)
  new SessionDelivery(inMemory as never, report()).finish()
  const inFile = fake(() => 1)
  inFile.held.size = 2
  const delivery = new SessionDelivery(inFile as never, report(new CountedStore({} as SessionStore)))
  delivery.finish()
  expect([inMemory.ended, inFile.ended]).toEqual([['end'], [1000]])
  // its file has never been open
  expect([delivery.undelivered, delivery.kept]).toEqual([2, 0])
})

test('a store counts what it holds', async () => {
  const calls: unknown[][] = []
  const call =
    (name: string) =>
    (...args: unknown[]): Promise<void> => {
      calls.push([name, ...args])
      return Promise.resolve()
    }
  const names = ['append', 'forget', 'clear', 'received', 'name', 'close'] as const
  const inner = {
    saved: { acked: 3, messages: ['a', 'b'] },
    ...Object.fromEntries(names.map((name) => [name, call(name)])),
  } as unknown as OpenStore
  const store = new CountedStore({ open: () => Promise.resolve(inner) } as unknown as SessionStore)
  expect([store.opened, store.size]).toEqual([false, 0])
  const open = await store.open(new AbortController().signal)
  expect([store.opened, store.size]).toEqual([true, 2])
  await open.append(6, 'c')
  expect(store.size).toBe(3)
  await open.forget(5)
  expect(store.size).toBe(1)
  await open.received(9)
  await open.name({} as never)
  await open.clear()
  expect(store.size).toBe(0)
  await open.close()
  expect(calls.map(([name]) => name)).toEqual(['append', 'forget', 'received', 'name', 'clear', 'close'])
})
