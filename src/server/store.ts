/**
 * Where sessions are kept: what they hold, who owns them, and until when. Any process that reaches the store may own
 * any session in it. Each operation happens whole or not at all.
 */
import type { Awaitable } from './types.js'

/** What a message carries: text as a string, binary as bytes. */
export type Payload = string | Uint8Array

/** A message to the client, as the store holds it. */
export interface StoredMessage {
  /** Its place in the session's stream, from 1. */
  readonly number: number
  readonly data: Payload
}

/** Who may resume a session. Neither changes while the session lives. */
export interface Credentials {
  /** SHA-256 of the session's token, base64url: the store never has the token itself. */
  readonly tokenHash: string
  /** Whoever opened it, as `authorize` named them. */
  readonly identity: string
}

/** How far a session's two streams are. */
export interface Progress {
  /** The last message of the client that an owner has committed, 0 for none. */
  readonly received: number
  /** The last message to the client that it has acknowledged, 0 for none. */
  readonly delivered: number
  /** The last message to the client, 0 for none. What it lacks is `delivered + 1` to `last`. */
  readonly last: number
}

/** A session as it is found. */
export interface SessionRecord extends Credentials, Progress {}

/** What an owner takes over. */
export interface Claim extends Progress {
  /** Names this ownership: each claim has a greater one than all before it. */
  readonly epoch: number
}

/** How much a session may hold for its client. */
export interface Bounds {
  readonly messages: number
  readonly bytes: number
}

/** What became of messages that were to be appended. */
export interface Appended {
  /** Number of the session's last message now. */
  readonly last: number
  /** How many there was room for: the first of those that were given. Theirs are the last numbers. */
  readonly count: number
}

/** Why the store did nothing. `gone`: there is no such session, it ended or expired. `fenced`: a later owner has it. */
export type Refusal = 'gone' | 'fenced'

/** What the store tells an owner unasked. It may come late, twice or, when the store was away, not at all. */
export type Wake =
  /** Somebody other than the owner has appended; `last` is the session's last message now. */
  | { readonly type: 'appended'; readonly id: string; readonly last: number }
  /** Another owner has claimed it. Ownerships below `epoch` are over. */
  | { readonly type: 'fenced'; readonly id: string; readonly epoch: number }
  /** Somebody other than the owner has ended it. */
  | { readonly type: 'ended'; readonly id: string }
  /** The store was away and is back: each session may have changed unheard. `renew` finds out. */
  | { readonly type: 'missed' }
  /** The store cannot be reached at the moment. It goes on trying. */
  | { readonly type: 'failed'; readonly error: unknown }

/**
 * A store of sessions. Operations that take an `epoch` change nothing unless it is the session's latest: whoever has
 * lost a session can do it no harm (fencing). An operation that cannot reach the store rejects with
 * `StoreUnavailableError`; whether it has happened is unknown then, and doing it again does no harm.
 */
export interface SessionStore {
  /** Tells `owner` from now on what happens to its sessions. Returns the undo. */
  subscribe(owner: string, listener: (wake: Wake) => void): Awaitable<() => Awaitable<void>>
  /** Creates a session that `owner` owns with epoch 1, and forgets it after `lease` ms without a renewal. */
  open(id: string, credentials: Credentials, owner: string, lease: number): Awaitable<void>
  /** Looks at it; nothing if there is no such session. */
  find(id: string): Awaitable<SessionRecord | undefined>
  /** Makes `owner` its owner with a new epoch, and tells the one before. Nothing if there is no such session. */
  claim(id: string, owner: string, lease: number): Awaitable<Claim | undefined>
  /**
   * Numbers messages to the client and holds them, as many as there is room for.
   * @param epoch None: on behalf of anybody, and the owner is told.
   */
  append(
    id: string,
    messages: readonly Payload[],
    bounds: Bounds,
    epoch?: number,
  ): Awaitable<Appended | Refusal>
  /** Up to `count` messages that come after the one numbered `after`, in order. Gives none if there is no session. */
  read(id: string, after: number, count: number): Awaitable<StoredMessage[]>
  /** The client has received all up to `to`: forgets them. */
  trim(id: string, epoch: number, to: number): Awaitable<Refusal | undefined>
  /** The application has taken the client's messages up to `received` over. */
  commit(id: string, epoch: number, received: number): Awaitable<Refusal | undefined>
  /** Keeps it for another `lease` ms. Gives the number of its last message. */
  renew(id: string, epoch: number, lease: number): Awaitable<number | Refusal>
  /**
   * Forgets it at once.
   * @param epoch None: on behalf of anybody, and the owner is told.
   */
  end(id: string, epoch?: number): Awaitable<Refusal | undefined>
  /** Lets go of what the store itself holds: connections, timers. */
  close(): Awaitable<void>
}
