/** The sockets of a server, whichever package they are of. */

/** What a server needs of a socket. `WebSocket` of the package `ws` has all of it. */
export interface ServerSocket {
  /** The subprotocol that was agreed on. */
  readonly protocol: string
  /** 1 is open, as in the WHATWG interface. */
  readonly readyState: number
  /** Sends a message, as text or as binary. */
  send(data: string | Uint8Array, options: { readonly binary: boolean }): void
  /** Starts the closing handshake. */
  close(code: number, reason: string): void
  /** Ends the connection at once. */
  terminate(): void
  /** Sends a ping. */
  ping(): void
  /** Reads no more, so that the peer is slowed down. */
  pause(): void
  /** Reads on. */
  resume(): void
  /** Adds a listener to messages. */
  on(event: 'message', listener: (data: Uint8Array, isBinary: boolean) => void): unknown
  /** Adds a listener to the end, to what goes wrong before it, or to answers to pings. */
  on(event: 'close' | 'error' | 'pong', listener: () => void): unknown
}
