/** What was written to a stream, by the byte at which it begins. */

interface Begun {
  readonly start: number
}

/** How many bytes of the stream are remembered before those passed to the system are forgotten. */
const MANY = 65_536

export class Places<T extends Begun> {
  #items: T[] = []
  #most = MANY

  /** Number of remembered items. */
  get size(): number {
    return this.#items.length
  }

  /** Adds an item, which begins after all others. Returns whether it is time to forget some. */
  add(item: T): boolean {
    this.#items.push(item)
    return item.start - this.#items[0]!.start >= this.#most
  }

  /** Forgets those that begin before that byte, for streams that are never idle. */
  forget(byte: number): void {
    const items = (this.#items = this.since(byte))
    const [first] = items
    // doubled, so that a long queue costs the same per item
    this.#most = first ? MANY + 2 * (items.at(-1)!.start - first.start) : MANY
  }

  /** The first item that begins at that byte or later. May be called once per message. */
  first(byte: number): T | undefined {
    return this.#items[this.#index(byte)]
  }

  /** All items that begin at that byte or later. */
  since(byte: number): T[] {
    return this.#items.slice(this.#index(byte))
  }

  clear(): void {
    this.#items.length = 0
  }

  #index(byte: number): number {
    let [low, high] = [0, this.#items.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if (this.#items[middle]!.start < byte) low = middle + 1
      else high = middle
    }
    return low
  }
}
