/** A session as an application sees it. */
import type { MessageHandler } from './inbox.js'
import type { Sendable } from './outbox.js'

/**
 * Why a session is over for this server. `left`: the client said so. `ended`: by `end()`. `expired`: no connection for
 * `ttl`. `gone`: the store has lost it. In the other cases it lives on: `taken`: another server owns it now. `failed`: a
 * handler threw, or the store could not be reached; the client is asked to come back. `closed`: this server was.
 */
export type EndReason = 'left' | 'ended' | 'expired' | 'gone' | 'taken' | 'failed' | 'closed'

/** Events of a session. */
export interface SessionEvents {
  /** A connection is there. */
  attached: { readonly resumed: boolean }
  /** It is not any more. The session waits for another one. */
  detached: undefined
  /** The client has received all messages up to this number. */
  delivered: number
  /** Nothing more happens to it on this server. */
  ended: { readonly reason: EndReason }
}

/** A session on this server: of one client, over as many connections as it takes. */
export interface Session {
  /** Names the session. It may be shown. */
  readonly id: string
  /** Whose it is, as `authorize` said. */
  readonly identity: string
  /** `attached` while a connection is there, `detached` while the session waits for one, `ended` once it is over. */
  readonly state: 'attached' | 'detached' | 'ended'
  /** Messages that the store holds for the client. */
  readonly held: number
  /** How long the oldest of them has been waiting on this server, in ms; 0 without one. */
  readonly oldestHeld: number
  /**
   * Adds a handler of messages, and returns an unsubscribe function. `message` handlers get one message at a time, in order, and the next when
   * the promise that they return is resolved: the message is acknowledged then. One that throws ends the connection with
   * 1011, and its message is given again, with the same number, when the client is back.
   */
  on(type: 'message', handler: MessageHandler): () => void
  /** Adds a listener. Returns an unsubscribe function. */
  on<K extends keyof SessionEvents>(type: K, listener: (detail: SessionEvents[K]) => void): () => void
  /**
   * Sends a message: the promise resolves with its number once the store holds it, and the client gets it however often
   * its connection breaks. It rejects with SessionFullError, SessionTakenError, SessionGoneError or
   * StoreUnavailableError; a promise that nobody looks at causes no unhandled rejection.
   * @throws InvalidArgumentError for what cannot be sent, at once
   */
  send(data: Sendable): Promise<number>
  /** Ends the session: the connection is closed with 4101, and the store forgets all it held. */
  end(): Promise<void>
}
