/** The interface of a server's sockets. */

/** The socket interface that a server needs. `WebSocket` of the package `ws` has it. */
export interface ServerSocket {
  /** The negotiated subprotocol. */
  readonly protocol: string
  /** 1 is open, as in the WHATWG interface. */
  readonly readyState: number
  /** Bytes that were sent and that the system does not have yet. */
  readonly bufferedAmount?: number
  /** Sends a text or binary message, and may call `done` once the system has it. */
  send(data: string | Uint8Array, options: { readonly binary: boolean }, done?: () => void): void
  /** Starts the closing handshake. */
  close(code: number, reason: string): void
  /** Closes the connection immediately. */
  terminate(): void
  /** Sends a ping. */
  ping(): void
  /** Pauses reading, to apply backpressure. */
  pause(): void
  /** Resumes reading. */
  resume(): void
  /** Adds a message listener. */
  on(event: 'message', listener: (data: Uint8Array, isBinary: boolean) => void): unknown
  /** Adds a listener to the close, to errors, or to pongs. */
  on(event: 'close' | 'error' | 'pong', listener: () => void): unknown
}
