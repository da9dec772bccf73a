/** The public interface of a session. */
import type { MessageHandler } from './inbox.js'
import type { Sendable } from './outbox.js'

/**
 * Why this server no longer has a session. `left`: the client ended it. `ended`: `end()` was called. `expired`: no
 * connection for `ttl`. `gone`: the store has lost it. In the other cases the session continues. `taken`: another server
 * owns it now. `failed`: a handler threw or the store was unreachable; the client reconnects. `closed`: this server was
 * closed.
 */
export type EndReason = 'left' | 'ended' | 'expired' | 'gone' | 'taken' | 'failed' | 'closed'

/** Events of a session. */
export interface SessionEvents {
  /** A connection was attached. */
  attached: { readonly resumed: boolean }
  /** The connection ended. The session waits for another one, or `ended` follows. */
  detached: undefined
  /** The client has received all messages up to this number. */
  delivered: number
  /** This server no longer has the session. */
  ended: { readonly reason: EndReason }
}

/** A session of one client on this server, across any number of connections. */
export interface Session {
  /** The session's id. It is not secret. */
  readonly id: string
  /** The client's identity, as returned by `authorize`. */
  readonly identity: string
  /** `attached` with a connection, `detached` while waiting for one, `ended` after the end. */
  readonly state: 'attached' | 'detached' | 'ended'
  /** Number of messages that the store holds for the client. */
  readonly held: number
  /** Age of the oldest of them on this server, in ms; 0 without one. */
  readonly oldestHeld: number
  /**
   * Adds a handler of messages and returns an unsubscribe function. Handlers receive one message at a time, in order. A
   * message is acknowledged, and the next one delivered, when the promises of all handlers have resolved. If a handler
   * throws, the connection is closed with 1011 once the others are done, and the message is delivered again, with the
   * same number, after the client has reconnected.
   * @throws InvalidArgumentError if it is not a function, or the event is unknown, as for the other listeners
   */
  on(type: 'message', handler: MessageHandler): () => void
  /** Adds a listener. Returns an unsubscribe function. */
  on<K extends keyof SessionEvents>(type: K, listener: (detail: SessionEvents[K]) => void): () => void
  /**
   * Sends a message. The promise resolves with its number once the message is stored; the client then receives it exactly
   * once, across reconnects. Rejects with SessionFullError, SessionTakenError, SessionGoneError or
   * StoreUnavailableError. An ignored promise causes no unhandled rejection.
   * @throws InvalidArgumentError synchronously, for data that cannot be sent
   */
  send(data: Sendable): Promise<number>
  /**
   * Ends the session: closes the connection with 4101 and deletes the session from the store, with the messages that the
   * client does not have yet. If the store is unreachable, that is reported as `error`, and the session expires there.
   */
  end(): Promise<void>
}
