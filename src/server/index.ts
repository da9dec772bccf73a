/** `everopen/server`: sessions that outlive their connections, and with a store their server. */
export { SessionFullError, SessionGoneError, SessionTakenError, StoreUnavailableError } from './errors.js'
export { EveropenError, InvalidArgumentError } from '../diagnostics/errors.js'
export { SUBPROTOCOL } from '../session/protocol/wire.js'
export type { SessionStats } from './counters.js'
export type { MessageHandler, MessageInfo } from './inbox.js'
export { memoryStore } from './memory.js'
export type { SessionServerOptions } from './options.js'
export type { Sendable } from './outbox.js'
export type { RemoteSession } from './remote.js'
export { SessionServer, type SessionServerEvents } from './server.js'
export type { EndReason, Session, SessionEvents } from './face.js'
export type { ServerSocket } from './socket.js'
export type {
  Appended,
  Bounds,
  Claim,
  Credentials,
  Payload,
  Progress,
  Refusal,
  SessionRecord,
  SessionStore,
  StoredMessage,
  Wake,
} from './store.js'
export type { Awaitable } from './types.js'
