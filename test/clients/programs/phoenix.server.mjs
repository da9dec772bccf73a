/** Speaks the protocol of Phoenix channels: [join reference, reference, topic, event, payload]. */
import { listen } from './server.mjs'

listen().wss.on('connection', (socket) =>
  socket.on('message', (data) => {
    const [join, ref, topic, , payload] = JSON.parse(String(data))
    socket.send(JSON.stringify([join, ref, topic, 'phx_reply', { status: 'ok', response: payload }]))
  }),
)
