/** The own messages of a stream that the peer has not taken over: by number, oldest first. */

/** Adding, finding and forgetting a message cost the same however many are held. */
export class Held<T> {
  // taken from `#head` on: shift() on a long array moves all the rest
  #messages: (T | undefined)[] = []
  #positions: number[] = []
  #head = 0
  /** Number of the last message that was forgotten, and its position. */
  #acked: number
  #ackedAt = 0

  /** @param acked The number before the first that will be held. */
  constructor(acked = 0) {
    this.#acked = acked
  }

  /** Number of the last message, held or not. */
  get last(): number {
    return this.#acked + this.size
  }

  /** Number of the oldest message held, or of the next one. */
  get first(): number {
    return this.#acked + 1
  }

  /** How many are held. */
  get size(): number {
    return this.#messages.length - this.#head
  }

  /** Their bytes. */
  get bytes(): number {
    return this.at(this.last) - this.#ackedAt
  }

  /** Adds a message of `size` bytes. Returns its number. */
  add(message: T, size: number): number {
    this.#positions.push(this.at(this.last) + size)
    this.#messages.push(message)
    return this.last
  }

  /** A message that is held. */
  get(number: number): T {
    return this.#messages[this.#index(number)]!
  }

  /** The sum of the bytes of all messages up to `number`, which is held or the last that was forgotten. */
  readonly at = (number: number): number =>
    number === this.#acked ? this.#ackedAt : this.#positions[this.#index(number)]!

  /** Forgets all messages up to `number`. */
  forget(number: number): void {
    const at = this.at(number)
    const head = this.#index(number) + 1
    this.#messages.fill(undefined, this.#head, head)
    this.#head = head
    this.#acked = number
    this.#ackedAt = at
    if (this.#head * 2 < this.#messages.length) return
    this.#messages = this.#messages.slice(this.#head)
    this.#positions = this.#positions.slice(this.#head)
    this.#head = 0
  }

  /** All that is held, oldest first. A copy. */
  list(): T[] {
    return this.#messages.slice(this.#head) as T[]
  }

  #index(number: number): number {
    return this.#head + number - this.#acked - 1
  }
}
