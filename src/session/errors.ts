/** The errors of sessions, beside those of the package. No message holds a token or a payload. */
import { EveropenError } from '../diagnostics/errors.js'
import type { LossReason } from './protocol/client.js'

/** The session is gone, and the message with it; the `lost` event has told so. `delivered()` rejects with it. */
export class SessionLostError extends EveropenError<'ERR_SESSION_LOST'> {
  /** Why. */
  readonly reason: LossReason

  constructor(reason: LossReason) {
    super('SessionLostError', 'ERR_SESSION_LOST', `the session is lost: ${reason}`)
    this.reason = reason
  }
}

/** The server broke a rule of the protocol, or does not speak it. Nothing is lost: the session stays resumable. */
export class SessionProtocolError extends EveropenError<'ERR_SESSION_PROTOCOL'> {
  constructor(problem: string) {
    super('SessionProtocolError', 'ERR_SESSION_PROTOCOL', `the server broke the session protocol: ${problem}`)
  }
}

/** The client's store cannot be used; `cause` says why. */
export class SessionStoreError extends EveropenError<'ERR_SESSION_STORE'> {
  constructor(problem: string, cause?: unknown) {
    super('SessionStoreError', 'ERR_SESSION_STORE', `the session's store ${problem}`, cause)
  }
}
