/** The sockets that are compared, each with its usual way to send and to listen. */
import PartySocket from 'partysocket/ws'
import ReconnectingPeer from 'reconnecting-websocket'
import { WebSocket } from 'ws'
import { ReconnectingSocket, ReconnectingWebSocket } from 'everopen'

/** One open socket. */
export interface Client {
  send(data: string | Uint8Array): void
  /** Messages that were handed over and not yet written, as bytes. */
  buffered(): number
  close(): void
}

/** Resolves once it is open. `listener` gets the data of every message. */
export type Open = (url: string, listener: (data: unknown) => void) => Promise<Client>

interface Standard {
  onopen: ((event: never) => void) | null
  onmessage: ((event: never) => void) | null
  binaryType: string
  readonly bufferedAmount: number
  send(data: never): void
  close(): void
}

function standard(make: (url: string) => Standard): Open {
  return (url, listener) =>
    new Promise((resolve) => {
      const socket = make(url)
      const client: Client = {
        send: (data) => socket.send(data as never),
        buffered: () => socket.bufferedAmount,
        close: () => socket.close(),
      }
      socket.binaryType = 'arraybuffer'
      socket.onmessage = ({ data }: { readonly data: unknown }) => listener(data)
      socket.onopen = () => resolve(client)
    })
}

export const clients: Readonly<Record<string, Open>> = {
  // by its emitter, and with text as text: the least that `ws` can cost
  'ws, bare': (url, listener) =>
    new Promise((resolve) => {
      const socket = new WebSocket(url)
      socket.binaryType = 'arraybuffer'
      socket.on('message', (data, isBinary) => listener(isBinary ? data : (data as Buffer).toString()))
      socket.on('open', () =>
        resolve({
          send: (data) => socket.send(data),
          buffered: () => socket.bufferedAmount,
          close: () => socket.close(),
        }),
      )
    }),
  'ws, as a WebSocket': standard((url) => new WebSocket(url)),
  async everopen(url, listener) {
    const socket = new ReconnectingSocket(url)
    socket.on('message', listener)
    await socket.opened
    return {
      send: (data) => void socket.send(data),
      buffered: () => socket.bufferedAmount,
      close: () => socket.close(),
    }
  },
  'everopen, as a WebSocket': standard((url) => new ReconnectingWebSocket(url)),
  'reconnecting-websocket': standard((url) => new ReconnectingPeer(url, [], { WebSocket }) as Standard),
  partysocket: standard((url) => new PartySocket(url, [], { WebSocket }) as Standard),
}
