/** Items that arrive, and the calls that wait for them. */

interface Taker<T> {
  readonly resolve: (item: T) => void
  readonly reject: (error: Error) => void
}

export class Queue<T> {
  readonly #items: T[] = []
  readonly #takers: Taker<T>[] = []
  /** Why no more items arrive. */
  #over: Error | undefined

  put(item: T): void {
    const taker = this.#takers.shift()
    if (taker) taker.resolve(item)
    else this.#items.push(item)
  }

  /** Resolves with the oldest item not taken yet. Rejects if no more items arrive. */
  take(): Promise<T> {
    const taken = new Promise<T>((resolve, reject) => {
      if (this.#items.length > 0) resolve(this.#items.shift()!)
      else if (this.#over) reject(this.#over)
      else this.#takers.push({ resolve, reject })
    })
    // a test may have stopped waiting for it
    taken.catch(() => {})
    return taken
  }

  /** No more items arrive: pending calls reject with `error`, and so do later ones once all items are taken. */
  end(error: Error): void {
    this.#over = error
    for (const { reject } of this.#takers.splice(0)) reject(error)
  }
}
