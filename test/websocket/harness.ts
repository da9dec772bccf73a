/** A server for the tests of ReconnectingWebSocket, and the sockets that dial it. Import it, and each test has its own. */
import { once } from 'node:events'
import { type AddressInfo, createServer, type Server } from 'node:net'
import { afterEach, beforeEach, vi } from 'vitest'
import { WebSocketServer, type WebSocket as Peer } from 'ws'
import { ReconnectingWebSocket } from '../../src/websocket/websocket.js'
import type { WebSocketOptions } from '../../src/websocket/types.js'

export const soon = { backoff: () => 1 }

export let server: WebSocketServer
export let url: string
export const made: ReconnectingWebSocket[] = []

beforeEach(async () => {
  server = new WebSocketServer({ port: 0, host: '127.0.0.1' })
  await once(server, 'listening')
  url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}/`
})

afterEach(async () => {
  for (const socket of made.splice(0)) socket.close()
  for (const peer of server.clients) peer.terminate()
  await new Promise((resolve) => server.close(resolve))
  vi.unstubAllGlobals()
  vi.useRealTimers()
})

export function dial(
  options: WebSocketOptions = { retry: soon },
  to: string | (() => string) | string[] = url,
) {
  const socket = new ReconnectingWebSocket(to, [], options)
  made.push(socket)
  return socket
}

/** The next event of a type; for `close`, the one with which the socket is CLOSED where `last` is asked for. */
export function next(
  socket: ReconnectingWebSocket,
  type: 'open' | 'message' | 'error' | 'close',
  last = false,
): Promise<Event> {
  return new Promise((resolve) => {
    const listener = (event: unknown): void => {
      if (last && socket.readyState !== 3) return
      socket.removeEventListener(type, listener)
      resolve(event as Event)
    }
    socket.addEventListener(type, listener)
  })
}

export async function peer(): Promise<Peer> {
  const [socket] = (await once(server, 'connection')) as [Peer]
  return socket
}

export function transcript(socket: ReconnectingWebSocket): string[] {
  const lines: string[] = []
  socket.addEventListener('open', () => lines.push(`open ${socket.readyState}`))
  socket.addEventListener('error', () => lines.push(`error ${socket.readyState}`))
  socket.addEventListener('close', ({ code }) => lines.push(`close ${code} ${socket.readyState}`))
  return lines
}

/** A port where nobody listens. */
export async function deadEnd(): Promise<string> {
  const closed: Server = createServer().listen(0, '127.0.0.1')
  await once(closed, 'listening')
  const { port } = closed.address() as AddressInfo
  await new Promise((resolve) => closed.close(resolve))
  return `ws://127.0.0.1:${port}/`
}

export const tick = (): Promise<void> => new Promise((resolve) => setTimeout(resolve))
