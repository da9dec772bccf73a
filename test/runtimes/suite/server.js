/** A server of sessions and its client in one process: a message each way, over a connection that is cut in between. */
import { memoryStore, SessionServer } from 'everopen/server'
import { SessionSocket } from 'everopen/session'
import { WebSocketServer } from 'ws'
import { equal, messages, next } from './assert.js'

async function serve() {
  const sessions = new SessionServer({ store: memoryStore() })
  sessions.on('session', (session) => {
    session.on('message', (data) => session.send(`echo of ${data}`))
  })
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0 })
  await new Promise((resolve) => server.on('listening', resolve))
  const sockets = []
  let refused
  server.on('connection', (socket, request) => {
    sockets.push(socket)
    try {
      sessions.accept(socket, request)
    } catch (error) {
      refused(error)
    }
  })
  const refusal = new Promise((_, reject) => (refused = reject))
  refusal.catch(() => {})
  const client = new SessionSocket(`ws://127.0.0.1:${server.address().port}/`, {
    retry: { backoff: () => 10 },
  })
  const both = async () => {
    let heard = messages(client, 1)
    client.send('a')
    equal(await heard, ['echo of a'], 'messages')
    const resumed = next(client, 'resumed')
    sockets[0].terminate()
    await resumed
    heard = messages(client, 1)
    client.send('b')
    equal(await heard, ['echo of b'], 'messages after the cut')
    await client.drain({ timeout: 10_000 })
  }
  try {
    await Promise.race([both(), refusal])
  } finally {
    client.close()
    await sessions.close({ timeout: 1_000 })
    for (const socket of sockets) socket.terminate()
    server.close()
  }
}

const { process } = globalThis
serve().then(
  () => {
    console.log('null')
    process.exit(0)
  },
  ({ name, argument, message }) => {
    console.log(JSON.stringify({ name, argument, message }))
    process.exit(0)
  },
)
