/** Sockets shared by components: connected for the first component, closed after the last. */

/** The part of a socket that components need, as in ReconnectingSocket. */
export interface SocketLike<Snapshot = unknown> {
  readonly snapshot: Snapshot
  subscribe(listener: () => void): () => void
  connect(): void
  close(): void
}

interface Held<S> {
  readonly socket: S
  /** The identity of its URL. */
  readonly which: string
  /** How each component that uses it is made to take another, with the identity of the component's own URL. */
  readonly users: Map<() => void, string>
}

/** The shared sockets, by key. */
export class Leases<S extends SocketLike> {
  readonly #held = new Map<unknown, Held<S>>()

  /** The socket to share with that key, if there is one. With `moved`, only one of that URL will do. */
  find(key: unknown, which: string, moved: boolean): Held<S> | undefined {
    const held = this.#held.get(key)
    return moved && held?.which !== which ? undefined : held
  }

  /**
   * Shares the socket that `find()` gives, or that of `own` if there is none; all who share another then take it, too.
   * Returns a function that releases it a microtask later: a component that mounts again at once, as in StrictMode and on
   * hot reload, finds it connected.
   */
  hold(
    key: unknown,
    own: () => S,
    which: string,
    moved: boolean,
    move: () => void,
  ): { readonly socket: S; readonly release: () => void } {
    const before = this.#held.get(key)
    const held: Held<S> = this.find(key, which, moved) ?? { socket: own(), which, users: new Map() }
    const { socket, users } = held
    // a socket that cannot connect is not shared
    if (users.size === 0) socket.connect()
    users.set(move, which)
    this.#held.set(key, held)
    if (held !== before) before?.users.forEach((_, other) => other())
    const leave = (): void => {
      users.delete(move)
      // nobody is left who wants that URL
      if (this.#held.get(key) === held && ![...users.values()].includes(held.which)) {
        this.#held.delete(key)
        users.forEach((_, other) => other())
      }
      if (users.size === 0) socket.close()
    }
    return { socket, release: () => queueMicrotask(leave) }
  }
}

/** The default for all components of a page. */
export const pageLeases = /* @__PURE__ */ new Leases<SocketLike>()
