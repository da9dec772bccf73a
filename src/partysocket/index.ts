/**
 * A drop-in replacement for the package partysocket: change the import.
 */
export {
  CloseEvent,
  ErrorEvent,
  type SocketEvent,
  type WebSocketEventMap,
} from '../reconnecting-websocket/events.js'
export type { Face, Message } from '../reconnecting-websocket/face.js'
export type { Options, ProtocolsProvider, UrlProvider } from '../reconnecting-websocket/options.js'
export { PartySocket, PartySocket as default } from './partysocket.js'
export type { PartyFetchOptions, PartySocketOptions } from './partysocket.js'
export { WebSocket } from './websocket.js'
