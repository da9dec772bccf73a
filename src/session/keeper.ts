/** The store of one client: opens, writes and closes it. Without a store, it writes nothing. */
import type { OpenStore, SessionStore } from './store.js'

/** Receives the events of the store. */
export interface KeeperListener {
  /** The store is open. */
  loaded(store: OpenStore): void
  /** The store can no longer be written, and has been closed. */
  failed(cause: unknown): void
}

export class Keeper {
  readonly #from: SessionStore | undefined
  readonly #listener: KeeperListener
  #store: OpenStore | undefined
  /** The last store is being closed, or has been, if that takes time. */
  #closing: Promise<void> | undefined
  #opening: { readonly abort: AbortController; readonly done: Promise<void> } | undefined

  constructor(from: SessionStore | undefined, listener: KeeperListener) {
    this.#from = from
    this.#listener = listener
  }

  /** `memory`: no store is configured. `closed`: the store is not open (yet). */
  get state(): 'memory' | 'closed' | 'open' {
    if (!this.#from) return 'memory'
    return this.#store ? 'open' : 'closed'
  }

  /** Whether what was under way when the store was closed may still fail. */
  get closing(): boolean {
    return this.#closing !== undefined
  }

  /** Opens the store, if there is one; synchronously if it can be read synchronously. */
  open(): Promise<void> | undefined {
    if (!this.#from || this.#store || this.#opening) return this.#opening?.done
    const abort = new AbortController()
    const from = this.#from
    // a store in use would be another one
    const opened = this.#closing ? this.#closing.then(() => from.open(abort.signal)) : from.open(abort.signal)
    if (!('then' in opened)) {
      this.#load(opened)
      return undefined
    }
    const done = opened.then(
      (store) => {
        // it may have been closed in the meantime
        if (this.#opening?.abort !== abort) return void letGo(store)
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

  /** Closes the store; `open` reads its content again. Returns whether it was open. */
  close(): boolean {
    this.#opening?.abort.abort()
    this.#opening = undefined
    const store = this.#store
    if (!store) return false
    this.#store = undefined
    this.#closing = letGo(store)
    return true
  }

  /** Performs an operation on the store, and calls `then` when it is done. */
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

/** Whoever wrote hears of an error himself. */
function letGo(store: OpenStore): Promise<void> | undefined {
  try {
    return store.close()?.catch(() => {})
  } catch {
    return undefined
  }
}
