/**
 * What the clients are measured against, in a process of its own. A client says in its first message what it wants:
 * `send` so many messages of `size` bytes, or `expect` so many and say when they are there, or have its numbered
 * messages counted (`/numbers`). Frames are made once and written many at a time, so that the client is the slower side.
 */
import { createServer } from 'node:http'
import { WebSocketServer } from 'ws'

const where = { host: '127.0.0.1', backlog: 8_192 }
const http = createServer()
const server = new WebSocketServer({
  server: http,
  perMessageDeflate: false,
  // whoever dials `/never` waits for an answer
  verifyClient: ({ req }, answer) => req.url.startsWith('/never') || answer(true),
})

http.listen({ ...where, port: Number(process.argv[2] ?? 0) }, () =>
  process.send?.({ port: http.address().port }),
)

/** Numbers that have arrived, and how often, by the client's path. */
const numbers = new Map()

/** A frame of RFC 6455 section 5.2, unmasked. */
function frame(payload, opcode) {
  const { length } = payload
  const header =
    length < 126
      ? Buffer.from([0x80 | opcode, length])
      : length < 65_536
        ? Buffer.from([0x80 | opcode, 126, length >> 8, length & 255])
        : Buffer.from([
            0x80 | opcode,
            127,
            0,
            0,
            0,
            0,
            length >>> 24,
            (length >> 16) & 255,
            (length >> 8) & 255,
            length & 255,
          ])
  return Buffer.concat([header, payload])
}

server.on('connection', (socket, { url }) => {
  const stream = socket._socket
  let expected = 0
  socket.on('error', () => {})
  socket.on('message', (data) => {
    if (expected > 0) return void (--expected === 0 && socket.send('received'))
    const text = data.toString()
    if (url.startsWith('/numbers')) {
      const seen = numbers.get(url) ?? numbers.set(url, new Map()).get(url)
      if (text === 'report') return socket.send(JSON.stringify([...seen]))
      return void seen.set(text, (seen.get(text) ?? 0) + 1)
    }
    const { send = 0, expect = 0, size = 0, binary = false } = JSON.parse(text)
    expected = expect
    if (send === 0) return socket.send('ready')
    const one = frame(Buffer.alloc(size, 'x'), binary ? 2 : 1)
    const batch = Math.max(1, Math.min(send, Math.floor(262_144 / one.length)))
    const many = Buffer.concat(Array.from({ length: batch }, () => one))
    const more = (left) => {
      if (left <= 0) return
      const count = Math.min(left, batch)
      stream.write(count === batch ? many : many.subarray(0, one.length * count), () => more(left - count))
    }
    more(send)
  })
})

function kill(how) {
  for (const client of server.clients)
    if (how === 'Close frame') client.close(1001)
    else if (how === 'FIN') client._socket.end()
    else if (how === 'silence') client._socket.pause()
    else client._socket.resetAndDestroy()
}

process.on('message', ({ kill: how }) => {
  const { port } = http.address()
  const killed = () => process.send({ killed: true })
  if (how === 'outage of 3 s') {
    http.close(() => setTimeout(() => http.listen({ ...where, port }, killed), 3_000))
    return kill('RST')
  }
  kill(how)
  killed()
})
