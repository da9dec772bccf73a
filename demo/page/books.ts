/** What became of the messages of one socket. */
import type { ClientReport } from '../chaos.js'

export interface Books {
  readonly received: number
  /** They may still arrive. */
  readonly pending: number
  readonly lost: number
  /** They came more than once. */
  readonly twice: number
}

/**
 * By what the server has received: gaps are losses, and so is the rest where nobody will send it any more.
 * @param sent How many the socket has taken, numbered from 1.
 * @param over Whether it will send nothing any more.
 */
export function balance(sent: number, over: boolean, { received, latest, duplicates }: ClientReport): Books {
  const rest = Math.max(0, sent - latest)
  return {
    received,
    pending: over ? 0 : rest,
    lost: latest - received + (over ? rest : 0),
    twice: duplicates,
  }
}
