/** What a server counts. */
import type { EndReason, Session } from './face.js'

/** Figures of one server. Those that only grow are counted from its start. */
export interface SessionStats {
  /** Sessions that are on this server. */
  readonly sessions: number
  /** Those of them that have a connection. */
  readonly attached: number
  /** New sessions so far. */
  readonly opened: number
  /** Times that a client came back to a session. */
  readonly resumed: number
  /** Hellos with a wrong token, or of another identity. */
  readonly rejected: number
  /** Sessions that are over for this server, by the reason. */
  readonly ended: Readonly<Record<EndReason, number>>
  /** Messages from clients that handlers have taken over. */
  readonly received: number
  /** Messages that were written to connections; those that were written again count again. */
  readonly sent: number
  /** Messages that are held for the clients of these sessions now. */
  readonly held: number
  /** How long the oldest of them has been held here, in ms; 0 without one. */
  readonly oldestHeld: number
}

export class Counters {
  /** Sessions that are here or on their way. */
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

  /** Sessions of one identity. */
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
