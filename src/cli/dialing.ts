/** What a handshake is seen to do: how long its steps take, and the pings and pongs after it. */
import type { ClientRequest } from 'node:http'
import type { Socket } from 'node:net'

/** How long each step of connecting took, in ms. What did not happen took 0. */
export interface Timings {
  readonly dns: number
  readonly tcp: number
  readonly tls: number
  readonly upgrade: number
}

/** Watches a request from its beginning; tells when it has become a WebSocket. */
export function watchTimings(request: ClientRequest, tell: (timings: Timings) => void): void {
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
  request.once('upgrade', () =>
    tell({
      dns: at.lookup - start,
      tcp: at.connect - at.lookup,
      tls: at.secure - at.connect,
      upgrade: performance.now() - at.secure,
    }),
  )
}
