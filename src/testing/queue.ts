/** Things that come, and those who wait for them. */

interface Taker<T> {
  readonly resolve: (item: T) => void
  readonly reject: (error: Error) => void
}

export class Queue<T> {
  readonly #items: T[] = []
  readonly #takers: Taker<T>[] = []
  /** Why nothing more comes. */
  #over: Error | undefined

  put(item: T): void {
    const taker = this.#takers.shift()
    if (taker) taker.resolve(item)
    else this.#items.push(item)
  }

  /** The oldest that nobody has taken, as soon as there is one. Rejects where nothing more comes. */
  take(): Promise<T> {
    const taken = new Promise<T>((resolve, reject) => {
      if (this.#items.length > 0) resolve(this.#items.shift()!)
      else if (this.#over) reject(this.#over)
      else this.#takers.push({ resolve, reject })
    })
    // a test may have asked and not wait for it any more
    taken.catch(() => {})
    return taken
  }

  /** Nothing more comes: whoever waits is told `error`, and whoever asks when all is taken. */
  end(error: Error): void {
    this.#over = error
    for (const { reject } of this.#takers.splice(0)) reject(error)
  }
}
