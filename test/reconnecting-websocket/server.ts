/** A server for the tests of the migration faces, and what they say. */
import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { onTestFinished } from 'vitest'
import { WebSocketServer, type WebSocket as Peer } from 'ws'
import type { Face } from '../../src/reconnecting-websocket/face.js'

export interface Served {
  readonly url: string
  readonly server: WebSocketServer
  /** The next connection. */
  peer(): Promise<Peer>
}

export async function serve(): Promise<Served> {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' })
  await once(server, 'listening')
  onTestFinished(() => {
    for (const peer of server.clients) peer.terminate()
    server.close()
  })
  return {
    url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}`,
    server,
    peer: async () => ((await once(server, 'connection')) as [Peer])[0],
  }
}

/** Accepts, and answers nothing. */
export async function silent(): Promise<string> {
  const server = createServer(() => {}).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  return `ws://127.0.0.1:${(server.address() as AddressInfo).port}`
}

/** Nobody listens there. */
export async function deadEnd(): Promise<string> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return `ws://127.0.0.1:${port}`
}

/** One line for each event, with the readyState that its listener sees. */
export function transcript(socket: Face): string[] {
  const lines: string[] = []
  socket.addEventListener('open', () => lines.push(`open [${socket.readyState}]`))
  socket.addEventListener('message', ({ data }) => lines.push(`message ${String(data)}`))
  socket.addEventListener('error', ({ message }) => lines.push(`error ${message}`))
  socket.addEventListener('close', ({ code, reason }) =>
    lines.push(`close ${code} ${reason} [${socket.readyState}]`),
  )
  return lines
}

export function next(socket: Face, type: 'open' | 'message' | 'error' | 'close'): Promise<void> {
  return new Promise((resolve) => {
    const listener = (): void => {
      socket.removeEventListener(type, listener)
      resolve()
    }
    socket.addEventListener(type, listener)
  })
}

export const task = (): Promise<void> => new Promise((resolve) => setTimeout(resolve))
