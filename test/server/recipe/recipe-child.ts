/** A server whose handler writes to a database of its own, and which may die right after that. */
import { appendFileSync } from 'node:fs'
import { createServer } from 'node:http'
import Database from 'better-sqlite3'
import { WebSocketServer } from 'ws'
// @ts-expect-error it is JavaScript, as the page shows it
import { exactlyOnce } from '../../../docs/examples/exactly-once.js'
import { SessionServer, type Session } from '../../../src/server/index.js'
import { redisStore } from '../../../src/server/redis/index.js'

const { port, redis, file, log, dieAfter } = JSON.parse(process.argv[2]!) as {
  readonly port: number
  readonly redis: string
  readonly file: string
  readonly log: string
  readonly dieAfter: number
}

const db = new Database(file)
db.pragma('journal_mode = WAL')
db.exec('CREATE TABLE IF NOT EXISTS effects (text TEXT NOT NULL) STRICT')
const insert = db.prepare('INSERT INTO effects VALUES (?)')
const handler = (exactlyOnce as (db: unknown, handle: (data: string) => void) => (session: Session) => void)(
  db,
  (data) => void insert.run(data),
)

const sessions = new SessionServer({ store: redisStore({ url: redis }) })
sessions.on('session', (session) => {
  session.on('message', (_, { number }) => appendFileSync(log, `${session.id} ${number}\n`))
  handler(session)
  session.on('message', (_, { number }) => {
    // the database has it, and the store does not know yet
    if (number === dieAfter) process.kill(process.pid, 'SIGKILL')
  })
})
const http = createServer()
const wss = new WebSocketServer({ server: http })
wss.on('connection', (socket, request) => sessions.accept(socket, request))
http.listen(port, '127.0.0.1', () => process.stdout.write('listening\n'))
process.stdin.on('end', () => process.exit()).resume()
