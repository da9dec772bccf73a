/** Sends as many messages as it is asked for, and says when it has received as many as it was told to expect. */
import { WebSocketServer } from 'ws'

const BATCH = 500
const server = new WebSocketServer({ port: 0, host: '127.0.0.1', backlog: 4_096, perMessageDeflate: false })
server.on('listening', () => process.send?.(server.address().port))
server.on('connection', (socket) => {
  let expected = 0
  socket.on('message', (data) => {
    if (expected > 0) return void (--expected === 0 && socket.send('received'))
    const { send = 0, expect = 0, size } = JSON.parse(data)
    expected = expect
    const message = 'x'.repeat(size)
    const more = (left) => {
      for (let i = Math.min(left, BATCH); i > 0; i--) socket.send(message)
      if (left > BATCH) socket._socket.write('', () => more(left - BATCH))
    }
    if (send > 0) more(send)
    else socket.send('ready')
  })
})
