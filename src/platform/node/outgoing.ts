/** What a connection of `ws` has on its way out, and what of it is known not to have been given to the system. */
import type { Duplex } from 'node:stream'
import type NodeWebSocket from 'isomorphic-ws'
import type { Message } from '../../delivery/outbox.js'
import type { Sendable } from '../../delivery/payload.js'

/** One connection's way out. */
export interface Outgoing {
  /** Bytes handed over that the system was not given yet. */
  readonly bufferedAmount: number
  /** The same without what is no message's payload. */
  readonly payloads: number
  /** Hands over a message. False where the system refused it, so that it is still the caller's. */
  send(message: Message): boolean
  /** Hands over a heartbeat's message, which is nobody's loss. */
  beat(data: Sendable): void
  /** Starts the closing handshake, behind all that was handed over. */
  close(code?: number, reason?: string): void
  /** The messages that were handed over and of which the system was not given a byte, oldest first. */
  unsent(): readonly Message[]
}

/** What a way out tells. */
export interface OutgoingListener {
  /** All that was handed over is with the system. Never told within a send. */
  onRoom(): void
  /** A Blob that cannot be read. */
  onLost(data: Sendable): void
}

/** A connection of `ws` that is open. */
export interface Opened {
  readonly socket: NodeWebSocket
  readonly stream: Duplex
}

/** Hands data to `ws`, whose types lack some that it takes. */
export function hand(socket: NodeWebSocket, data: Sendable, done?: (error?: Error) => void): void {
  socket.send(data as Parameters<NodeWebSocket['send']>[0], done)
}
