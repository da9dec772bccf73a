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

/** Whether a text from the network names an ending. */
export function isEnding(text: string | undefined): text is Ending {
  return endings.some((how) => how === text)
}

/** Ends one connection on the wire: with a Close frame, or on the TCP socket under it. */
export function endConnection(how: Ending, socket: WebSocket, tcp: Socket): void {
  if (how === 'rst') tcp.resetAndDestroy()
  // of `silence` this is the first half: the next dial finds nobody who answers
  else if (how === 'fin' || how === 'silence') tcp.end()
  else socket.close(Number(how), reasons[how])
}
