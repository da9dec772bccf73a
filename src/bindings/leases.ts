/** Sockets that components hold together: the first one's coming connects, the last one's leaving closes. */

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

/** Sockets by key. */
export class Leases<S extends SocketLike> {
  readonly #held = new Map<unknown, Held<S>>()

  /** The socket that is held under that key, if one is. */
  find(key: unknown): S | undefined {
    return this.#held.get(key)?.socket
  }

  /**
   * Holds the socket under that key; `own`, where there is none yet. Returns a function that releases it a microtask
   * later: who comes back at once, as components do in StrictMode and on hot reload, finds it connected.
   */
  hold(key: unknown, own: S): { readonly socket: S; readonly release: () => void } {
    const held = this.#held.get(key) ?? { socket: own, users: 0 }
    this.#held.set(key, held)
    if (held.users++ === 0) held.socket.connect()
    return { socket: held.socket, release: () => queueMicrotask(() => this.#leave(key, held)) }
  }

  #leave(key: unknown, held: Held<S>): void {
    if (--held.users > 0) return
    this.#held.delete(key)
    held.socket.close()
  }
}

/** What the sockets of a page are shared by, unless somebody says otherwise. */
export const pageLeases = /* @__PURE__ */ new Leases<SocketLike>()
