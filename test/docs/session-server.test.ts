/** What docs/session-server.md promises of its first sample, here with sessions in memory instead of Redis. */
import { expect, onTestFinished, test } from 'vitest'
import { SessionSocket } from '../../src/session/index.js'
import { play } from './sample.js'

const PAGE = 'docs/session-server.md'

const change = {
  "import { redisStore } from 'everopen/server/redis'": "import { memoryStore } from 'everopen/server'",
  "redisStore({ url: 'redis://127.0.0.1:6379' })": 'memoryStore()',
  'http.listen(8080)': "http.listen(0, '127.0.0.1', () => console.log('at', http.address().port))",
}

test('it answers who has a name, refuses who has none, and ends at SIGTERM with clients connected', async () => {
  const server = play(PAGE, 1, undefined, { change })
  await server.prints(/^at/)
  const url = `ws://127.0.0.1:${server.lines[0]!.slice(3)}/`
  const stranger = new SessionSocket(url)
  expect(await stranger.closed).toMatchObject({ code: 3000 })
  const client = new SessionSocket(`${url}?user=ada`)
  onTestFinished(() => client.terminate())
  const answer = new Promise((resolve) => client.on('message', resolve))
  const number = client.send('hello')
  expect(await answer).toBe('got 1')
  await client.delivered(number)
  await server.prints('ada 1 hello')
  const lost = new Promise<{ willRetry: boolean }>((resolve) => client.on('close', resolve))
  server.signal('SIGTERM')
  expect(await server.ended).toEqual({ status: 0, errors: '' })
  expect(await lost).toMatchObject({ willRetry: true })
})
