/** Where a client keeps its session, so that a reload or a crash loses nothing. */
import type { SessionName } from './protocol/wire.js'

/** What can be held: a Blob cannot, since its bytes are not there yet. */
export type Payload = string | ArrayBuffer | ArrayBufferView

/** What a store holds of a session. */
export interface SavedSession {
  /** Missing where no server has given one. Its token is a secret. */
  readonly session: SessionName | undefined
  /** Last number of the server's messages that is taken over. */
  readonly received: number
  /** Last own number that is forgotten: `messages` begins after it. */
  readonly acked: number
  /** Own messages that are held, oldest first. */
  readonly messages: readonly Payload[]
}

/**
 * A store that is open, for one client alone. Each operation is done for good when it returns, or when its promise
 * resolves; they are done in the order of the calls. One that fails ends the session.
 */
export interface OpenStore {
  readonly saved: SavedSession
  /** Holds one more message, after all others. */
  append(number: number, data: Payload): Promise<void> | void
  /** Forgets all messages up to `number`. */
  forget(number: number): Promise<void> | void
  /** Notes that all of the server's messages up to `number` are taken over. */
  received(number: number): Promise<void> | void
  /** Notes the session's name. */
  name(session: SessionName): Promise<void> | void
  /** Forgets everything: what is held, the numbers, the name. */
  clear(): Promise<void> | void
  /** Lets go of the store, after all that was asked before. */
  close(): Promise<void> | void
}

/** The option `session.store`. */
export interface SessionStore {
  /**
   * Takes the store, and reads it. What is in use is never given to a second client.
   * @param signal Aborted when nobody waits for it any more.
   */
  open(signal: AbortSignal): Promise<OpenStore> | OpenStore
}

/** What a second client gets while the first one uses a store. */
export interface ShareOptions {
  /**
   * `own` (default): a session of its own, beside the first; it is stored too, and the next client that starts goes on
   * with it. `wait`: the same session, as soon as the first client is gone; until then no connection is made.
   */
  readonly inUse?: 'own' | 'wait' | undefined
}
