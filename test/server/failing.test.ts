/** A store that fails at any one of its operations: nothing is lost, and who is concerned is told. */
import { expect, test, vi } from 'vitest'
import { type Session, type SessionStore, StoreUnavailableError, type Wake } from '../../src/server/index.js'
import { memoryStore } from '../../src/server/memory.js'
import { SimClock } from '../sim/clock.js'
import { next, startClient, startNode } from './harness.js'
import { replaced, wrapped } from './wrapped.js'

type Operation = keyof SessionStore

/** A store whose operations fail as often as is said. */
function failing(clock?: SimClock) {
  const store = memoryStore(clock)
  const failures = new Map<Operation, number>()
  const wakes: ((wake: Wake) => void)[] = []
  const broken = wrapped(store, (name, operation) => async (...args) => {
    const left = failures.get(name) ?? 0
    failures.set(name, left - 1)
    if (left > 0) throw new StoreUnavailableError()
    if (name === 'subscribe') wakes.push(args[1] as (wake: Wake) => void)
    return operation(...args)
  })
  const fail = (name: Operation, times = 1): unknown => failures.set(name, times)
  return { store, broken, fail, wake: (wake: Wake) => wakes.forEach((tell) => tell(wake)) }
}

test.each(['find', 'claim', 'open'] as const)(
  '%s: the client is asked to come back, with 1013',
  async (name) => {
    const { broken, fail } = failing()
    const { url, errors } = await startNode({ store: broken })
    const client = startClient(url)
    await client.live()
    fail(name)
    if (name === 'open') startClient(url)
    client.cut()
    if (name !== 'open') {
      await client.until(({ closes }) => closes.length === 2)
      expect(client.closes[1]).toBe(1013)
    }
    await client.until(({ resumed }) => resumed === 1)
    while (errors.length === 0) await new Promise(setImmediate)
    expect(errors).toEqual([new StoreUnavailableError()])
  },
)

test('a store that takes its time for a hello is waited for: the client has kept its own', async () => {
  const clock = new SimClock()
  const inner = memoryStore(clock)
  let asked!: () => void
  const asking = new Promise<void>((resolve) => (asked = resolve))
  const store = replaced(inner, {
    open() {
      asked()
      return new Promise((_resolve, reject) =>
        clock.setTimeout(() => reject(new StoreUnavailableError()), 20),
      )
    },
  })
  const { url } = await startNode({ store, handshakeTimeout: 10 }, clock)
  const client = startClient(url)
  await asking
  await clock.advance(20)
  await client.until(({ closes }) => closes.length === 1)
  expect(client.closes).toEqual([1013])
})

test('commit: the client is asked to come back, and the message is given again', async () => {
  const { broken, fail } = failing()
  const { url, sessions, errors } = await startNode({ store: broken })
  const given: [unknown, number][] = []
  sessions.on('session', (session) =>
    session.on('message', (data, { number }) => {
      // nothing of it has come to the store
      if (given.length === 0) fail('commit')
      given.push([data, number])
    }),
  )
  const client = startClient(url)
  client.send('one')
  await client.until(({ acked }) => acked === 1)
  expect(given).toEqual([
    ['one', 1],
    ['one', 1],
  ])
  expect(client.closes).toEqual([1013])
  expect(errors).toEqual([new StoreUnavailableError()])
})

test('a message is not acknowledged before the store has it', async () => {
  let open!: () => void
  const gate = new Promise<void>((resolve) => (open = resolve))
  const { store } = failing()
  const slow = replaced(store, {
    commit: async (...args) => (await gate, store.commit(...args)),
  })
  const { url, sessions } = await startNode({ store: slow, window: 1_024 })
  sessions.on('session', (session) => session.on('message', () => void session.send('handled')))
  const client = startClient(url)
  // so much that it would be acknowledged at once
  client.send('x'.repeat(512))
  await client.until(({ received }) => received.length === 1)
  expect(client.acked).toBe(0)
  open()
  await client.until(({ acked }) => acked === 1)
})

test('append: who sent is told, from wherever', async () => {
  const { broken, fail } = failing()
  const { url, sessions } = await startNode({ store: broken })
  const client = startClient(url)
  const session = await next<Session>((listener) => sessions.on('session', listener))
  await client.live()
  fail('append', 2)
  await expect(session.send('one')).rejects.toThrow(StoreUnavailableError)
  const other = await startNode({ store: broken })
  await expect(other.sessions.get(session.id).send('two')).rejects.toThrow(StoreUnavailableError)
  await session.send('three')
  await client.until(({ received }) => received.length === 1)
  expect(client.received).toEqual(['three'])
})

test('trim: it is done the next time', async () => {
  const { broken, store, fail } = failing()
  const { url, sessions, errors } = await startNode({ store: broken })
  const client = startClient(url)
  const session = await next<Session>((listener) => sessions.on('session', listener))
  fail('trim')
  await session.send('one')
  while (errors.length === 0) await new Promise(setImmediate)
  await session.send('two')
  await client.until(({ received }) => received.length === 2)
  await expect.poll(async () => (await store.find(session.id))!.delivered).toBe(2)
})

test('read: it is tried again when the store is back', async () => {
  const { broken, fail, wake } = failing()
  const { url, sessions, errors } = await startNode({ store: broken })
  const client = startClient(url)
  const session = await next<Session>((listener) => sessions.on('session', listener))
  await client.live()
  fail('read')
  client.cut()
  await next((listener) => session.on('detached', listener))
  void session.send('one')
  await client.until(({ resumed }) => resumed === 1)
  while (errors.length === 0) await new Promise(setImmediate)
  wake({ type: 'missed' })
  await client.until(({ received }) => received.length === 1)
})

test('renew and end: it is told', async () => {
  const { broken, fail, wake } = failing()
  const { url, sessions, errors } = await startNode({ store: broken })
  startClient(url)
  const session = await next<Session>((listener) => sessions.on('session', listener))
  fail('renew')
  wake({ type: 'missed' })
  while (errors.length < 1) await new Promise(setImmediate)
  fail('end')
  await session.end()
  while (errors.length < 2) await new Promise(setImmediate)
  expect(errors).toEqual([new StoreUnavailableError(), new StoreUnavailableError()])
})

test('renew while it closes: it closes', async () => {
  const { broken, fail } = failing()
  const { url, sessions, errors } = await startNode({ store: broken })
  const client = startClient(url)
  await client.live()
  fail('renew', 9)
  await sessions.close()
  expect(errors).toEqual([])
})

test('subscribe: it is told', async () => {
  const { broken, fail } = failing()
  fail('subscribe')
  const { sessions, errors } = await startNode({ store: broken })
  while (errors.length < 1) await new Promise(setImmediate)
  await sessions.close()
})

test('a store that is away says so, and the server passes it on', async () => {
  const { broken, wake } = failing()
  const { errors, sessions } = await startNode({ store: broken })
  const error = new Error('ECONNREFUSED')
  wake({ type: 'failed', error })
  expect(errors).toEqual([error])
  // of sessions that are not here
  wake({ type: 'appended', id: 'x', last: 1 })
  wake({ type: 'fenced', id: 'x', epoch: 1 })
  wake({ type: 'ended', id: 'x' })
  expect(sessions.stats.sessions).toBe(0)
})

test('what was missed while the store was away is found', async () => {
  const { broken, store, wake } = failing()
  const { url, sessions } = await startNode({ store: broken })
  const [client, taken, gone] = [startClient(url), startClient(url), startClient(url)]
  await Promise.all([client.live(), taken.live(), gone.live()])
  const find = (id: string): Session => [...sessions].find((session) => session.id === id)!
  const [, second, third] = [client, taken, gone].map(({ session }) => find(session!.id))
  // by somebody whose word did not come through
  await store.claim(second!.id, 'somebody', 60_000)
  await store.end(third!.id, 1)
  const append = store.append(client.session!.id, ['one'], { messages: 9, bytes: 9 }, 1)
  const over = [second!, third!].map((session) => next((listener) => session.on('ended', listener)))
  wake({ type: 'missed' })
  expect(await Promise.all(over)).toEqual([{ reason: 'taken' }, { reason: 'gone' }])
  await append
  await client.until(({ received }) => received.length === 1)
})

test('what happened before the store told anything is found', async () => {
  const inner = memoryStore()
  let open!: () => void
  const gate = new Promise<void>((resolve) => (open = resolve))
  const store = replaced(inner, {
    subscribe: async (...args) => (await gate, inner.subscribe(...args)),
  })
  const { url, seen } = await startNode({ store })
  const client = startClient(url)
  await client.live()
  await inner.append(seen[0]!.id, ['one'], { messages: 9, bytes: 9 })
  open()
  await client.until(({ received }) => received.length === 1)
})

test('a server whose store never subscribes, or cannot undo that, closes', async () => {
  for (const subscribe of [
    () => new Promise<never>(() => {}),
    () => () => Promise.reject(new Error('away')),
  ]) {
    const { SessionServer } = await import('../../src/server/index.js')
    const sessions = new SessionServer({ store: Object.assign(memoryStore(), { subscribe }) })
    await sessions.close({ timeout: 1 })
  }
})

test('an error that nobody listens for surfaces as the uncaught ones do', async () => {
  const { broken, wake } = failing()
  const { SessionServer } = await import('../../src/server/index.js')
  const sessions = new SessionServer({ store: broken })
  await new Promise(setImmediate)
  const surfaced = vi.spyOn(globalThis as unknown as { queueMicrotask: () => void }, 'queueMicrotask')
  surfaced.mockImplementation(() => {})
  wake({ type: 'failed', error: new Error('away') })
  expect(surfaced).toHaveBeenCalledOnce()
  surfaced.mockRestore()
  await sessions.close()
})
