/**
 * The interface of stores: the messages, owner and expiry of sessions. Any process with access to the store can own any
 * session in it. Every operation is atomic.
 */
import type { Awaitable } from './types.js'

/** The data of a message: a string for text, bytes for binary. */
export type Payload = string | Uint8Array

/** A stored message to the client. */
export interface StoredMessage {
  /** Its position in the session's stream, from 1. */
  readonly number: number
  /** The message. */
  readonly data: Payload
}

/** Who can resume a session. Constant for the lifetime of the session. */
export interface Credentials {
  /** SHA-256 of the session's token, in base64url. The store never has the token itself. */
  readonly tokenHash: string
  /** The identity that opened the session, as returned by `authorize`. */
  readonly identity: string
}

/** The positions of a session's two streams. */
export interface Progress {
  /** Number of the last message from the client that was committed; 0 for none. */
  readonly received: number
  /** Number of the last message that the client has acknowledged; 0 for none. */
  readonly delivered: number
  /** Number of the last message to the client; 0 for none. `delivered + 1` to `last` are pending. */
  readonly last: number
}

/** The result of `find`. */
export interface SessionRecord extends Credentials, Progress {}

/** The result of `claim`. */
export interface Claim extends Progress {
  /**
   * Identifies this ownership. Each claim has a greater epoch than all before it: by exactly one if the owner stays the
   * same.
   */
  readonly epoch: number
}

/** Limits on the messages held for a client. */
export interface Bounds {
  /** Largest number of messages. */
  readonly messages: number
  /** Largest size of all messages in bytes. */
  readonly bytes: number
}

/** The result of `append`. */
export interface Appended {
  /** Number of the session's last message. */
  readonly last: number
  /** How many of the messages, from the first, were appended. They have the last numbers. */
  readonly count: number
}

/** Why the store changed nothing. `gone`: the session does not exist. `fenced`: a later owner has it. */
export type Refusal = 'gone' | 'fenced'

/** Notifications to an owner. They may be late or duplicated, or be lost while the store is unreachable. */
export type Wake =
  /** Someone other than the owner has appended messages; `last` is the number of the last one. */
  | { readonly type: 'appended'; readonly id: string; readonly last: number }
  /** Another owner has claimed the session. Lower epochs than `epoch` are invalid. */
  | { readonly type: 'fenced'; readonly id: string; readonly epoch: number }
  /** Someone other than the owner has ended the session. Comes before an operation says `gone` because of it. */
  | { readonly type: 'ended'; readonly id: string }
  /** The store was unreachable and is back. Notifications may have been lost; `renew` reveals changes. */
  | { readonly type: 'missed' }
  /** The store is unreachable at the moment and keeps trying. */
  | { readonly type: 'failed'; readonly error: unknown }

/**
 * A store of sessions. Operations with an `epoch` change nothing unless it is the session's latest, so a former owner
 * cannot do harm (fencing). If the store is unreachable, an operation rejects with `StoreUnavailableError`. It may or may
 * not have been executed then, and can be repeated safely.
 */
export interface SessionStore {
  /** Sends notifications about its sessions to `owner`. Returns an unsubscribe function. */
  subscribe(owner: string, listener: (wake: Wake) => void): Awaitable<() => Awaitable<void>>
  /** Creates a session owned by `owner` with epoch 1. It expires after `lease` ms without a renewal. */
  open(id: string, credentials: Credentials, owner: string, lease: number): Awaitable<void>
  /** Reads a session; undefined if it does not exist. */
  find(id: string): Awaitable<SessionRecord | undefined>
  /** Makes `owner` the owner with a new epoch and notifies the former one. Undefined if the session does not exist. */
  claim(id: string, owner: string, lease: number): Awaitable<Claim | undefined>
  /**
   * Numbers and stores messages to the client, as many as the limits allow.
   * @param epoch Undefined if the caller is not the owner; the owner is then notified.
   */
  append(
    id: string,
    messages: readonly Payload[],
    bounds: Bounds,
    epoch?: number,
  ): Awaitable<Appended | Refusal>
  /** Returns up to `count` messages after number `after`, in order; none if the session does not exist. */
  read(id: string, after: number, count: number): Awaitable<StoredMessage[]>
  /** Deletes the messages up to `to`, which the client has received. */
  trim(id: string, epoch: number, to: number): Awaitable<Refusal | undefined>
  /** Records that the application has processed the client's messages up to `received`. */
  commit(id: string, epoch: number, received: number): Awaitable<Refusal | undefined>
  /** Keeps the session for another `lease` ms. Returns the number of its last message. */
  renew(id: string, epoch: number, lease: number): Awaitable<number | Refusal>
  /**
   * Deletes the session.
   * @param epoch Undefined if the caller is not the owner; the owner is then notified.
   */
  end(id: string, epoch?: number): Awaitable<Refusal | undefined>
  /** Releases the store's own resources: connections, timers. */
  close(): Awaitable<void>
}
