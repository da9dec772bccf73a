/**
 * The factor for heartbeat timeouts, across the connections of one socket. A platform that reports only whole messages
 * cannot distinguish a dead peer from one that is sending a large message. If that message is sent again on each
 * connection, a fixed timeout would cut it off forever.
 */
const MOST = 32

export class Patience {
  #verdicts = 0

  /** 1, doubled with each consecutive heartbeat timeout from the second on. */
  get factor(): number {
    return Math.min(MOST, 2 ** Math.max(0, this.#verdicts - 1))
  }

  /** The heartbeat timed out on a connection that had received something. */
  failed(): void {
    this.#verdicts++
  }

  /** A ping was answered. */
  answered(): void {
    this.#verdicts = 0
  }
}
