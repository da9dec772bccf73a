/** Speaks the JSON protocol of SignalR's hubs: records that end with U+001E. */
import { listen } from './server.mjs'

const END = '\u001e'

listen().wss.on('connection', (socket) => {
  const send = (record) => socket.send(JSON.stringify(record) + END)
  const ping = setInterval(() => send({ type: 6 }), 1_000)
  socket.on('close', () => clearInterval(ping))
  socket.on('message', (data) => {
    for (const text of String(data).split(END).filter(Boolean)) {
      const { protocol, type, invocationId, arguments: [number] = [] } = JSON.parse(text)
      if (protocol) send({})
      else if (type === 1) send({ type: 3, invocationId, result: number })
    }
  })
})
