import { wsconnect } from '@nats-io/nats-core'
import { Slot, url, work } from './client.mjs'

const connection = await wsconnect({
  servers: url,
  wsFactory: async (address, { tls } = {}) => ({
    socket: new Slot(address.replace(/^nats/, 'ws')),
    encrypted: tls !== undefined,
  }),
  maxReconnectAttempts: -1,
  reconnectTimeWait: 100,
  waitOnFirstConnect: true,
})
connection.subscribe('work', { callback: (_, message) => message.respond(message.data) })
await work(async (number) => (await connection.request('work', String(number), { timeout: 900 })).string())
await connection.close()
