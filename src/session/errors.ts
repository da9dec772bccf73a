/** Errors of sessions. No message contains a token or a payload. */
import { EveropenError } from '../diagnostics/errors.js'
import type { LossReason } from './protocol/client.js'

/**
 * The session and its messages are lost, as reported by the `lost` event. `delivered()` and `drain()` reject with it, and
 * it is the `cause` of the end of a connection whose session could not be stored.
 */
export class SessionLostError extends EveropenError<'ERR_SESSION_LOST'> {
  /** The reason. */
  readonly reason: LossReason

  constructor(reason: LossReason) {
    super('SessionLostError', 'ERR_SESSION_LOST', `the session is lost: ${reason}`)
    this.reason = reason
  }
}

/** The server violated the session protocol or does not support it. Nothing is lost; the session can be resumed. */
export class SessionProtocolError extends EveropenError<'ERR_SESSION_PROTOCOL'> {
  constructor(problem: string) {
    super(
      'SessionProtocolError',
      'ERR_SESSION_PROTOCOL',
      `the server violated the session protocol: ${problem}`,
    )
  }
}

/** The client's store failed; see `cause`. */
export class SessionStoreError extends EveropenError<'ERR_SESSION_STORE'> {
  constructor(problem: string, cause?: unknown) {
    super('SessionStoreError', 'ERR_SESSION_STORE', `the session's store ${problem}`, cause)
  }
}
