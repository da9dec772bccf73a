/** What the package exports, and nothing else. */
export * from './errors.js'
export type {
  AnyListener,
  CloseDetail,
  DataDetail,
  DropDetail,
  DropReason,
  Events,
  HandshakeDetail,
  HeartbeatDetail,
  NodeEvents,
  OpenDetail,
  OutboxView,
  Snapshot,
  SocketState,
  StateDetail,
} from './events.js'
export type { LogEntry, LogRecord } from './log.js'
export type { End } from './machine/state.js'
export type * from './node-options.js'
export type * from './options.js'
export type { BackoffFunction, BackoffOptions, BackoffType } from './retry/backoff.js'
export { ReconnectingSocket } from './socket.js'
export { trace } from './trace.js'
export { ReconnectingWebSocket } from './websocket.js'
export type {
  CloseEventLike,
  EventLike,
  MessageEventLike,
  ReconnectingWebSocketConstructor,
  WebSocketOptions,
  WebSocketProtocols,
  WebSocketSendable,
} from './websocket/types.js'
