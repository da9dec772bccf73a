/** The application's own handshake, which runs on each connection before it is open. */
import type { AttemptSignal } from './provider.js'

/** Passed to `hello`: access to one connection, before the socket is open. */
export interface HelloExchange<In, Out> {
  /**
   * Sends a message immediately, ahead of the outbox. It is never sent again on another connection.
   * @throws HelloError after the attempt has ended; InvalidArgumentError for data that cannot be sent.
   */
  send(message: In): void
  /**
   * Resolves with the next message, which is not passed to listeners. Messages that are not received here go to the
   * listeners after `open`, in order. Rejects with HelloError if the attempt ends first.
   */
  receive(): Promise<Out>
  /** 0 for the first attempt of a run; n for the n-th consecutive retry. */
  readonly attempt: number
  /** Whether this run has been open before. If so, subscribe again or resume. */
  readonly reconnected: boolean
  /** Aborted when the attempt ends early: by `connectTimeout`, `close()`, `reconnect()` or a lost connection. */
  readonly signal: AttemptSignal
}

/**
 * A function that performs the handshake and may return one more message to send, or just a message. The socket is
 * `open` only after it has resolved. If it throws, the attempt fails with HelloError.
 */
export type Hello<In, Out> = In | ((exchange: HelloExchange<In, Out>) => In | void | Promise<In | void>)
