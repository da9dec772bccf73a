/** The clients that are compared, and the servers that they need. */
import { io } from 'socket.io-client'
import { WebSocket } from 'ws'
import { ReconnectingSocket } from 'everopen'
import { SessionSocket } from 'everopen/session'

/** One open client. */
export interface Client {
  send(text: string): void
  /** Whether it should be handed no more for the moment. */
  full(): boolean
  /** Ends its connection as a network does; it makes another. */
  cut?(): void
  close(): void
}

export interface Contender {
  /** Of server.ts. */
  readonly server: 'ws' | 'session' | 'socket.io' | 'azure'
  open(url: string, listener: (data: unknown) => void): Promise<Client>
}

const ENOUGH = 65_536

export const contenders: Readonly<Record<string, Contender>> = {
  'ws, bare': {
    server: 'ws',
    open: (url, listener) =>
      new Promise((resolve) => {
        const socket = new WebSocket(url, { perMessageDeflate: false })
        socket.on('message', listener)
        socket.on('open', () =>
          resolve({
            send: (text) => socket.send(text),
            full: () => socket.bufferedAmount > ENOUGH,
            close: () => socket.close(),
          }),
        )
      }),
  },
  ReconnectingSocket: {
    server: 'ws',
    async open(url, listener) {
      const socket = new ReconnectingSocket(url)
      socket.on('message', listener)
      await socket.opened
      return {
        send: (text) => void socket.send(text),
        full: () => socket.bufferedAmount > ENOUGH,
        close: () => socket.close(),
      }
    },
  },
  SessionSocket: {
    server: 'session',
    async open(url, listener) {
      const socket = new SessionSocket(url, { retry: { backoff: () => 1 } })
      socket.on('message', listener)
      await socket.opened
      return {
        send: (text) => void socket.send(text),
        full: () => socket.held.size > 5_000,
        cut: () => socket.reconnect(),
        close: () => socket.close(),
      }
    },
  },
  'socket.io, with recovery': {
    server: 'socket.io',
    open: (url, listener) =>
      new Promise((resolve) => {
        // with an answer to each message, which is what makes it sure that it was delivered
        let flying = 0
        const socket = io(url.replace('ws', 'http'), { transports: ['websocket'], forceNew: true })
        socket.on('m', listener)
        socket.on('connect', () =>
          resolve({
            send: (text) => {
              flying++
              socket.emit('m', text, () => flying--)
            },
            full: () => flying > 5_000,
            close: () => socket.disconnect(),
          }),
        )
      }),
  },
}
