/** What docs/sessions.md promises of its first sample. */
import { expect, test } from 'vitest'
import { startNode } from '../server/harness.js'
import { AT_ONCE, play } from './sample.js'

const PAGE = 'docs/sessions.md'

test('what is under way when the connection is lost arrives once, both ways', async () => {
  const { sessions, wss, port } = await startNode()
  const got: unknown[] = []
  sessions.on('session', (session) => {
    session.on('message', async (data) => {
      got.push(data)
      // before it is acknowledged
      for (const socket of wss.clients) socket.terminate()
      await session.send('welcome')
    })
  })
  const sample = play(PAGE, 1, { port }, { before: AT_ONCE })
  await sample.prints('1 welcome')
  await sample.prints('delivered')
  expect(sample.lines.toSorted()).toEqual(['1 welcome', 'delivered'])
  expect(got).toEqual(['hello'])
})

test('a session that the server has ended tells what was not acknowledged', async () => {
  const { sessions, port } = await startNode()
  sessions.on('session', (session) => {
    session.on('message', async () => {
      await session.end()
    })
  })
  const sample = play(PAGE, 1, { port })
  await sample.prints('ERR_SESSION_LOST')
  expect(sample.lines).toEqual(["ended [ { number: 1, data: 'hello' } ]", 'ERR_SESSION_LOST'])
})
