/** The latest messages of a socket, for a component. */

/** The part of a socket that emits messages. */
export interface MessageSource<T> {
  on(type: 'message', listener: (message: T) => void): () => void
}

/** Keeps the latest `limit` messages while somebody watches. */
export class Messages<T> {
  readonly #source: MessageSource<T>
  readonly #limit: number
  #list: readonly T[] = []

  constructor(source: MessageSource<T>, limit: number) {
    this.#source = source
    this.#limit = limit
  }

  /** Oldest first; the same array until one more has come. */
  readonly get = (): readonly T[] => this.#list

  readonly subscribe = (changed: () => void): (() => void) =>
    this.#source.on('message', (message) => {
      // one at the limit costs the limit, however many have come
      this.#list = [...this.#list.slice(this.#list.length < this.#limit ? 0 : 1), message]
      changed()
    })
}
