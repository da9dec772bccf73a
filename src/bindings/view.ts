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
  readonly #which: string
  readonly #own: () => S
  /** Whether the URL has changed, which is the reason for this view, and the component has not connected since. */
  #moved: boolean
  #socket: S
  #view: View<S> | undefined
  /** What a server has rendered, where nothing connects: for the first render of a page that is hydrated. */
  readonly getIdle: () => View<S>

  /**
   * @param which The identity of the URL.
   * @param create Creates an idle socket.
   * @param before The view that this one replaces.
   */
  constructor(leases: Leases<S>, key: unknown, which: string, create: () => S, before?: Watch<S>) {
    this.#leases = leases
    // not shared
    this.#key = key ?? this
    this.#which = which
    this.#moved = !!before && before.#key === key
    const shared = leases.find(this.#key, which, this.#moved)?.socket
    let own: S | undefined
    this.#own = () => (own ??= create())
    this.#socket = shared ?? this.#own()
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
    let leave: (() => void) | undefined
    const join = (): void => {
      const { socket, release } = this.#leases.hold(this.#key, this.#own, this.#which, this.#moved, move)
      this.#moved = false
      this.#socket = socket
      const stop = this.follow(changed)
      leave = () => {
        stop()
        release()
      }
    }
    const move = (): void => {
      // its release may be due
      if (!leave) return
      leave()
      join()
      changed()
    }
    join()
    return () => {
      leave!()
      leave = undefined
    }
  }

  /** The same without connecting: the socket may still be closing. */
  readonly follow = (changed: () => void): (() => void) => this.#socket.subscribe(changed)
}
