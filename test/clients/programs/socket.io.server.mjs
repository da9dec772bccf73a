import { createServer } from 'node:http'
import { Server } from 'socket.io'

const http = createServer()
const io = new Server(http, { transports: ['websocket'] })
io.on('connection', (socket) => socket.on('number', (number, answer) => answer(number)))
http.listen(Number(process.argv[2]), '127.0.0.1')
process.on('SIGTERM', () => {
  void io.close()
  setTimeout(() => process.exit(), 500)
})
