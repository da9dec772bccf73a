/** `everopen/session`: exactly-once messages across lost connections. */
export { SessionLostError, SessionProtocolError, SessionStoreError } from './errors.js'
export { indexedDb } from './indexed-db/index.js'
export type { SessionOptions, SessionSocketOptions } from './options.js'
export type { LossReason } from './protocol/client.js'
export type { SessionName } from './protocol/wire.js'
export type {
  AnySessionListener,
  HeldView,
  LostDetail,
  NodeSessionEvents,
  ResumedDetail,
  SessionEvents,
} from './events.js'
export { SessionSocket } from './socket.js'
export type { OpenStore, Payload, SavedSession, SessionStore, ShareOptions } from './store.js'
