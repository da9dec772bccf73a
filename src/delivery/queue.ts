/** First in, first out, in constant time: shift() on a long array moves all the rest. */

/** How many empty places at the front are tolerated: a queue that fills and empties need not grow again. */
const EMPTY = 32

export class Queue<T> {
  #items: (T | undefined)[] = []
  #first = 0

  get size(): number {
    return this.#items.length - this.#first
  }

  push(item: T): void {
    this.#items.push(item)
  }

  /** The first item; `undefined` if there is none. */
  peek(): T | undefined {
    return this.#items[this.#first]
  }

  /** Removes the first item. */
  shift(): T | undefined {
    const items = this.#items
    if (this.size === 0) return undefined
    const item = items[this.#first]
    // release it for garbage collection
    items[this.#first++] = undefined
    if (this.#first >= EMPTY && this.#first * 2 >= items.length) {
      this.#items = items.slice(this.#first)
      this.#first = 0
    }
    return item
  }

  /** Adds items before all others, in the given order. */
  unshift(items: readonly T[]): void {
    this.#items = [...items, ...this]
    this.#first = 0
  }

  /** Keeps only some items, in the same order. */
  keep(which: (item: T) => boolean): void {
    this.#items = [...this].filter(which)
    this.#first = 0
  }

  clear(): void {
    this.#items.length = 0
    this.#first = 0
  }

  *[Symbol.iterator](): Iterator<T> {
    for (let i = this.#first; i < this.#items.length; i++) yield this.#items[i] as T
  }
}
