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
  users: number
}

/** The shared sockets, by key. */
export class Leases<S extends SocketLike> {
  readonly #held = new Map<unknown, Held<S>>()

  /** The socket with that key, if there is one. */
  find(key: unknown): S | undefined {
    return this.#held.get(key)?.socket
  }

  /**
   * Shares the socket with that key, or `own` if there is none yet, or only the one that the component leaves. Returns a
   * function that releases it a microtask later: a component that mounts again at once, as in StrictMode and on hot
   * reload, finds it connected.
   */
  hold(key: unknown, own: S, left?: S): { readonly socket: S; readonly release: () => void } {
    let held = this.#held.get(key)
    if (!held || held.socket === left) held = { socket: own, users: 0 }
    // a socket that cannot connect is not shared
    if (held.users === 0) held.socket.connect()
    held.users++
    this.#held.set(key, held)
    return { socket: held.socket, release: () => queueMicrotask(() => this.#leave(key, held)) }
  }

  #leave(key: unknown, held: Held<S>): void {
    if (--held.users > 0) return
    if (this.#held.get(key) === held) this.#held.delete(key)
    held.socket.close()
  }
}

/** The default for all components of a page. */
export const pageLeases = /* @__PURE__ */ new Leases<SocketLike>()
