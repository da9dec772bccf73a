/** The sockets that are compared, each with its usual way to send and to listen. */
import PartySocket from 'partysocket/ws'
import ReconnectingPeer from 'reconnecting-websocket'
import { WebSocket } from 'ws'
import { ReconnectingSocket, ReconnectingWebSocket } from 'everopen'

/** One open socket. */
export interface Client {
  send(text: string): void
  /** Messages that were handed over and not yet written, as bytes. */
  buffered(): number
  close(): void
}

/** Resolves once it is open. `listener` gets the data of every message. */
export type Open = (url: string, listener: (data: unknown) => void) => Promise<Client>

interface Standard {
  onopen: ((event: never) => void) | null
  onmessage: ((event: never) => void) | null
  readonly bufferedAmount: number
  send(text: string): void
  close(): void
}

function standard(make: (url: string) => Standard): Open {
  return (url, listener) =>
    new Promise((resolve) => {
      const socket = make(url)
      const client: Client = {
        send: (text) => socket.send(text),
        buffered: () => socket.bufferedAmount,
        close: () => socket.close(),
      }
      socket.onmessage = ({ data }: { readonly data: unknown }) => listener(data)
      socket.onopen = () => resolve(client)
    })
}

export const clients: Readonly<Record<string, Open>> = {
  'ws, bare': standard((url) => new WebSocket(url)),
  async everopen(url, listener) {
    const socket = new ReconnectingSocket(url)
    socket.on('message', listener)
    await socket.opened
    return {
      send: (text) => void socket.send(text),
      buffered: () => socket.bufferedAmount,
      close: () => socket.close(),
    }
  },
  'everopen, as a WebSocket': standard((url) => new ReconnectingWebSocket(url)),
  'reconnecting-websocket': standard((url) => new ReconnectingPeer(url, [], { WebSocket })),
  partysocket: standard((url) => new PartySocket(url, [], { WebSocket })),
}
