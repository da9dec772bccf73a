/** What a session tells, beside what its socket does. */
import type { Events, NodeEvents } from '../socket/events.js'
import type { LossReason } from './protocol/client.js'
import type { Payload } from './store.js'

/** Messages that will not be delivered, or of which it is not known. */
export interface LostDetail {
  readonly reason: LossReason
  /** The session that is gone; `undefined` where there was none yet. */
  readonly session: string | undefined
  /** All messages that were held, oldest first. Some may have been delivered: their acknowledgement was lost. */
  readonly messages: readonly { readonly number: number; readonly data: Payload }[]
  /** What the store failed with. */
  readonly cause?: unknown
}

/** A connection has taken the session up again. */
export interface ResumedDetail {
  /** Own messages that the server had not taken over when the connection was lost, and that are sent again. */
  readonly missed: number
}

/** Own messages that the server has not taken over. */
export interface HeldView {
  /** How many. */
  readonly size: number
  /** Their bytes of payload. */
  readonly bytes: number
}

/** The events of a session beside those of its socket. */
export interface SessionEvents extends Events {
  /** The server goes on with the session, on a new connection. Before `open`. */
  resumed: ResumedDetail
  /**
   * The session is gone, and what was held with it; from here on there is another one. What the server has sent and did
   * not arrive is gone too.
   */
  lost: LostDetail
}

/** With what Node alone can tell. */
export interface NodeSessionEvents extends SessionEvents, Omit<NodeEvents, keyof Events> {}

/** A listener for every event of all platforms. */
export type AnySessionListener = <K extends keyof SessionEvents>(type: K, detail: SessionEvents[K]) => void
