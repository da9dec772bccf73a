/** What a server needs of a socket. `WebSocket` of the package `ws` has all of it. */

export interface ServerSocket {
  /** The subprotocol that was agreed on. */
  readonly protocol: string
  /** 1 is open, as in the WHATWG interface. */
  readonly readyState: number
  send(data: string | Uint8Array, options: { readonly binary: boolean }): void
  close(code: number, reason: string): void
  /** Ends the connection at once. */
  terminate(): void
  ping(): void
  /** Reads no more, so that the peer is slowed down. */
  pause(): void
  resume(): void
  on(event: 'message', listener: (data: Uint8Array, isBinary: boolean) => void): unknown
  on(event: 'close' | 'error' | 'pong', listener: () => void): unknown
}
