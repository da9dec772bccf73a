/** The clients that are compared, each reduced to what the herd needs to know of it. */
import PartySocket from 'partysocket/ws'
import ReconnectingWebSocket from 'reconnecting-websocket'
import { WebSocket } from 'ws'
import { ReconnectingSocket } from '../../src/index.js'

/** One client, told to dial `url` for ever. */
export interface Client {
  isOpen(): boolean
  close(): void
}

/** Makes a client that calls `onDial` whenever it starts an attempt. All are left at their defaults. */
export type Connect = (url: string, onDial: () => void) => Client

/** `ws`, as peers want it given, and counted. */
function counting(onDial: () => void): typeof WebSocket {
  return class extends WebSocket {
    constructor(url: string, protocols?: string[]) {
      onDial()
      super(url, protocols)
    }
  } as typeof WebSocket
}

function peer(Class: typeof ReconnectingWebSocket | typeof PartySocket): Connect {
  return (url, onDial) => {
    const socket = new Class(url, [], { WebSocket: counting(onDial) })
    socket.onerror = () => {}
    return { isOpen: () => socket.readyState === socket.OPEN, close: () => socket.close() }
  }
}

export const clients: Readonly<Record<string, Connect>> = {
  everopen(url, onDial) {
    const socket = new ReconnectingSocket(url, { log: ({ type }) => type === 'dial' && onDial() })
    return { isOpen: () => socket.state === 'open', close: () => socket.close() }
  },
  'reconnecting-websocket': peer(ReconnectingWebSocket),
  partysocket: peer(PartySocket),
}
