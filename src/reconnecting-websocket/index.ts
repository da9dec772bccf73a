/**
 * A drop-in replacement for the package reconnecting-websocket 4.4.0: change the import.
 */
import { classOf, Face, type Message } from './face.js'
import type { CloseEvent, ErrorEvent } from './events.js'
import type { Options as AllOptions, UrlProvider } from './options.js'

export type { CloseEvent, ErrorEvent, Face, Message, UrlProvider }
export type { EventLike as Event } from '../websocket/types.js'
/** The options of reconnecting-websocket 4.4.0, with the same meanings and defaults. */
export type Options = Omit<AllOptions, 'debugLogger' | 'shouldReconnectOnClose'>

/** Drawn once, so that the clients of one server differ, and one client does not. */
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
    super({ minReconnectionDelay, binaryType: 'platform' }, url, protocols, options)
  }
}

export default ReconnectingWebSocket
