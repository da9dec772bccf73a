/** A WebSocket server that echoes, and remembers what it was told. */
import { createServer } from 'node:http'
import { createServer as createSecureServer, type ServerOptions } from 'node:https'
import type { IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type ServerOptions as SocketOptions, type WebSocket, WebSocketServer } from 'ws'

export interface EchoServer {
  readonly port: number
  readonly url: string
  readonly requests: readonly IncomingMessage[]
  /** Every message so far, of all connections. */
  readonly messages: readonly (string | Buffer)[]
  /** The close codes so far. */
  readonly codes: readonly number[]
  readonly clients: ReadonlySet<WebSocket>
  stop(): Promise<void>
}

export interface EchoOptions extends SocketOptions {
  readonly tls?: ServerOptions
  /** What is done to each connection, n from 0, beside the echo. */
  readonly script?: (socket: WebSocket, n: number) => void
  readonly echo?: boolean
}

export async function echoServer({
  port = 0,
  tls,
  script,
  echo = true,
  ...options
}: EchoOptions = {}): Promise<EchoServer> {
  const http = tls ? createSecureServer(tls) : createServer()
  const server = new WebSocketServer({ server: http, ...options })
  const requests: IncomingMessage[] = []
  const messages: (string | Buffer)[] = []
  const codes: number[] = []
  http.on('tlsClientError', () => {})
  server.on('connection', (socket, request) => {
    requests.push(request)
    socket.on('error', () => {})
    socket.on('close', (code) => codes.push(code))
    socket.on('message', (data: Buffer, isBinary) => {
      messages.push(isBinary ? data : data.toString())
      if (echo) socket.send(data, { binary: isBinary })
    })
    script?.(socket, requests.length - 1)
  })
  await new Promise<void>((resolve) => http.listen(port, '127.0.0.1', resolve))
  const address = http.address() as AddressInfo
  return {
    port: address.port,
    url: `${tls ? 'wss' : 'ws'}://127.0.0.1:${address.port}/`,
    requests,
    messages,
    codes,
    clients: server.clients,
    stop: () =>
      new Promise((resolve) => {
        http.close(() => resolve())
        for (const client of server.clients) client.terminate()
        http.closeAllConnections()
      }),
  }
}
