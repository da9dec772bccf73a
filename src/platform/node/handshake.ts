/** What a handshake was like: its answer, bounded, and how long each step took. */
import type { ClientRequest, IncomingHttpHeaders } from 'node:http'
import type { Socket } from 'node:net'
import type { HandshakeDetail } from '../platform.js'

const MAX_HEADERS = 100
const MAX_VALUE = 4_096

/** Watches a request from its beginning; returns what its steps took until now. */
export function watch(request: ClientRequest): () => HandshakeDetail['timings'] {
  const start = performance.now()
  const at = { lookup: start, connect: start, secure: start }
  const connected = (): void => {
    at.connect = at.secure = performance.now()
  }
  request.once('socket', (socket: Socket) => {
    if (!socket.connecting) connected()
    socket.once('lookup', () => (at.lookup = performance.now()))
    socket.once('connect', connected)
    socket.once('secureConnect', () => (at.secure = performance.now()))
  })
  return () => ({
    dns: at.lookup - start,
    tcp: at.connect - at.lookup,
    tls: at.secure - at.connect,
    upgrade: performance.now() - at.secure,
  })
}

/** The first headers, the beginning of each value: what a server sends is not to be trusted with our memory. */
export function bounded(headers: IncomingHttpHeaders): HandshakeDetail['headers'] {
  const cut = (value: string): string => value.slice(0, MAX_VALUE)
  const entries = Object.entries(headers).slice(0, MAX_HEADERS)
  return Object.freeze(
    Object.fromEntries(
      entries.map(([name, value = '']) => [name, Array.isArray(value) ? value.map(cut) : cut(value)]),
    ),
  )
}
