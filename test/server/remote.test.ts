/** Sending by id: the order of what is sent, while the store takes its time. */
import { expect, test } from 'vitest'
import { memoryStore } from '../../src/server/index.js'
import { startClient, startNode } from './harness.js'
import { distant, replaced } from './wrapped.js'

/** A store whose appends take a turn of the event loop, and that keeps one waiting until `release()`. */
function slow() {
  const inner = memoryStore()
  const waiting: (() => void)[] = []
  let hold = false
  const store = replaced(inner, {
    async append(...args) {
      if (hold) {
        hold = false
        await new Promise<void>((resolve) => waiting.push(resolve))
      }
      return inner.append(...args)
    },
  })
  const release = async (): Promise<void> => {
    while (waiting.length === 0) await new Promise(setImmediate)
    waiting.pop()!()
  }
  return { store, hold: () => void (hold = true), release }
}

test('messages do not overtake those that are being stored', async () => {
  const { store, hold, release } = slow()
  const [one, two] = [await startNode({ store }), await startNode({ store })]
  const client = startClient(one.url)
  await client.live()
  const { id } = client.session!
  expect(await two.sessions.get(id).send('first')).toBe(1)
  hold()
  const sent = Array.from({ length: 600 }, (_, n) => two.sessions.get(id).send(String(n)))
  await new Promise(setImmediate)
  sent.push(two.sessions.get(id).send('last'))
  await release()
  expect(await Promise.all(sent)).toEqual(sent.map((_, n) => n + 2))
  await client.until(({ received }) => received.length === 602)
  expect(client.received.at(-1)).toBe('last')
})

test('nor do they once the session has come here', async () => {
  const { store, hold, release } = slow()
  const [one, two] = [await startNode({ store }), await startNode({ store })]
  const client = startClient([one.url, two.url])
  await client.live()
  const { id } = client.session!
  hold()
  const sent = [two.sessions.get(id).send('first')]
  client.cut()
  await client.until(({ resumed }) => resumed === 1)
  expect(two.seen).toHaveLength(1)
  sent.push(two.sessions.get(id).send('second'))
  await release()
  expect(await Promise.all(sent)).toEqual([1, 2])
  await client.until(({ received }) => received.length === 2)
  expect(client.received).toEqual(['first', 'second'])
})

test('nor do they once the session has left', async () => {
  const { store, hold, release } = slow()
  const [one, two] = [await startNode({ store }), await startNode({ store })]
  const client = startClient([one.url, two.url])
  await client.live()
  const { id } = client.session!
  const left = new Promise((resolve) => one.seen[0]!.on('ended', resolve))
  hold()
  const sent = [one.sessions.get(id).send('first')]
  client.cut()
  expect(await left).toEqual({ reason: 'taken' })
  sent.push(one.sessions.get(id).send('second'))
  await release()
  expect(await Promise.all(sent)).toEqual([1, 2])
  await client.until(({ received }) => received.length === 2)
  expect(client.received).toEqual(['first', 'second'])
})

/** Two servers, of which the first still has a session that the second has taken: its store tells it nothing. */
async function unaware() {
  const inner = memoryStore()
  const deaf = replaced(inner, { subscribe: () => () => {} })
  const [one, two] = [await startNode({ store: deaf }), await startNode({ store: inner })]
  const client = startClient([one.url, two.url])
  await client.live()
  const { id } = client.session!
  const left = new Promise<void>((resolve) => one.seen[0]!.on('detached', () => resolve()))
  client.cut()
  await client.until(({ resumed }) => resumed === 1)
  await left
  expect(one.seen[0]!.state).toBe('detached')
  return { one, client, id, inner }
}

test('a session that another server has taken is reached, although nobody has told this one', async () => {
  const { one, client, id } = await unaware()
  const bytes = new TextEncoder().encode('second')
  const sent = [one.sessions.get(id).send('first'), one.sessions.get(id).send(bytes)]
  bytes.fill(0)
  expect(await Promise.all(sent)).toEqual([1, 2])
  await client.until(({ received }) => received.length === 2)
  expect(client.received.map(String)).toEqual(['first', 'second'])
})

test('and so is its end', async () => {
  const { one, client, id, inner } = await unaware()
  await one.sessions.get(id).end()
  expect(await inner.find(id)).toBeUndefined()
  await client.until(({ closes }) => closes.includes(4101))
})

test('and so is the end of the session itself', async () => {
  const { one, client, id, inner } = await unaware()
  await one.seen[0]!.end()
  expect(await inner.find(id)).toBeUndefined()
  await client.until(({ closes }) => closes.includes(4101))
})

test('end() resolves when the store has deleted the session', async () => {
  const inner = memoryStore()
  const { url, seen, sessions } = await startNode({ store: distant(inner) })
  const [first, second] = [startClient(url), startClient(url)]
  await Promise.all([first.live(), second.live()])
  await seen[0]!.end()
  expect(await inner.find(seen[0]!.id)).toBeUndefined()
  await sessions.get(seen[1]!.id).end()
  expect(await inner.find(seen[1]!.id)).toBeUndefined()
  await expect(sessions.get(seen[1]!.id).end()).rejects.toMatchObject({ code: 'ERR_SESSION_GONE' })
})

test('nor do they those behind one of which the store says that the session is elsewhere', async () => {
  const inner = memoryStore()
  let more = (): unknown => undefined
  const store = replaced(inner, {
    // the notice of it is late
    subscribe: () => () => {},
    async append(...args) {
      await new Promise(setImmediate)
      const result = await inner.append(...args)
      if (result === 'fenced') more()
      return result
    },
  })
  const [one, two] = [await startNode({ store }), await startNode({ store })]
  const client = startClient([one.url, two.url])
  await client.live()
  const { id } = client.session!
  client.cut()
  await client.until(({ resumed }) => resumed === 1)
  // too many for one append, and others while the rest of them is refused
  const sent = Array.from({ length: 1_500 }, (_, n) => one.sessions.get(id).send(String(n)))
  let over = (): void => {}
  const all = new Promise<void>((resolve) => (over = resolve))
  more = async () => {
    for (let n = 0; n < 100; n++) {
      await Promise.resolve()
      sent.push(one.sessions.get(id).send(`late ${n}`))
    }
    over()
  }
  await all
  expect(await Promise.all(sent)).toEqual(sent.map((_, n) => n + 1))
})
