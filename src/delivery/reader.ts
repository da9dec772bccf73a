/** Messages held for a consumer that takes them one at a time, up to a limit. */
import { Queue } from './queue.js'

/** A call that waits for a message. */
export interface Waiting<T> {
  readonly resolve: (item: T) => void
  readonly reject: (error: unknown) => void
}

export class Reader<T> {
  readonly #limit: number
  readonly #pause: (() => (() => void) | undefined) | undefined
  readonly #held = new Queue<T>()
  readonly #waiting: Waiting<T>[] = []
  #resume: (() => void) | undefined
  #over: ((waiting: Waiting<T>) => void) | undefined

  /**
   * @param limit Largest number of messages held.
   * @param pause Pauses the source. Returns how to resume it; `undefined` if it cannot pause.
   */
  constructor(limit: number, pause: (() => (() => void) | undefined) | undefined) {
    this.#limit = limit
    this.#pause = pause
  }

  /** A message has arrived. Returns false if the limit is reached and the source cannot pause. */
  add(item: T): boolean {
    // a message that is being delivered at the end
    if (this.#over) return true
    const next = this.#waiting.shift()
    if (next) next.resolve(item)
    else this.#held.push(item)
    if (this.#held.size < this.#limit) return true
    // a few more messages may arrive that had been read before the pause
    this.#resume ??= this.#pause?.()
    return this.#resume !== undefined
  }

  /** Resolves with the next message; after the end, as the end says. */
  next(): Promise<T> {
    const item = this.#held.shift()
    if (item === undefined)
      return new Promise((resolve, reject) => {
        if (this.#over) this.#over({ resolve, reject })
        else this.#waiting.push({ resolve, reject })
      })
    if (this.#held.size <= this.#limit / 2) this.resume()
    return Promise.resolve(item)
  }

  resume(): void {
    this.#resume?.()
    this.#resume = undefined
  }

  /** No more messages arrive. What is held can still be taken; `over` answers the other calls. */
  end(over: (waiting: Waiting<T>) => void): void {
    this.#over ??= over
    for (const waiting of this.#waiting.splice(0)) over(waiting)
  }

  /** Takes all that is held. */
  clear(): T[] {
    const held = [...this.#held]
    this.#held.clear()
    return held
  }
}
