/** A `ws` server in a process of its own. Tells of its connections, and does what it is told, in lines of JSON. */
import { createInterface } from 'node:readline'
import { WebSocketServer } from 'ws'

const { port } = JSON.parse(process.argv[2]!) as { port: number }
const server = new WebSocketServer({ host: '0.0.0.0', port })
const tell = (word: string): void =>
  void process.stdout.write(`${JSON.stringify({ at: Date.now(), word })}\n`)

server.on('listening', () => tell('listening'))
server.on('connection', (socket) => {
  tell(`live ${server.clients.size}`)
  socket.on('error', () => {})
  socket.on('message', (data) => tell(`message ${(data as Buffer).toString()}`))
  socket.on('close', () => setImmediate(() => tell(`live ${server.clients.size}`)))
})

const commands = createInterface({ input: process.stdin })
// as every server has to: who cannot be reached is not waited for
commands.on('line', () => {
  for (const socket of server.clients) {
    const timer = setTimeout(() => socket.terminate(), 1_000)
    socket.once('pong', () => clearTimeout(timer)).ping()
  }
})
// whoever controls it is gone
commands.on('close', () => process.exit())
