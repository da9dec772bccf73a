/** Writes of which only the last matters: one at a time, and values that arrive meanwhile become one more write. */

export class Latest<T extends NonNullable<unknown>> {
  readonly #write: (value: T) => Promise<void>
  #next: T | undefined
  #work: Promise<void> | undefined

  /** @param write Must not reject. */
  constructor(write: (value: T) => Promise<void>) {
    this.#write = write
  }

  set(value: T): void {
    this.#next = value
    this.#work ??= this.#run()
  }

  /** Resolves once nothing is left to write. */
  async settled(): Promise<void> {
    await this.#work
  }

  async #run(): Promise<void> {
    // after all values of this turn
    await Promise.resolve()
    while (this.#next !== undefined) {
      const value = this.#next
      this.#next = undefined
      await this.#write(value)
    }
    this.#work = undefined
  }
}
