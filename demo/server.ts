/** The demo's server: echoes what it is sent, and ends connections in every way there is, really, on the wire. */
import { readFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { WebSocket, WebSocketServer } from 'ws'

export const endings = ['1000', '1001', '1011', '1012', 'fin', 'rst', 'silence'] as const
export type Ending = (typeof endings)[number]

const reasons: Partial<Record<Ending, string>> = {
  '1000': 'bye',
  '1001': 'going away',
  '1011': 'oops',
  '1012': 'restarting',
}

interface Client {
  socket?: WebSocket
  stream?: Duplex
  /** What becomes of the next dial. */
  next: 'answer' | 'silence'
  readonly received: string[]
}

export interface DemoServer {
  readonly origin: string
  /** Where a client of that name connects to. */
  url(client: string): string
  /** What arrived from a client, in order. */
  received(client: string): readonly string[]
  /** Ends a client's connection; `silence` also leaves its next dial without an answer. */
  end(client: string, how: Ending): void
  stop(): Promise<void>
}

const files: Readonly<Record<string, readonly [file: string, type: string]>> = {
  '/': ['demo/page/index.html', 'text/html; charset=utf-8'],
  '/page.css': ['demo/page/page.css', 'text/css; charset=utf-8'],
  '/page.js': ['demo/page/page.js', 'text/javascript; charset=utf-8'],
  '/everopen.min.js': ['dist/everopen.min.js', 'text/javascript; charset=utf-8'],
}

export async function startServer(port = 0): Promise<DemoServer> {
  const clients = new Map<string, Client>()
  const streams = new Set<Socket>()
  const wss = new WebSocketServer({ noServer: true })
  const clientOf = (name: string): Client => {
    const client = clients.get(name) ?? { next: 'answer', received: [] }
    clients.set(name, client)
    return client
  }

  const end = (name: string, how: Ending): void => {
    const client = clientOf(name)
    const { socket, stream } = client
    if (how === 'silence') client.next = 'silence'
    if (how === 'fin') stream?.end()
    else if (how === 'rst' || how === 'silence') (stream as Socket | undefined)?.resetAndDestroy()
    else socket?.close(Number(how), reasons[how])
  }

  const http = createServer((request, response) => {
    answer(request, response, end).catch((error: unknown) => response.writeHead(500).end(String(error)))
  })
  http.on('connection', (stream) => {
    streams.add(stream)
    stream.on('close', () => streams.delete(stream))
  })
  http.on('upgrade', (request: IncomingMessage, stream: Duplex, head: Buffer) => {
    const client = clientOf(new URL(request.url ?? '/', 'ws://demo').pathname.split('/')[2] ?? '')
    stream.on('error', () => {})
    if (client.next === 'silence') {
      client.next = 'answer'
      return
    }
    wss.handleUpgrade(request, stream, head, (socket) => {
      Object.assign(client, { socket, stream })
      socket.on('error', () => {})
      socket.on('message', (data: Buffer) => {
        client.received.push(data.toString())
        socket.send(data.toString())
      })
    })
  })
  await new Promise<void>((resolve, reject) => http.once('error', reject).listen(port, '127.0.0.1', resolve))
  const { port: bound } = http.address() as AddressInfo
  return {
    origin: `http://127.0.0.1:${bound}`,
    url: (client) => `ws://127.0.0.1:${bound}/socket/${client}`,
    received: (client) => clientOf(client).received,
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
  const { pathname } = new URL(request.url ?? '/', 'http://demo')
  const [, command, client, how] = pathname.split('/')
  if (request.method === 'POST' && command === 'end' && client && endings.includes(how as Ending)) {
    end(client, how as Ending)
    response.writeHead(204).end()
    return
  }
  const file = files[pathname]
  if (request.method !== 'GET' || !file) {
    response.writeHead(404).end()
    return
  }
  response.writeHead(200, {
    'content-type': file[1],
    'cache-control': 'no-store',
    // everything from here, nothing inline, nothing evaluated
    'content-security-policy': `default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self' ws://${request.headers.host ?? ''}; img-src 'self' data:`,
  })
  response.end(await readFile(new URL(`../${file[0]}`, import.meta.url)))
}
