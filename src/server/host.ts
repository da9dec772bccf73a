/** What a session needs of its server, and what a new connection brings. */
import type { Connection } from './connection.js'
import type { EndReason, Session } from './face.js'
import type { Settings } from './options.js'
import type { Clock } from '../time/clock.js'
import type { SessionStore } from './store.js'

export interface SessionHost {
  readonly store: SessionStore
  readonly clock: Clock
  readonly settings: Settings<never>
  /** The session has ended for this server. */
  remove(session: Session, reason: EndReason): void
  failed(error: unknown, session: Session): void
  readonly counters: { received: number; sent: number }
}

/** The connection with the hello's number, and the token, which the store does not have. */
export interface Arrival {
  readonly connection: Connection
  readonly token: string
  readonly received: number
  readonly resumed: boolean
}
