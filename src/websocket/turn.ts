/** `bufferedAmount` within one task. */
import { payloadSize } from '../delivery/payload.js'
import type { Sendable } from '../delivery/payload.js'

/**
 * The bytes sent in the current task. In the standard, bufferedAmount grows with send() and shrinks only between tasks,
 * while that of `ws` may be 0 again when send() returns. Counts only where there is setImmediate, that is in Node and what
 * is like it: a browser's own number is right.
 */
export class Turn {
  /** What was buffered before, and has been measured since. */
  #before = 0
  // measured when somebody asks: most never do
  #sent: Sendable[] | undefined
  readonly #end = (): void => this.end()

  /** Something is about to be sent, while so much is buffered. */
  begin(buffered: number): void {
    const { setImmediate } = globalThis as { setImmediate?: (callback: () => void) => unknown }
    if (this.#sent || !setImmediate) return
    this.#before = buffered
    this.#sent = []
    setImmediate(this.#end)
  }

  /** It has been sent. */
  add(data: Sendable): void {
    this.#sent?.push(data)
  }

  /** Another task has begun. */
  end(): void {
    this.#sent = undefined
  }

  /** bufferedAmount for this task, where the platform says so much. */
  amount(buffered: number): number {
    if (!this.#sent) return buffered
    // each is measured once, however often somebody asks
    for (const data of this.#sent.splice(0)) this.#before += payloadSize(data)
    return this.#before
  }
}
