/** The latest messages of a socket, for a component. */
import { InvalidArgumentError } from '../diagnostics/errors.js'

/** The part of a socket that emits messages. */
export interface MessageSource<T> {
  on(type: 'message', listener: (message: T) => void): () => void
}

/** Keeps the latest `limit` messages while there is a subscriber. */
export class Messages<T> {
  readonly #source: MessageSource<T>
  readonly #limit: number
  #before: Messages<T> | undefined
  #list: readonly T[] = []

  /** @param before Those that it replaces, because the limit is another: it goes on with them. */
  constructor(source: MessageSource<T>, limit: number, before?: Messages<T>) {
    if (!(limit >= 1)) throw new InvalidArgumentError('limit', 'must be a number from 1')
    this.#source = source
    this.#limit = limit
    if (before && before.#source === source) this.#before = before
    this.#continue()
  }

  /** Oldest first; the same array until another message arrives. */
  readonly get = (): readonly T[] => this.#list

  readonly subscribe = (changed: () => void): (() => void) => {
    // more may have arrived there until now
    this.#continue()
    this.#before = undefined
    return this.#source.on('message', (message) => {
      // at the limit, each message costs a copy of `limit` items, and no more
      this.#list = [...this.#list.slice(this.#list.length < this.#limit ? 0 : 1), message]
      changed()
    })
  }

  #continue(): void {
    if (this.#before) this.#list = this.#before.#list.slice(-this.#limit)
  }
}
