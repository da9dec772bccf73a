/**
 * A server that costs its client the least: it blasts frames made beforehand, as many and as large as the path says, and
 * discards what it reads without looking at it. So what is measured is the client.
 */
import { createHash } from 'node:crypto'
import { createServer } from 'node:net'

const CHUNK = 65_536

const server = createServer((socket) => {
  socket.on('error', () => {})
  socket.once('data', (head) => {
    const text = head.toString('latin1')
    const [, path] = /^GET (\S+)/.exec(text)
    const [, key] = /^sec-websocket-key: *(\S+)/im.exec(text)
    const accept = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64')
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
    )
    const asked = new URL(path, 'http://localhost').searchParams
    // each text that comes says that the client is ready
    socket.on('data', ([head]) => {
      if (asked.has('count') && head === 0x81) blast(socket, asked)
    })
  })
})
server.listen(0, '127.0.0.1', () => process.send(server.address().port))

function blast(socket, asked) {
  const frame = frameOf(asked.get('kind'), Number(asked.get('size')))
  let left = Number(asked.get('count'))
  const most = Math.max(1, Math.floor(CHUNK / frame.length))
  const many = Buffer.concat(Array.from({ length: most }, () => frame))
  const more = () => {
    while (left > 0) {
      const now = Math.min(left, most)
      left -= now
      if (!socket.write(many.subarray(0, now * frame.length))) return socket.once('drain', more)
    }
  }
  more()
}

function frameOf(kind, size) {
  const head = size < 126 ? Buffer.alloc(2) : size < 65_536 ? Buffer.alloc(4) : Buffer.alloc(10)
  head[0] = kind === 'text' ? 0x81 : 0x82
  head[1] = size < 126 ? size : size < 65_536 ? 126 : 127
  if (head.length === 4) head.writeUInt16BE(size, 2)
  if (head.length === 10) head.writeBigUInt64BE(BigInt(size), 2)
  return Buffer.concat([head, Buffer.alloc(size, 'x')])
}
