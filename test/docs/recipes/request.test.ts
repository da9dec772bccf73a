/** What docs/recipes/request.md promises. */
import { expect, test } from 'vitest'
import { type RawConnection, TEXT } from '../../faults/raw-server.js'
import { listen, play } from '../sample.js'

const PAGE = 'docs/recipes/request.md'

/** What the server is asked first. */
async function asked(connection: RawConnection): Promise<unknown> {
  return JSON.parse((await connection.frame(TEXT)).payload.toString())
}

test('each request gets the answer with its ID, whatever the order', async () => {
  const server = await listen()
  const sample = play(PAGE, 1, server)
  const connection = await server.connection(0)
  expect(await asked(connection)).toEqual({ id: 1, method: 'time' })
  await sample.ask("request('date').then((date) => console.log(date)), ''")
  await connection.frame(TEXT, 2)
  // nobody asks for the last, and the first is no JSON
  for (const text of ['{', '{"id":2,"result":"Friday"}', '{"id":1,"result":"noon"}', '{"id":3}'])
    connection.send(text)
  await sample.prints('noon')
  expect(sample.lines).toEqual(['Friday', 'noon'])
  expect(await sample.ask('pending.size')).toBe(0)
})

test('a request that is not answered in time is rejected, and its late answer ignored', async () => {
  const server = await listen()
  const sample = play(PAGE, 1, server)
  const connection = await server.connection(0)
  await asked(connection)
  const message = await sample.ask("request('date', 50).catch(({ message }) => message)")
  expect(message).toBe('no answer to date')
  await connection.frame(TEXT, 2)
  connection.send('{"id":2,"result":"Friday"}')
  connection.send('{"id":1,"result":"noon"}')
  await sample.prints('noon')
  expect(sample.lines).toEqual(['noon'])
})

test('a request that has not left by its deadline never does', async () => {
  const server = await listen(() => {})
  const before = 'const tell = ({ message }) => message\n'
  const change = { "request('time')": "request('time', 50).catch(tell)" }
  const sample = play(PAGE, 1, server, { change, before })
  const connection = await server.connection(0)
  await sample.prints('no answer to time')
  await expect.poll(() => sample.ask('socket.outbox.size')).toBe(0)
  await connection.accept()
  await sample.ask("request('date').catch(tell), ''")
  expect(await asked(connection)).toEqual({ id: 2, method: 'date' })
})
