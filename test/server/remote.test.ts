/** Sending by id: the order of what is sent, while the store takes its time. */
import { expect, test } from 'vitest'
import { memoryStore, type SessionStore } from '../../src/server/index.js'
import { startClient, startNode } from './harness.js'

/** A store whose appends take a turn of the event loop, and that keeps one waiting until `release()`. */
function slow() {
  const inner = memoryStore()
  const waiting: (() => void)[] = []
  let hold = false
  const append: SessionStore['append'] = async (...args) => {
    if (hold) {
      hold = false
      await new Promise<void>((resolve) => waiting.push(resolve))
    }
    return inner.append(...args)
  }
  const store = new Proxy(inner, {
    get: (_, name: keyof SessionStore) =>
      name === 'append' ? append : (inner[name] as (...args: unknown[]) => unknown).bind(inner),
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
