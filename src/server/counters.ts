/** Metrics of a server. */
import type { EndReason, Session } from './face.js'

/** Metrics of one server. Totals are counted from its start. */
export interface SessionStats {
  /** Current sessions on this server. */
  readonly sessions: number
  /** Current sessions with a connection. */
  readonly attached: number
  /** Total of new sessions. */
  readonly opened: number
  /** Total of resumed sessions. */
  readonly resumed: number
  /** Total of hellos with a wrong token or another identity. */
  readonly rejected: number
  /** Total of ended sessions, by reason. */
  readonly ended: Readonly<Record<EndReason, number>>
  /** Total of messages from clients that handlers have processed. */
  readonly received: number
  /** Total of messages written to connections, including repetitions. */
  readonly sent: number
  /** Current number of messages held for clients. */
  readonly held: number
  /** Age of the oldest held message, in ms; 0 without one. */
  readonly oldestHeld: number
}

export class Counters {
  /** Sessions on this server, including those being opened. */
  sessions = 0
  opened = 0
  resumed = 0
  rejected = 0
  received = 0
  sent = 0
  readonly #ended: Record<EndReason, number> = {
    left: 0,
    ended: 0,
    expired: 0,
    gone: 0,
    taken: 0,
    failed: 0,
    closed: 0,
  }
  readonly #identities = new Map<string, number>()

  /** Number of sessions of one identity. */
  of(identity: string): number {
    return this.#identities.get(identity) ?? 0
  }

  add(identity: string): void {
    this.sessions++
    this.#identities.set(identity, this.of(identity) + 1)
  }

  drop(identity: string): void {
    this.sessions--
    const left = this.of(identity) - 1
    if (left > 0) this.#identities.set(identity, left)
    else this.#identities.delete(identity)
  }

  ended(reason: EndReason): void {
    this.#ended[reason]++
  }

  stats(sessions: Iterable<Session>): SessionStats {
    let [count, attached, held, oldestHeld] = [0, 0, 0, 0]
    for (const session of sessions) {
      count++
      if (session.state === 'attached') attached++
      held += session.held
      oldestHeld = Math.max(oldestHeld, session.oldestHeld)
    }
    const { opened, resumed, rejected, received, sent } = this
    return {
      sessions: count,
      attached,
      opened,
      resumed,
      rejected,
      ended: { ...this.#ended },
      received,
      sent,
      held,
      oldestHeld,
    }
  }
}
