/**
 * What a server's operations reject with, beside `InvalidArgumentError`:
 *
 *     EveropenError
 *     ├── SessionGoneError         ERR_SESSION_GONE         it ended or expired, or never was
 *     ├── SessionTakenError        ERR_SESSION_TAKEN        another connection or server owns it now
 *     ├── SessionFullError         ERR_SESSION_FULL         it holds as much for its client as it may
 *     └── StoreUnavailableError    ERR_STORE_UNAVAILABLE    the store cannot be reached
 */
import { EveropenError } from '../diagnostics/errors.js'

/** There is no such session: it has ended, it has expired, or it never was. Nothing was sent. */
export class SessionGoneError extends EveropenError<'ERR_SESSION_GONE'> {
  constructor() {
    super('SessionGoneError', 'ERR_SESSION_GONE', 'there is no such session: it has ended or expired')
  }
}

/** This server has lost the session to another one, to which the client is connected now. Nothing was sent. */
export class SessionTakenError extends EveropenError<'ERR_SESSION_TAKEN'> {
  constructor() {
    super(
      'SessionTakenError',
      'ERR_SESSION_TAKEN',
      'another server owns the session now; sessions.get(id) reaches it from anywhere',
    )
  }
}

/** The session holds `maxHeldMessages` or `maxHeldBytes` that its client has not received. Nothing was sent. */
export class SessionFullError extends EveropenError<'ERR_SESSION_FULL'> {
  constructor() {
    super(
      'SessionFullError',
      'ERR_SESSION_FULL',
      'the session holds as much for its client as it may; wait until it has received more, or end it',
    )
  }
}

/** The store cannot be reached, and was tried for long enough. Whether the operation has happened is unknown. */
export class StoreUnavailableError extends EveropenError<'ERR_STORE_UNAVAILABLE'> {
  constructor(cause?: unknown) {
    super('StoreUnavailableError', 'ERR_STORE_UNAVAILABLE', 'the store of sessions cannot be reached', cause)
  }
}
