/** The events of a session. */
import type { Events, NodeEvents } from '../socket/events.js'
import type { LossReason } from './protocol/client.js'
import type { Payload } from './store.js'

/** The detail of `lost`: messages that were lost or may have been. */
export interface LostDetail {
  /** Why; `LossReason` says what each means. */
  readonly reason: LossReason
  /** The id of the lost session; `undefined` if there was none yet. */
  readonly session: string | undefined
  /** All unacknowledged messages, oldest first. Some may have been delivered, with only the acknowledgement lost. */
  readonly messages: readonly { readonly number: number; readonly data: Payload }[]
  /** The error of the store, with the reason `store`; missing if the store did not fail but had lost messages. */
  readonly cause?: unknown
}

/** The detail of `resumed`. */
export interface ResumedDetail {
  /** Number of own messages that the server had not received and that are sent again. */
  readonly missed: number
}

/** Messages that the server has not acknowledged. */
export interface HeldView {
  /** Number of messages. */
  readonly size: number
  /** Their size in bytes. */
  readonly bytes: number
}

/** The events of a session, including those of its socket. */
export interface SessionEvents extends Events {
  /** The server resumed the session on a new connection. Emitted before `open`. */
  resumed: ResumedDetail
  /**
   * The session is over or lost, with its unacknowledged messages; also after `end()`, and if there are none. Messages from
   * the server that had not arrived are lost too.
   */
  lost: LostDetail
}

/** With the events that only Node can provide. */
export interface NodeSessionEvents extends SessionEvents, Omit<NodeEvents, keyof Events> {}

/** A listener for `*`: the events that exist on all platforms. */
export type AnySessionListener = <K extends keyof SessionEvents>(type: K, detail: SessionEvents[K]) => void
