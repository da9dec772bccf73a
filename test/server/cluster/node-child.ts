/** One server of a cluster, as a process: it writes down what its handlers are given, and answers it. */
import { appendFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { WebSocketServer } from 'ws'
import { SessionServer } from '../../../src/server/index.js'
import { redisStore } from '../../../src/server/redis/index.js'

const { port, redis, log } = JSON.parse(process.argv[2]!) as {
  readonly port: number
  readonly redis: string
  readonly log: string
}

const sessions = new SessionServer({ store: redisStore({ url: redis }), window: 16_384 })
sessions.on('error', () => {})
sessions.on('session', (session) => {
  session.on('message', async (data, { number }) => {
    // one write, which the system does whole
    appendFileSync(log, `${JSON.stringify([session.id, number, data, process.pid])}\n`)
    if (number % 5 === 0) await new Promise(setImmediate)
    void session.send(`r ${number}`)
  })
})

const http = createServer()
const wss = new WebSocketServer({ server: http, perMessageDeflate: false })
wss.on('connection', (socket, request) => sessions.accept(socket, request))
http.listen(port, '127.0.0.1', () => process.stdout.write('listening\n'))
// whoever controls it is gone
process.stdin.on('end', () => process.exit()).resume()
