/** Details of a handshake: the response, limited in size, and the duration of each step. */
import type { ClientRequest, IncomingHttpHeaders } from 'node:http'
import type { Socket } from 'node:net'
import type { HandshakeDetail } from '../platform.js'

const MAX_HEADERS = 100
const MAX_VALUE = 4_096

/** Observes a request from its beginning. Returns a function that stops and returns the durations. */
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
    // an agent may reuse the socket for another request
    socket?.off('lookup', onLookup).off('connect', onConnect).off('secureConnect', onSecure)
    return {
      dns: at.lookup - start,
      tcp: at.connect - at.lookup,
      tls: at.secure - at.connect,
      upgrade: performance.now() - at.secure,
    }
  }
}

/** The first headers, and the beginning of each value: a server must not be able to use up the memory. */
export function bounded(headers: IncomingHttpHeaders): HandshakeDetail['headers'] {
  const cut = (value: string): string => value.slice(0, MAX_VALUE)
  const entries = Object.entries(headers).slice(0, MAX_HEADERS)
  return Object.freeze(
    Object.fromEntries(
      entries.map(([name, value = '']) => [name, Array.isArray(value) ? value.map(cut) : cut(value)]),
    ),
  )
}
