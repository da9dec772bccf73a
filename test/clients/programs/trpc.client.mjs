import { createTRPCClient, createWSClient, wsLink } from '@trpc/client'
import { Slot, url, work } from './client.mjs'

const socket = createWSClient({ url, WebSocket: Slot, retryDelayMs: () => 50 })
const client = createTRPCClient({ links: [wsLink({ client: socket })] })
await work((number) => client.number.query(number))
await socket.close()
