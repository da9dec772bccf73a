/** What a session needs of its server, and what a connection brings to it. */
import type { Connection } from './connection.js'
import type { EndReason, Session } from './face.js'
import type { Settings } from './options.js'
import type { Clock } from '../time/clock.js'
import type { SessionStore } from './store.js'

export interface SessionHost {
  readonly store: SessionStore
  readonly clock: Clock
  readonly settings: Settings<never>
  /** The session is over for this server. */
  remove(session: Session, reason: EndReason): void
  failed(error: unknown, session: Session): void
  readonly counters: { received: number; sent: number }
}

/** The hello's number, and the token, which the store does not have. */
export interface Arrival {
  readonly connection: Connection
  readonly token: string
  readonly received: number
  readonly resumed: boolean
}
