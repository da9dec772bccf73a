/** Speaks the JSON protocol of Centrifugo, as far as connecting and calls go: one command a line. */
import { listen } from './server.mjs'

listen().wss.on('connection', (socket) =>
  socket.on('message', (data) => {
    for (const line of String(data).split('\n').filter(Boolean)) {
      const { id, connect, rpc } = JSON.parse(line)
      if (connect) socket.send(JSON.stringify({ id, connect: { client: 'c', version: '1' } }))
      else if (rpc) socket.send(JSON.stringify({ id, rpc: { data: rpc.data } }))
    }
  }),
)
