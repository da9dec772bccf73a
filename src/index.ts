/** The public exports of the package. */
export * from './diagnostics/errors.js'
export type {
  AnyListener,
  CloseDetail,
  DataDetail,
  Events,
  HeartbeatDetail,
  NodeEvents,
  OpenDetail,
  Snapshot,
  StateDetail,
  UndecodableDetail,
} from './socket/events.js'
export type { LogEntry, LogRecord } from './diagnostics/log.js'
export type { End, Hint } from './machine/state.js'
export { json, type Codec, type JsonCodec } from './options/codec.js'
export type * from './options/hello.js'
export type * from './options/node-options.js'
export type * from './options/options.js'
export type * from './options/provider.js'
export { ReconnectingSocket } from './socket/socket.js'
export { trace } from './diagnostics/trace.js'
export { ReconnectingWebSocket } from './websocket/websocket.js'
export { CloseEvent } from './websocket/events.js'
export type {
  CloseEventConstructor,
  CloseEventInit,
  CloseEventLike,
  EventLike,
  MessageEventLike,
  ReconnectingWebSocketConstructor,
  WebSocketListener,
  WebSocketOptions,
  WebSocketProtocols,
  WebSocketSendable,
} from './websocket/types.js'
export type { BlobLike, Data, Sendable } from './delivery/payload.js'
export type { DropDetail, OutboxView, SendOptions } from './delivery/sender.js'
export type { DropReason, SocketState } from './diagnostics/log.js'
export type { HandshakeDetail } from './platform/platform.js'
