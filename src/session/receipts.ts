/**
 * The numbers that `send()` returned, and the fate of their messages. Unlike the stream's, these numbers are unique per
 * socket.
 */
import { defer, type Deferred } from '../socket/deferred.js'
import { SessionLostError } from './errors.js'
import type { LossReason } from './protocol/client.js'

interface Loss {
  readonly from: number
  readonly to: number
  readonly reason: LossReason
}

export class Receipts {
  /** Difference between a message's number in the session's stream and its number here. */
  #shift = 0
  readonly #waiting = new Map<number, Deferred<void>>()
  readonly #losses: Loss[] = []

  /** The number here of a message of the stream. */
  of(streamed: number): number {
    return streamed - this.#shift
  }

  /** The stream continues elsewhere: its message `streamed` has the number `number` here. */
  align(streamed: number, number: number): void {
    this.#shift = streamed - number
  }

  /**
   * Resolves when a message is acknowledged.
   *
   * @param acked The last acknowledged number of the stream.
   */
  async delivered(number: number, acked: number): Promise<void> {
    const lost = this.#losses.find(({ from, to }) => number >= from && number <= to)
    if (lost) throw new SessionLostError(lost.reason)
    if (number <= this.of(acked)) return
    const waiting = this.#waiting.get(number) ?? defer()
    this.#waiting.set(number, waiting)
    return waiting.promise
  }

  /** The messages `from` to `to` of the stream are acknowledged. */
  settle(from: number, to: number): void {
    this.#each(from, to, (waiting) => waiting.resolve())
  }

  /** The messages `from` to `to` of the stream are lost, and the next stream restarts its numbers. */
  lose(from: number, to: number, reason: LossReason): void {
    if (to >= from) this.#losses.push({ from: this.of(from), to: this.of(to), reason })
    this.#each(from, to, (waiting) => waiting.reject(new SessionLostError(reason)))
    this.#shift -= to
  }

  #each(from: number, to: number, tell: (waiting: Deferred<void>) => void): void {
    if (this.#waiting.size === 0) return
    for (let number = this.of(from); number <= this.of(to); number++) {
      const waiting = this.#waiting.get(number)
      this.#waiting.delete(number)
      if (waiting) tell(waiting)
    }
  }
}
