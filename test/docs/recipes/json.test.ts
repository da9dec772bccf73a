/** What docs/recipes/json.md promises. */
import { expect, test } from 'vitest'
import { TEXT } from '../../faults/raw-server.js'
import { listen, play } from '../sample.js'

test('values go both ways, and what is no JSON is reported and disturbs no other message', async () => {
  const server = await listen(() => {})
  const sample = play('docs/recipes/json.md', 1, server)
  const connection = await server.connection(0)
  await connection.request
  await sample.ask(`socket.on('undecodable', ({ data, error }) => console.log(data, error.code))`)
  await connection.accept()
  expect((await connection.frame(TEXT)).payload.toString()).toBe('{"temperature":21}')
  for (const text of ['{"temperature":22}', '22°', '{"temperature":23}']) connection.send(text)
  await sample.prints('23')
  expect(sample.lines).toEqual(['22', '22° ERR_CODEC', '23'])
})
