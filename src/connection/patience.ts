/**
 * How long to wait for an answer, across the connections of one socket. A platform that tells of whole messages only
 * cannot tell a peer that is gone from one in the middle of a large message; and where that is sent anew on each
 * connection, a fixed timeout would cut it off for ever.
 */
const MOST = 32

export class Patience {
  #verdicts = 0

  /** What the timeout is multiplied by: 1, and twice as much for each verdict in a row from the second on. */
  get factor(): number {
    return Math.min(MOST, 2 ** Math.max(0, this.#verdicts - 1))
  }

  /** A peer that had sent something on that connection was taken for dead. */
  failed(): void {
    this.#verdicts++
  }

  /** A ping was answered. */
  answered(): void {
    this.#verdicts = 0
  }
}
