/** A store that loses what it had acknowledged: a failover, or evicted keys. The session starts anew, and its client is told. */
import { expect, test } from 'vitest'
import { memoryStore } from '../../src/server/memory.js'
import { SessionGoneError } from '../../src/server/errors.js'
import type { Session, Wake } from '../../src/server/index.js'
import { next, startClient, startNode } from './harness.js'
import { replaced, wrapped } from './wrapped.js'

const bounds = { messages: 100, bytes: 1_000 }

/** A store with a replica, which has what it had when a session was copied. */
function replicated() {
  const main = memoryStore()
  let current = main
  let wake!: (wake: Wake) => void
  // asynchronous, as one behind a network
  const store = wrapped(main, (name) => async (...args) => {
    if (name === 'subscribe') wake = args[1] as (wake: Wake) => void
    return (current[name] as (...given: unknown[]) => unknown).apply(current, args)
  })
  return {
    store,
    /** The replica takes over with a session that has only these messages. */
    async failover(id: string, messages: readonly string[]): Promise<void> {
      const record = (await main.find(id))!
      const replica = memoryStore()
      await replica.open(id, record, 'x', 60_000)
      await replica.append(id, messages, bounds, 1)
      current = replica
    },
    missed: () => wake({ type: 'missed' }),
  }
}

const ended = (session: Session) => next<{ reason: string }>((listener) => session.on('ended', listener))

test('numbers are not given twice: the next message is refused, and the client told', async () => {
  const { store, failover } = replicated()
  const { url, seen } = await startNode({ store })
  const client = startClient(url)
  await client.live()
  const session = seen[0]!
  for (const text of ['one', 'two', 'three']) await session.send(text)
  await client.until(({ received }) => received.length === 3)
  await failover(session.id, ['one'])
  const over = ended(session)
  await expect(session.send('four')).rejects.toThrow(SessionGoneError)
  expect(await over).toEqual({ reason: 'gone' })
  await client.until(({ lost }) => lost.length === 1)
  await client.live()
  await seen[1]!.send('five')
  await client.until(({ received }) => received.length === 4)
  expect(client.received).toEqual(['one', 'two', 'three', 'five'])
  expect(await store.find(session.id)).toBeUndefined()
})

test('it is noticed as soon as the store is back, with nothing sent', async () => {
  const { store, failover, missed } = replicated()
  const { url, seen } = await startNode({ store })
  const client = startClient(url)
  await client.live()
  await seen[0]!.send('one')
  await client.until(({ received }) => received.length === 1)
  await failover(seen[0]!.id, [])
  const over = ended(seen[0]!)
  missed()
  expect(await over).toEqual({ reason: 'gone' })
  await client.until(({ lost }) => lost.length === 1)
})

test('messages that are gone from a session that is there are not waited for', async () => {
  const main = memoryStore()
  // its stream has been evicted
  const store = replaced(main, { read: () => [] })
  const { url, seen } = await startNode({ store })
  const client = startClient(url)
  await client.live()
  const over = ended(seen[0]!)
  await main.append(seen[0]!.id, ['one'], bounds)
  expect(await over).toEqual({ reason: 'gone' })
  await client.until(({ lost }) => lost.length === 1)
})

test('what a later owner has trimmed is not missing: the session is taken, not gone', async () => {
  const main = memoryStore()
  let claimed: Promise<unknown> | undefined
  const store = replaced(main, {
    async read(id) {
      await (claimed ??= Promise.resolve(main.claim(id, 'another', 60_000)))
      return []
    },
  })
  const { url, seen } = await startNode({ store })
  const client = startClient(url)
  await client.live()
  const over = ended(seen[0]!)
  await main.append(seen[0]!.id, ['one'], bounds)
  expect(await over).toEqual({ reason: 'taken' })
  expect(await main.find(seen[0]!.id)).toBeDefined()
})
