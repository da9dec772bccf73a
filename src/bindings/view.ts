/** One component's view of a socket: connected while it is subscribed, idle before, shared if requested. */
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
  readonly #left: S | undefined
  #socket: S
  #view: View<S> | undefined
  /** What a server has rendered, where nothing connects: for the first render of a page that is hydrated. */
  readonly getIdle: () => View<S>

  /**
   * @param create Creates an idle socket.
   * @param before The view that it replaces, because the URL is another: it leaves that socket to those who share it.
   */
  constructor(leases: Leases<S>, key: unknown, create: () => S, before?: Watch<S>) {
    this.#leases = leases
    // not shared
    this.#key = key ?? this
    this.#left = before && before.#socket
    const found = leases.find(this.#key)
    const shared = found === this.#left ? undefined : found
    this.#own = this.#socket = shared ?? create()
    let idle: View<S> | undefined
    this.getIdle = shared
      ? () => (idle ??= Object.freeze({ socket: shared, snapshot: create().snapshot }))
      : this.get
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
    const { socket, release } = this.#leases.hold(this.#key, this.#own, this.#left)
    this.#socket = socket
    const stop = this.follow(changed)
    return () => {
      stop()
      release()
    }
  }

  /** The same without connecting: the socket may still be closing. */
  readonly follow = (changed: () => void): (() => void) => this.#socket.subscribe(changed)
}
