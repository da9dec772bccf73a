/** Things that come, and those who wait for them. */
export class Queue<T> {
  readonly #items: T[] = []
  readonly #takers: ((item: T) => void)[] = []

  put(item: T): void {
    const taker = this.#takers.shift()
    if (taker) taker(item)
    else this.#items.push(item)
  }

  /** The oldest that nobody has taken, as soon as there is one. */
  take(): Promise<T> {
    return new Promise((resolve) => {
      if (this.#items.length > 0) resolve(this.#items.shift()!)
      else this.#takers.push(resolve)
    })
  }
}
