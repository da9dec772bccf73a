/** What one component sees of a socket: connected while it watches, idle before, shared where it asks for that. */
import type { Leases, SocketLike } from './leases.js'

/** A socket with its snapshot; a new object only when something changes. */
export interface View<S extends SocketLike> {
  readonly socket: S
  readonly snapshot: S['snapshot']
}

export class Watch<S extends SocketLike> {
  readonly #leases: Leases<S>
  readonly #key: unknown
  readonly #own: S
  #socket: S
  #view: View<S> | undefined

  /** @param create Makes a socket that is idle. */
  constructor(leases: Leases<S>, key: unknown, create: () => S) {
    this.#leases = leases
    // one that nobody else has
    this.#key = key ?? this
    const shared = leases.find(this.#key)
    this.#own = shared ?? create()
    this.#socket = this.#own
  }

  readonly get = (): View<S> => {
    const socket = this.#socket
    const { snapshot } = socket
    if (this.#view?.socket !== socket || this.#view.snapshot !== snapshot)
      this.#view = Object.freeze({ socket, snapshot })
    return this.#view
  }

  /** Connects, and calls back after each change, until the returned function is called. */
  readonly subscribe = (changed: () => void): (() => void) => {
    const { socket, release } = this.#leases.hold(this.#key, this.#own)
    this.#socket = socket
    const stop = socket.subscribe(changed)
    return () => {
      stop()
      release()
    }
  }
}
