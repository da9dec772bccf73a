/** A store that counts its messages, because a closed socket can no longer report how many its file keeps. */
import type { OpenStore, SessionStore } from '../session/index.js'

export class CountedStore implements SessionStore {
  readonly #store: SessionStore
  #acked = 0
  #last = 0
  #opened = false

  constructor(store: SessionStore) {
    this.#store = store
  }

  /** Whether it has ever been open: messages sent before are not in it. */
  get opened(): boolean {
    return this.#opened
  }

  /** Number of messages in it. */
  get size(): number {
    return this.#last - this.#acked
  }

  async open(signal: AbortSignal): Promise<OpenStore> {
    const store = await this.#store.open(signal)
    const { saved } = store
    this.#opened = true
    this.#acked = saved.acked
    this.#last = saved.acked + saved.messages.length
    return {
      saved,
      append: (number, data) => {
        this.#last = number
        return store.append(number, data)
      },
      forget: (number) => {
        this.#acked = number
        return store.forget(number)
      },
      clear: () => {
        this.#acked = this.#last = 0
        return store.clear()
      },
      received: (number) => store.received(number),
      name: (session) => store.name(session),
      close: () => store.close(),
    }
  }
}
