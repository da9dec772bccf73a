/** The demo's server: counts and echoes what it is sent, and ends connections in every way there is, on the wire. */
import { randomBytes } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { WebSocket, WebSocketServer } from 'ws'
import { endConnection, type Ending, isEnding } from './endings.js'
import { policy, readAsset, readPage } from './site.js'

export { endings, type Ending } from './endings.js'

interface Connection {
  readonly socket: WebSocket
  readonly tcp: Socket
}

interface Client {
  /** The live connection, if there is one. */
  connection: Connection | undefined
  /** What becomes of the next dial. */
  next: 'answer' | 'silence'
  /** Dials that reached the server, answered or not. */
  dials: number
  readonly received: string[]
}

export interface DemoServer {
  readonly origin: string
  /** Where a client of that name connects to. */
  url(client: string): string
  /** What arrived from a client, in order. */
  received(client: string): readonly string[]
  /** How often a client has dialed. */
  dials(client: string): number
  /** Ends a client's connection; `silence` also leaves its next dial without an answer. */
  end(client: string, how: Ending): void
  stop(): Promise<void>
}

/** Listens on the loopback interface only; port 0 is any free one. */
export async function startServer(port = 0): Promise<DemoServer> {
  const clients = new Map<string, Client>()
  const streams = new Set<Socket>()
  const wss = new WebSocketServer({ noServer: true, maxPayload: 64 * 1024 })
  const clientOf = (name: string): Client => {
    const client = clients.get(name) ?? { connection: undefined, next: 'answer', dials: 0, received: [] }
    clients.set(name, client)
    return client
  }

  const end = (name: string, how: Ending): void => {
    const client = clientOf(name)
    if (how === 'silence') client.next = 'silence'
    if (client.connection) endConnection(how, client.connection.socket, client.connection.tcp)
  }

  const http = createServer((request, response) => {
    answer(request, response, end).catch(() => {
      if (!response.headersSent) response.writeHead(500)
      response.end()
    })
  })
  http.on('connection', (stream) => {
    streams.add(stream)
    stream.on('close', () => streams.delete(stream))
  })
  http.on('upgrade', (request: IncomingMessage, stream: Duplex, head: Buffer) => {
    stream.on('error', () => {})
    const name = /^\/socket\/([\w-]{1,40})$/.exec(request.url ?? '')?.[1]
    if (name === undefined) return void stream.end('HTTP/1.1 404 Not Found\r\nConnection: close\r\n\r\n')
    const client = clientOf(name)
    client.dials++
    if (client.next === 'silence') {
      client.next = 'answer'
      // not a byte in answer; reading on is how the server notices that the client gave up
      stream.resume()
      stream.on('end', () => stream.destroy())
      return
    }
    wss.handleUpgrade(request, stream, head, (socket) => {
      const connection: Connection = { socket, tcp: request.socket }
      client.connection = connection
      socket.on('error', () => {})
      socket.on('close', () => {
        if (client.connection === connection) client.connection = undefined
      })
      socket.on('message', (data: Buffer) => {
        client.received.push(data.toString())
        // after a FIN of its own the server has no way to answer
        if (request.socket.writable) socket.send(data.toString())
      })
    })
  })
  await new Promise<void>((resolve, reject) => http.once('error', reject).listen(port, '127.0.0.1', resolve))
  const { port: bound } = http.address() as AddressInfo
  return {
    origin: `http://127.0.0.1:${bound}`,
    url: (client) => `ws://127.0.0.1:${bound}/socket/${client}`,
    received: (client) => clientOf(client).received,
    dials: (client) => clientOf(client).dials,
    end,
    async stop() {
      const closed = new Promise((resolve) => http.close(resolve))
      for (const stream of streams) stream.destroy()
      await closed
    },
  }
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  end: (client: string, how: Ending) => void,
): Promise<void> {
  const path = request.url?.split('?')[0] ?? ''
  const [, command, client, how] = path.split('/')
  if (request.method === 'POST' && command === 'end' && client && isEnding(how)) {
    end(client, how)
    response.writeHead(204).end()
    return
  }
  const file =
    request.method !== 'GET' ? undefined : path === '/' ? await readPage(newName()) : await readAsset(path)
  if (!file) {
    response.writeHead(404).end()
    return
  }
  response.writeHead(200, {
    'content-type': file.type,
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'content-security-policy': policy(request.headers.host ?? ''),
  })
  response.end(file.body)
}

function newName(): string {
  return `page-${randomBytes(6).toString('hex')}`
}
