/**
 * Finds the message that expires next: a binary heap, so that the cost grows only slowly with the number of messages.
 */

export interface Aging {
  /** When it expires, by the monotonic clock. */
  readonly expires: number
  /** The order of messages that expire together. */
  readonly order: number
}

export class Expiry<T extends Aging> {
  #heap: T[] = []

  get size(): number {
    return this.#heap.length
  }

  add(entry: T): void {
    const heap = this.#heap
    let at = heap.push(entry) - 1
    while (at > 0) {
      const parent = (at - 1) >> 1
      if (!before(entry, heap[parent]!)) break
      heap[at] = heap[parent]!
      at = parent
    }
    heap[at] = entry
  }

  /** The message that expires first. */
  peek(): T | undefined {
    return this.#heap[0]
  }

  /** Removes that message. */
  shift(): T | undefined {
    const heap = this.#heap
    const first = heap[0]
    const last = heap.pop()
    if (heap.length === 0 || !last) return first
    let at = 0
    for (let child = 1; child < heap.length; child = 2 * at + 1) {
      if (child + 1 < heap.length && before(heap[child + 1]!, heap[child]!)) child++
      if (!before(heap[child]!, last)) break
      heap[at] = heap[child]!
      at = child
    }
    heap[at] = last
    return first
  }

  /** Keeps only some messages. */
  keep(which: (entry: T) => boolean): void {
    const kept = this.#heap.filter(which)
    this.#heap = []
    for (const entry of kept) this.add(entry)
  }
}

function before(a: Aging, b: Aging): boolean {
  return a.expires < b.expires || (a.expires === b.expires && a.order < b.order)
}
