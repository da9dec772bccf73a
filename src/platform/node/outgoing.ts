/** What a `ws` connection has to send, and which of it is known not to have been passed to the system. */
import type { Duplex } from 'node:stream'
import type NodeWebSocket from 'isomorphic-ws'
import type { Message } from '../../delivery/outbox.js'
import type { Sendable } from '../../delivery/payload.js'

/** The sending side of one connection. */
export interface Outgoing {
  /** Bytes handed over and not yet passed to the system. */
  readonly bufferedAmount: number
  /** The same, message payload only. */
  readonly payloads: number
  /** Hands over a message. Returns false if the system refused it; the caller keeps the message. */
  send(message: Message): boolean
  /** Hands over a message of the heartbeat, which is not reported when lost. */
  beat(data: Sendable): void
  /** Starts the closing handshake, after everything handed over. */
  close(code?: number, reason?: string): void
  /** The messages of which no byte was passed to the system, oldest first. */
  unsent(): readonly Message[]
}

/** Receives the events of the sending side. */
export interface OutgoingListener {
  /** Everything handed over is with the system. Never called within a send. */
  onRoom(): void
  /** A Blob could not be read. */
  onLost(data: Sendable): void
}

/** An open connection of `ws`. */
export interface Opened {
  readonly socket: NodeWebSocket
  readonly stream: Duplex
}

/** Passes data to `ws`, whose types lack some kinds of data that it accepts. */
export function hand(socket: NodeWebSocket, data: Sendable, done?: (error?: Error) => void): void {
  socket.send(data as Parameters<NodeWebSocket['send']>[0], done)
}
