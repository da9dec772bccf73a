/** Writes of which only the last counts: one at a time, and what came meanwhile is one more. */

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

  /** Resolves once nothing is to be written any more. */
  async settled(): Promise<void> {
    await this.#work
  }

  async #run(): Promise<void> {
    // with all that comes in this turn
    await Promise.resolve()
    while (this.#next !== undefined) {
      const value = this.#next
      this.#next = undefined
      await this.#write(value)
    }
    this.#work = undefined
  }
}
