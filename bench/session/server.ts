/** The server of one contender, in a process of its own: sends what it is asked for, and counts what it gets. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Server } from 'socket.io'
import { WebSocketServer } from 'ws'
import { SessionServer, type Session } from 'everopen/server'
import { redisStore } from 'everopen/server/redis'
import { type AzurePeer, standIn } from './azure.js'

/** What a contender's server can do with one connection. */
interface Peer {
  send(text: string): unknown
  /** Messages that were handed over and are not done. */
  waiting(): number
}

/** What the client asks for: messages of a size, or the word when it has sent so many. */
interface Request {
  readonly send?: number
  readonly expect?: number
  readonly size: number
}

const BATCH = 250
const CROWD = 2_000
const [kind = '', redis = ''] = process.argv.slice(2)

/** Answers what one client asks. */
function serve(peer: Peer): (text: string) => void {
  let expected = 0
  const more = (left: number, text: string): void => {
    for (let i = Math.min(left, BATCH); i > 0 && peer.waiting() < CROWD; i--, left--) void peer.send(text)
    if (left > 0) setImmediate(more, left, text)
  }
  // apart from what counts: a compiler builds that into whoever calls it, and would build it anew after each request
  const asked = (text: string): void => {
    const { send = 0, expect = 0, size } = JSON.parse(text) as Request
    expected = expect
    if (send > 0) more(send, 'x'.repeat(size))
    else void peer.send('ready')
  }
  return (text) => {
    if (expected === 0) asked(text)
    else if (--expected === 0) void peer.send('received')
  }
}

const http = createServer()
const sessions: Session[] = []
const peers: AzurePeer[] = []
let bytes = (): number => 0

function webSockets(): WebSocketServer {
  const wss = new WebSocketServer({ server: http, perMessageDeflate: false })
  const tcps: { bytesRead: number; bytesWritten: number }[] = []
  wss.on('connection', (_, request) => tcps.push(request.socket))
  bytes = () => tcps.reduce((sum, { bytesRead, bytesWritten }) => sum + bytesRead + bytesWritten, 0)
  return wss
}

const kinds: Readonly<Record<string, () => void>> = {
  ws() {
    webSockets().on('connection', (socket) => {
      const answer = serve({
        send: (text) => socket.send(text),
        waiting: () => (socket.bufferedAmount > 262_144 ? CROWD : 0),
      })
      socket.on('message', (data: Buffer) => answer(data.toString()))
    })
  },
  session() {
    const server = new SessionServer({
      maxSessions: 1e6,
      ...(redis && { store: redisStore({ url: redis }) }),
    })
    server.on('session', (session) => {
      sessions.push(session)
      const answer = serve({ send: (text) => session.send(text), waiting: () => session.held })
      session.on('message', (data) => answer(data as string))
    })
    webSockets().on('connection', (socket, request) => server.accept(socket, request))
  },
  'socket.io'() {
    const io = new Server(http, {
      transports: ['websocket'],
      connectionStateRecovery: { maxDisconnectionDuration: 120_000 },
    })
    io.on('connection', (socket) => {
      const answer = serve({ send: (text) => socket.emit('m', text), waiting: () => 0 })
      socket.on('m', (text: string, done?: () => void) => {
        answer(text)
        done?.()
      })
    })
  },
  azure() {
    standIn(webSockets(), (peer) => {
      peers.push(peer)
      peer.listen(serve({ send: (text) => peer.send(text), waiting: () => 0 }))
    })
  },
}

kinds[kind]!()
http.listen(0, '127.0.0.1', 4_096, () => process.send!((http.address() as AddressInfo).port))
process.on('message', (word: string) => {
  if (word === 'hold') {
    for (const peer of peers) peer.cut()
    for (let i = 0; i < 1_000; i++)
      for (const each of [...sessions, ...peers]) void each.send('x'.repeat(100))
  }
  globalThis.gc?.()
  const { user, system } = process.cpuUsage()
  process.send!({ cpu: (user + system) / 1_000, heap: process.memoryUsage().heapUsed, bytes: bytes() })
})
