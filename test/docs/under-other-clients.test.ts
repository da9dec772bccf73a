/** What docs/under-other-clients.md promises of a class for a client that reconnects by itself. */
import { expect, test } from 'vitest'
import { TEXT } from '../faults/raw-server.js'
import { listen, play } from './sample.js'

test('it is one connection, with the headers of the class, and then it is over', async () => {
  const server = await listen()
  const sample = play('docs/under-other-clients.md', 1, server)
  const connection = await server.connection(0)
  expect(await connection.request).toMatch(/^x-app: mine$/im)
  await connection.frame(TEXT)
  connection.send('news')
  await sample.prints('news')
  connection.rst()
  expect(await sample.ended).toEqual({ status: 0, errors: '' })
  expect(sample.lines).toEqual(['news', '1006'])
  expect(server.connections).toHaveLength(1)
})
