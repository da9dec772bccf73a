/** An echo server for testing clients; it can simulate faults. */
import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { type WebSocket, WebSocketServer } from 'ws'
import type { ListenConfig } from './config.js'
import { exit } from './exit.js'
import type { Interrupt } from './interrupt.js'
import type { Output } from './output.js'
import type { Reporter } from './reporter.js'
import { UNHEARD } from './text.js'
import { UsageError } from './usage-error.js'

/** Time limit for clients to answer the last Close frame, in ms. */
const GRACE = 1_000
/** With this many bytes of unread echoes a client is not read any more. */
const HIGH_WATER = 1_048_576
/** This code is never sent: the connection ends without a Close frame. */
const ABNORMAL = 1006

/** Serves until interrupted, and returns the exit status. */
export async function listen(
  config: ListenConfig,
  reporter: Reporter,
  output: Output,
  interrupt: Interrupt,
): Promise<number> {
  const secure = config.tls.cert !== undefined
  const http = secure ? secureServer(config) : createServer()
  // otherwise a client that speaks only HTTP would wait for ever
  http.on('request', (_, response: ServerResponse) =>
    response.writeHead(426, { Connection: 'close', Upgrade: 'websocket' }).end('a WebSocket server\n'),
  )
  const { maxPayload } = config
  const server = new WebSocketServer({
    server: http,
    // so that compression is used if the client offers it
    perMessageDeflate: true,
    ...(maxPayload !== undefined && { maxPayload }),
  })
  let count = 0
  server.on('error', () => {})
  server.on('connection', (socket) => serve(socket, ++count, config, reporter, output))

  http.listen(config.port, config.address)
  try {
    await once(http, 'listening')
  } catch (error) {
    reporter.tell({
      type: 'error',
      code: UNHEARD,
      message: `cannot listen: ${(error as NodeJS.ErrnoException).code}`,
    })
    return exit.neverOpen
  }
  const { address, port, family } = http.address() as AddressInfo
  const host = family === 'IPv6' ? `[${address}]` : address
  reporter.tell({ type: 'listening', url: `${secure ? 'wss' : 'ws'}://${host}:${port}` })
  await interrupt.first
  await leave(server)
  return interrupt.status!
}

function secureServer({ tls }: ListenConfig): ReturnType<typeof createSecureServer> {
  const { cert, key, passphrase } = tls
  try {
    return createSecureServer({ cert, key, passphrase })
  } catch (error) {
    throw new UsageError(`--cert and --key cannot be used: ${(error as NodeJS.ErrnoException).code}`)
  }
}

function serve(
  socket: WebSocket,
  client: number,
  config: ListenConfig,
  reporter: Reporter,
  output: Output,
): void {
  const { closeEvery, closeCode, silent } = config
  reporter.tell({ type: 'accepted', client, protocol: socket.protocol })
  socket.on('error', () => {})
  socket.on('close', (code, reason) =>
    reporter.tell({ type: 'left', client, code, reason: reason.toString() }),
  )
  // messages that are not read cannot be answered, and a Close frame cannot either
  if (silent) return socket.pause()
  const end = (): void => (closeCode === ABNORMAL ? socket.terminate() : socket.close(closeCode))
  if (closeEvery === 0) return end()
  let received = 0
  socket.on('message', (data: Buffer, isBinary) => {
    reporter.tell({ type: 'message', data: isBinary ? new Uint8Array(data).buffer : data.toString() })
    // a client is read no faster than it reads, and than the output is read
    const full = socket.bufferedAmount + data.length >= HIGH_WATER || output.full
    if (full) socket.pause()
    const resume = (): void => void output.room().then(() => socket.resume())
    socket.send(data, { binary: isBinary }, full ? resume : undefined)
    if (++received === closeEvery) end()
  })
}

/** Closes all connections. */
async function leave(server: WebSocketServer): Promise<void> {
  const gone = [...server.clients].map((client) => {
    client.resume()
    client.close(1001)
    return once(client, 'close')
  })
  server.close()
  await Promise.race([Promise.all(gone), new Promise((resolve) => setTimeout(resolve, GRACE))])
}
