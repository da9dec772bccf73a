/** What every server program shares: it listens on the port that it is given, and ends softly on SIGTERM. */
import { createServer } from 'node:http'
import { WebSocketServer } from 'ws'

/** An HTTP server that listens. On SIGTERM every connection is closed in order. */
export function listen(options = {}) {
  const http = createServer()
  const wss = new WebSocketServer({ server: http, ...options })
  http.listen(Number(process.argv[2]), '127.0.0.1')
  process.on('SIGTERM', () => {
    for (const socket of wss.clients) socket.close(1012)
    http.close(() => process.exit())
    setTimeout(() => process.exit(), 500)
  })
  return { http, wss }
}
