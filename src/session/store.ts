/** Stores that keep a client's session across reloads and crashes. */
import type { SessionName } from './protocol/wire.js'

/** Data that can be held. A Blob cannot, because its bytes are not available synchronously. */
export type Payload = string | ArrayBuffer | ArrayBufferView

/** The stored state of a session. */
export interface SavedSession {
  /** `undefined` until the server has assigned one. Its token is a secret. */
  readonly session: SessionName | undefined
  /** Number of the last message received from the server. */
  readonly received: number
  /** Number of the last acknowledged own message; `messages` begins after it. */
  readonly acked: number
  /** Unacknowledged own messages, oldest first. */
  readonly messages: readonly Payload[]
}

/**
 * An open store, used by one client only. Each operation must be durable when it returns or its promise resolves, and
 * operations must be executed in the order of the calls. If one fails, the session ends.
 */
export interface OpenStore {
  /** The state as read when the store was opened. */
  readonly saved: SavedSession
  /** Adds a message at the end. */
  append(number: number, data: Payload): Promise<void> | void
  /** Removes all messages up to `number`. */
  forget(number: number): Promise<void> | void
  /** Records that all of the server's messages up to `number` have been received. */
  received(number: number): Promise<void> | void
  /** Records the session's id and token. */
  name(session: SessionName): Promise<void> | void
  /** Removes everything: messages, numbers, id and token. */
  clear(): Promise<void> | void
  /**
   * Closes the store after all previous operations. A message that cannot be added now is added again when it is open.
   */
  close(): Promise<void> | void
}

/** The option `session.store`. */
export interface SessionStore {
  /**
   * Opens and reads the store. A store in use must not be opened by a second client.
   * @param signal Aborted when the result is no longer needed.
   */
  open(signal: AbortSignal): Promise<OpenStore> | OpenStore
}

/** Behaviour of a second client while the first one uses the store. */
export interface ShareOptions {
  /**
   * `own` (default): the second client gets its own session, which is also stored; the next client that starts resumes
   * it. `wait`: the second client waits for the first to close the store before it connects.
   */
  readonly inUse?: 'own' | 'wait' | undefined
}
