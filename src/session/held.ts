/** The messages of a stream that the peer has not acknowledged: by number, oldest first. */

/** The first length of the ring; a power of two, as are all later ones. */
const LEAST = 16

/**
 * A ring: adding, finding and removing a message take constant time, and while as many messages come as go, nothing is
 * allocated.
 */
export class Held<T> {
  /** Message `n` is at `2 * n` modulo the length, its position behind it. */
  #ring = new Array<unknown>(LEAST)
  /** Number of the last removed message, and its position. */
  #acked: number
  #ackedAt: number
  /** Number of the last message, held or removed. */
  last: number

  /**
   * @param acked The number before the first message.
   * @param ackedAt Its position.
   */
  constructor(acked = 0, ackedAt = 0) {
    this.#acked = this.last = acked
    this.#ackedAt = ackedAt
  }

  /** Number of the oldest held message, or of the next one. */
  get first(): number {
    return this.#acked + 1
  }

  /** Number of held messages. */
  get size(): number {
    return this.last - this.#acked
  }

  /** Their size in bytes. */
  get bytes(): number {
    return this.at(this.last) - this.#ackedAt
  }

  /** Adds a message of `size` bytes. Returns its number. */
  add(message: T, size: number): number {
    const at = this.at(this.last) + size
    // each message in both halves: where it belongs, and where one of the next ones will replace it
    if (2 * this.size === this.#ring.length) this.#ring = [...this.#ring, ...this.#ring]
    const place = this.#place(++this.last)
    this.#ring[place] = message
    this.#ring[place + 1] = at
    return this.last
  }

  /** A held message. */
  get(number: number): T {
    return this.#ring[this.#place(number)] as T
  }

  /** The size in bytes of all messages up to `number`, which is held or the last removed one. */
  readonly at = (number: number): number =>
    number === this.#acked ? this.#ackedAt : (this.#ring[this.#place(number) + 1] as number)

  /** Removes all messages up to `number`. */
  forget(number: number): void {
    this.#ackedAt = this.at(number)
    while (this.#acked < number) this.#ring[this.#place(++this.#acked)] = undefined
    if (this.size === 0) this.#ring.length = LEAST
  }

  /** All held messages, oldest first, as a copy. */
  list(): T[] {
    const all: T[] = []
    for (let number = this.first; number <= this.last; number++) all.push(this.get(number))
    return all
  }

  #place(number: number): number {
    return (2 * number) & (this.#ring.length - 1)
  }
}
