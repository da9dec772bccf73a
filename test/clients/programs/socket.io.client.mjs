import { WebSocket } from 'engine.io-client'
import { io } from 'socket.io-client'
import { Slot, url, work } from './client.mjs'

class Transport extends WebSocket {
  createSocket(address, protocols) {
    return new Slot(address, protocols)
  }
}

const socket = io(url.replace('ws:', 'http:'), {
  transports: [Transport],
  reconnectionDelay: 50,
  reconnectionDelayMax: 200,
})
await work((number) => socket.timeout(900).emitWithAck('number', number))
socket.close()
