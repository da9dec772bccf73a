/** An application's own handshake, which runs on each connection before it is open. */
import type { AttemptSignal } from './provider.js'

/** What a `hello` is given: one connection, which nobody else hears of yet. */
export interface HelloExchange<In, Out> {
  /**
   * Sends at once, ahead of all that waits in the outbox. What was sent here is never sent again.
   * @throws HelloError when the attempt is over; InvalidArgumentError for what cannot be sent.
   */
  send(message: In): void
  /**
   * The next message, which no listener hears. What arrives and is not taken here goes to the listeners after `open`,
   * in order. Rejects with HelloError when the attempt ends first.
   */
  receive(): Promise<Out>
  /** 0 for the first dial of a run; n for the n-th retry in a row. */
  readonly attempt: number
  /** Whether this run had been open before: subscribe again, resume. */
  readonly reconnected: boolean
  /** Aborted as soon as the attempt is given up: by `connectTimeout`, `close()`, `reconnect()`, the connection's end. */
  readonly signal: AttemptSignal
}

/**
 * A function that shakes hands, and may give one more message to send; or simply that message. Only when it has
 * resolved is the socket `open`. What it throws ends the attempt with HelloError.
 */
export type Hello<In, Out> = In | ((exchange: HelloExchange<In, Out>) => In | void | Promise<In | void>)
