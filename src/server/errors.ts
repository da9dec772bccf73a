/**
 * The errors of a server's operations, in addition to `InvalidArgumentError`:
 *
 *     EveropenError
 *     ├── SessionGoneError         ERR_SESSION_GONE         it ended, expired or never existed
 *     ├── SessionTakenError        ERR_SESSION_TAKEN        another connection or server owns it now
 *     ├── SessionFullError         ERR_SESSION_FULL         its limit of held messages is reached
 *     └── StoreUnavailableError    ERR_STORE_UNAVAILABLE    the store is unreachable
 */
import { EveropenError } from '../diagnostics/errors.js'

/** The session has ended, has expired or never existed. Nothing was sent. */
export class SessionGoneError extends EveropenError<'ERR_SESSION_GONE'> {
  constructor() {
    super('SessionGoneError', 'ERR_SESSION_GONE', 'the session does not exist: it has ended or expired')
  }
}

/** The client has reconnected to another server, which owns the session now. Nothing was sent. */
export class SessionTakenError extends EveropenError<'ERR_SESSION_TAKEN'> {
  constructor() {
    super(
      'SessionTakenError',
      'ERR_SESSION_TAKEN',
      'another server owns the session now; use sessions.get(id)',
    )
  }
}

/** The session already holds `maxHeldMessages` or `maxHeldBytes` for its client. Nothing was sent. */
export class SessionFullError extends EveropenError<'ERR_SESSION_FULL'> {
  constructor() {
    super(
      'SessionFullError',
      'ERR_SESSION_FULL',
      'too much is held for the client; wait, or raise maxHeldMessages or maxHeldBytes',
    )
  }
}

/** The store was unreachable for too long. The operation may or may not have been executed. */
export class StoreUnavailableError extends EveropenError<'ERR_STORE_UNAVAILABLE'> {
  constructor(cause?: unknown) {
    super('StoreUnavailableError', 'ERR_STORE_UNAVAILABLE', 'the session store is unreachable', cause)
  }
}
