/** What docs/closing.md promises. */
import { expect, test } from 'vitest'
import { closing, gone, listen, play } from './sample.js'

const PAGE = 'docs/closing.md'

test('the signal closes for good, after the connection has been replaced', async () => {
  const server = await listen()
  const sample = play(PAGE, 1, server)
  for (const n of [0, 1]) await closing(await server.connection(n))
  expect(await sample.ended).toEqual({ status: 0, errors: '' })
  expect(sample.lines).toEqual(['user'])
  expect(server.connections).toHaveLength(2)
})

test('drain() before close() sends what waits, however late the connection comes', async () => {
  const server = await listen(() => {})
  const sample = play(PAGE, 2, server)
  const connection = await server.connection(0)
  await connection.request
  expect(await sample.ask('[socket.state, socket.outbox.size]')).toEqual(['connecting', 1])
  await connection.accept()
  expect(await closing(connection)).toEqual([1000, 'done'])
  expect(connection.texts).toEqual(['goodbye'])
  expect(await sample.ended).toEqual({ status: 0, errors: '' })
})

test('where messages are left in time it rejects with DrainError', async () => {
  const sample = play(PAGE, 2, await gone(), { change: { '5_000': '100' } })
  const { status, errors } = await sample.ended
  expect(status).toBe(1)
  expect(errors).toMatch(/^DrainError: .*timed out after 100 ms/m)
})
