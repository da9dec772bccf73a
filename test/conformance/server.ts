/**
 * The server that the scenarios need. The path says what a connection is for:
 *
 *     /echo                      sends back what it gets
 *     /protocol?select=NAME      answers with that subprotocol, whatever was asked for; without `select` with none
 *     /burst?count=N             sends the texts 0 to N-1 together with the handshake
 *     /close?code=C&reason=R     sends a Close frame at the first message; without `code` an empty one
 *     /drop                      cuts the connection at the first message
 *     /late                      answers a Close frame with a text message, and then with a Close frame
 *     /broken                    sends the text `good` and then a frame that no client may accept
 *     /slow                      never answers the handshake; the fourth ends the first
 *     /refuse                    answers it with HTTP 403
 *     /witness?id=ID             as /echo, and remembers how the client closed it
 *     /testimony?id=ID           sends, as JSON, how the client closed /witness?id=ID
 */
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { type WebSocket, WebSocketServer } from 'ws'
import { acceptance } from '../faults/raw-server.js'

export interface ConformanceServer {
  /** `ws://127.0.0.1:PORT` */
  readonly url: string
  close(): Promise<void>
}

const text = (payload: string): Buffer =>
  Buffer.concat([Buffer.from([0x81, payload.length]), Buffer.from(payload)])
const emptyClose = Buffer.from([0x88, 0])

/** Firefox keeps the connection of a dial that was closed before its answer, and opens six to one server at most. */
const mostHanging = 3

export async function startServer(host = '127.0.0.1'): Promise<ConformanceServer> {
  const witnessed = new Map<string, Promise<string>>()
  const streams = new Set<Duplex>()
  const hanging: Duplex[] = []
  const sockets = new WebSocketServer({ noServer: true, handleProtocols: ([first]) => first ?? false })
  const http = createServer((_, response) => response.end('<!doctype html><title>conformance</title>'))
  http.on('connection', (stream) => {
    streams.add(stream)
    stream.on('close', () => streams.delete(stream))
  })
  http.on('upgrade', (request, stream, head) => {
    const { pathname, searchParams: query } = new URL(request.url ?? '/', 'http://localhost')
    const accept = (serve: (socket: WebSocket) => void): void =>
      sockets.handleUpgrade(request, stream, head, serve)
    stream.on('error', () => stream.destroy())
    switch (pathname) {
      case '/echo':
        return accept(echo)
      case '/close':
        return accept((socket) =>
          socket.once('message', () => {
            const code = query.get('code')
            if (code === null) socket.close()
            else socket.close(Number(code), query.get('reason') ?? '')
          }),
        )
      case '/drop':
        return accept((socket) => socket.once('message', () => socket.terminate()))
      case '/witness':
        return accept((socket) => {
          echo(socket)
          witnessed.set(
            query.get('id') ?? '',
            new Promise((resolve) =>
              socket.on('close', (code, reason) => resolve(JSON.stringify([code, reason.toString()]))),
            ),
          )
        })
      case '/testimony':
        return accept((socket) => {
          const end = witnessed.get(query.get('id') ?? '') ?? Promise.resolve('"no such witness"')
          void end.then((line) => socket.send(line))
        })
      case '/protocol':
        return shake(request, stream, { protocol: query.get('select') })
      case '/burst':
        return shake(request, stream, {
          frames: Array.from({ length: Number(query.get('count')) }, (_, index) => text(String(index))),
        })
      case '/late':
        return shake(request, stream, { answer: Buffer.concat([text('late'), emptyClose]) })
      case '/broken':
        // reserved opcode 3
        return shake(request, stream, { frames: [text('good'), Buffer.from([0x83, 0])] })
      case '/slow':
        hanging.push(stream)
        if (hanging.length > mostHanging) hanging.shift()!.destroy()
        return
      default:
        stream.end('HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n')
    }
  })
  await new Promise<void>((resolve) => http.listen(0, host, resolve))
  return {
    url: `ws://${host}:${(http.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        for (const stream of streams) stream.destroy()
        http.close(() => resolve())
      }),
  }
}

function echo(socket: WebSocket): void {
  socket.on('message', (data, binary) => socket.send(data, { binary }))
}

interface Answers {
  readonly protocol?: string | null
  /** Sent in the same packet as the handshake. */
  readonly frames?: readonly Buffer[]
  /** Sent when the client's Close frame is there. */
  readonly answer?: Buffer
}

/** The opening handshake by hand (RFC 6455 section 4.2.2), for servers that misbehave. */
function shake(request: IncomingMessage, stream: Duplex, answers: Answers): void {
  const { protocol, frames = [], answer = emptyClose } = answers
  const key = request.headers['sec-websocket-key'] ?? ''
  const further = protocol ? [`Sec-WebSocket-Protocol: ${protocol}`] : []
  stream.write(Buffer.concat([Buffer.from(acceptance(key, further)), ...frames]))
  stream.on('data', (data: Buffer) => {
    if (data[0] === 0x88 && stream.writable) stream.end(answer)
  })
}
