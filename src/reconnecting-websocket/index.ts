/**
 * A drop-in replacement for the package reconnecting-websocket 4.4.0: change the import.
 */
import type { WebSocketListener, WebSocketSendable } from '../websocket/types.js'
import { classOf, Face, type Message as PlatformMessage } from './face.js'
import type { CloseEvent, ErrorEvent, SocketEvent, WebSocketEventMap } from './events.js'
import type { Options as AllOptions, UrlProvider } from './options.js'

export type { CloseEvent, ErrorEvent, Face, UrlProvider }
export type { SocketEvent as Event }
/** Data that can be sent. */
export type Message = PlatformMessage | ArrayBufferView
/** Listeners by the name of their event. */
export type ListenersMap = { [K in keyof WebSocketEventMap]: WebSocketListener<WebSocketEventMap[K]>[] }
/** The options of reconnecting-websocket 4.4.0, with the same meanings and defaults. */
export type Options = Omit<AllOptions, 'debugLogger' | 'shouldReconnectOnClose'>

/** Random, but fixed per client: the clients of a server differ. */
const minReconnectionDelay = /* @__PURE__ */ (() => 1_000 + Math.random() * 4_000)()

/** The class of reconnecting-websocket: it reconnects until `close()` is called. */
export class ReconnectingWebSocket extends Face {
  /**
   * @param url A URL, or a function that returns it before every attempt.
   * @param protocols Subprotocols to offer.
   * @throws Error if there is no WebSocket class.
   */
  constructor(url: UrlProvider, protocols?: string | string[] | null, options: Options = {}) {
    classOf(options)
    super(minReconnectionDelay, url, protocols, options)
  }

  /** Sends the message, or queues it for the next connection. */
  override send(data: WebSocketSendable): void {
    super.send(data)
  }
}

export default ReconnectingWebSocket
