/** What docs/recipes/resubscribing.md promises. */
import { expect, test } from 'vitest'
import type { RawConnection } from '../../faults/raw-server.js'
import { AT_ONCE, closing, listen, play, type Sample } from '../sample.js'

const PAGE = 'docs/recipes/resubscribing.md'

const subscribed = (...topics: string[]): string[] => topics.map((subscribe) => JSON.stringify({ subscribe }))

/** What the connection has got by its end. */
async function all(sample: Sample, connection: RawConnection): Promise<string[]> {
  await sample.ask("socket.close(1000, '', { drain: 10_000 })")
  await closing(connection)
  return connection.texts
}

test('each connection gets every topic, before the outbox', async () => {
  const server = await listen((connection, n) => {
    if (n === 1) void connection.accept()
  })
  const sample = play(PAGE, 1, server, { before: AT_ONCE })
  const first = await server.connection(0)
  await first.request
  await sample.ask("socket.send('waiting'), subscribe('weather')")
  await first.accept()
  await expect.poll(() => first.texts).toEqual([...subscribed('prices', 'news', 'weather'), 'waiting'])
  await sample.ask("subscribe('sports')")
  await expect.poll(() => first.texts).toContain(subscribed('sports')[0])
  first.rst()
  const next = await server.connection(1)
  await sample.ask('socket.opened.then(() => {})')
  expect(await all(sample, next)).toEqual(subscribed('prices', 'news', 'weather', 'sports'))
})

test('also a topic that comes between `hello` and `open`', async () => {
  const server = await listen(() => {})
  const sample = play(PAGE, 1, server)
  const connection = await server.connection(0)
  await connection.request
  await sample.ask(`{
    const stop = socket.subscribe(() => {
      if (socket.snapshot.phase === 'greeting') stop(), subscribe('weather')
    })
  }`)
  await connection.accept()
  await sample.ask('socket.opened.then(() => {})')
  expect(await all(sample, connection)).toEqual(subscribed('prices', 'news', 'weather'))
})

test('also one that comes while a slow `hello` is under way, though perhaps twice', async () => {
  const server = await listen()
  // as one does that logs in first
  const change = { 'hello: ({ send }) => {': 'hello: async ({ send, receive }) => {\n    await receive()' }
  const sample = play(PAGE, 1, server, { change })
  const connection = await server.connection(0)
  await expect.poll(() => sample.ask('socket.snapshot.phase')).toBe('greeting')
  await sample.ask("subscribe('weather')")
  connection.send('welcome')
  await sample.ask('socket.opened.then(() => {})')
  expect(await all(sample, connection)).toEqual(subscribed('prices', 'news', 'weather', 'weather'))
})
