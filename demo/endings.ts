/** Every way in which the demo's server ends a connection. */
import type { Socket } from 'node:net'
import type { WebSocket } from 'ws'

export const endings = ['1000', '1001', '1011', '1012', 'fin', 'rst', 'silence'] as const
export type Ending = (typeof endings)[number]

const reasons: Readonly<Record<string, string>> = {
  '1000': 'bye',
  '1001': 'going away',
  '1011': 'internal error',
  '1012': 'restarting',
}

/** Ends one connection on the wire: with a Close frame, or on the TCP socket under it. */
export function endConnection(how: Ending, socket: WebSocket, tcp: Socket): void {
  if (how === 'rst') tcp.resetAndDestroy()
  // of `silence` this is the first half: the next dial finds nobody who answers
  else if (how === 'fin' || how === 'silence') tcp.end()
  else socket.close(Number(how), reasons[how])
}

/** Sends a Close frame with any code at all, or with none. */
export function sendClose(socket: WebSocket, tcp: Socket, code: number | undefined, reason: string): void {
  if (code === undefined) return socket.close()
  try {
    socket.close(code, reason)
  } catch {
    // a code that a server must not send: written by hand, for a look at what comes of it
    const text = Buffer.from(reason)
    tcp.write(Buffer.concat([Buffer.from([0x88, 2 + text.length, code >> 8, code & 0xff]), text]))
  }
}
