/** The store of one client: opens it, writes to it, and closes it. Without a store nothing is written. */
import type { OpenStore, SessionStore } from './store.js'

/** Whom it keeps for. */
export interface KeeperListener {
  /** The store is open. */
  loaded(store: OpenStore): void
  /** It cannot be written any more, and is closed. */
  failed(cause: unknown): void
}

export class Keeper {
  readonly #from: SessionStore | undefined
  readonly #listener: KeeperListener
  #store: OpenStore | undefined
  #opening: { readonly abort: AbortController; readonly done: Promise<void> } | undefined

  constructor(from: SessionStore | undefined, listener: KeeperListener) {
    this.#from = from
    this.#listener = listener
  }

  /** `memory`: there is no store to be had. `closed`: it is not open, or not yet. */
  get state(): 'memory' | 'closed' | 'open' {
    if (!this.#from) return 'memory'
    return this.#store ? 'open' : 'closed'
  }

  /** Opens the store, if there is one: at once where it can be read at once. */
  open(): Promise<void> | undefined {
    if (!this.#from || this.#store || this.#opening) return this.#opening?.done
    const abort = new AbortController()
    const opened = this.#from.open(abort.signal)
    if (!('then' in opened)) {
      this.#load(opened)
      return undefined
    }
    const done = opened.then(
      (store) => {
        // it may have been closed meanwhile
        if (this.#opening?.abort !== abort) return letGo(store)
        this.#opening = undefined
        this.#load(store)
      },
      (error: unknown) => {
        if (this.#opening?.abort === abort) this.#opening = undefined
        throw error
      },
    )
    this.#opening = { abort, done }
    return done
  }

  /** Lets go of the store: what it holds is read again by `open`. Says whether it was open. */
  close(): boolean {
    this.#opening?.abort.abort()
    this.#opening = undefined
    const store = this.#store
    if (!store) return false
    this.#store = undefined
    letGo(store)
    return true
  }

  /** Has the store do something, and calls `then` when it is done. */
  write(operation: (store: OpenStore) => Promise<void> | void, then?: () => void): void {
    const store = this.#store
    if (!store) return then?.()
    const failed = (error: unknown): void => this.#fail(store, error)
    try {
      const done = operation(store)
      if (done) done.then(then, failed)
      else then?.()
    } catch (error) {
      failed(error)
    }
  }

  #load(store: OpenStore): void {
    this.#store = store
    this.#listener.loaded(store)
  }

  #fail(store: OpenStore, cause: unknown): void {
    if (this.#store !== store) return
    this.close()
    this.#listener.failed(cause)
  }
}

/** What was written is written: that it cannot be closed changes nothing. */
function letGo(store: OpenStore): void {
  void (async () => store.close())().catch(() => {})
}
