/** What a handshake was like: its answer, bounded, and how long each step took. */
import type { ClientRequest, IncomingHttpHeaders } from 'node:http'
import type { Socket } from 'node:net'
import type { HandshakeDetail } from '../platform.js'

const MAX_HEADERS = 100
const MAX_VALUE = 4_096

/** Watches a request from its beginning. Returns what tells what its steps took, and watches no longer. */
export function watch(request: ClientRequest): () => HandshakeDetail['timings'] {
  const start = performance.now()
  const at = { lookup: start, connect: start, secure: start }
  let socket: Socket | undefined
  const onLookup = (): void => void (at.lookup = performance.now())
  const onConnect = (): void => void (at.connect = at.secure = performance.now())
  const onSecure = (): void => void (at.secure = performance.now())
  request.once('socket', (given: Socket) => {
    socket = given
    if (!socket.connecting) onConnect()
    socket.once('lookup', onLookup).once('connect', onConnect).once('secureConnect', onSecure)
  })
  return () => {
    // an agent may keep it for another request
    socket?.off('lookup', onLookup).off('connect', onConnect).off('secureConnect', onSecure)
    return {
      dns: at.lookup - start,
      tcp: at.connect - at.lookup,
      tls: at.secure - at.connect,
      upgrade: performance.now() - at.secure,
    }
  }
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
