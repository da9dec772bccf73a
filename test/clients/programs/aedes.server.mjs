import { Aedes } from 'aedes'
import { createWebSocketStream } from 'ws'
import { listen } from './server.mjs'

const broker = await Aedes.createBroker()
listen({ handleProtocols: () => 'mqtt' }).wss.on('connection', (socket, request) =>
  broker.handle(createWebSocketStream(socket), request),
)
