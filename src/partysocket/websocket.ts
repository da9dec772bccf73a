/** The class `WebSocket` of the package partysocket, based on everopen. */
import type { CloseEvent } from '../reconnecting-websocket/events.js'
import { Face, type Message } from '../reconnecting-websocket/face.js'
import type { WebSocketSendable } from '../websocket/types.js'
import type { Options, ProtocolsProvider, UrlProvider } from '../reconnecting-websocket/options.js'

/** What a message sent after close() waits for. */
const closedSend =
  'send() was called after close(): the message waits, and is sent only if reconnect() is called on this socket'

/** Whether it should be open; and if not, whether a sent message has caused a warning. */
type Wish = 'open' | 'refused' | 'closed' | 'warned'

/** The WebSocket class of the package partysocket. */
export class WebSocket extends Face {
  #wish: Wish

  /**
   * @param url A URL, or a function that returns it before every attempt.
   * @param protocols Subprotocols to offer, or a function that returns them.
   */
  constructor(url: UrlProvider, protocols?: ProtocolsProvider, options: Options = {}) {
    super(3_000, url, protocols, options)
    this.#wish = options.startClosed ? 'refused' : 'open'
  }

  /** CLOSED from close() on. */
  override get readyState(): number {
    return this.#isClosed ? 3 : super.readyState
  }

  /** Whether it reconnects after an end. */
  get shouldReconnect(): boolean {
    return this.#wish === 'open'
  }

  protected get _didWarnAboutClosedSend(): boolean {
    return this.#wish === 'warned'
  }

  get #isClosed(): boolean {
    return this.#wish === 'closed' || this.#wish === 'warned'
  }

  /** Closes it until reconnect(). If there was a connection or an attempt, `close` is emitted before this returns. */
  override close(code = 1000, reason?: string): void {
    this._check(code, reason)
    const live = this.readyState < 2 ? this._ws : undefined
    this.#wish = 'closed'
    this._end(code, reason)
    if (live) this._tellEarly(live, code, reason)
  }

  override reconnect(code = 1000, reason?: string): void {
    this._check(code, reason)
    this.#wish = 'open'
    super.reconnect(code, reason)
  }

  /** Returns `true` if the message was sent on an open connection, `false` if it was queued or dropped. */
  override send(data: WebSocketSendable): boolean {
    if (this.#wish === 'closed') {
      this.#wish = 'warned'
      console.warn(`everopen/partysocket: ${closedSend}`)
    }
    return super.send(data) as boolean
  }

  /** Removes and returns the queued messages, for another socket to send. */
  drainQueuedMessages(): Message[] {
    return this._drain()
  }

  protected override _class(): ReturnType<Face['_class']> {
    try {
      return super._class()
    } catch (error) {
      console.error('everopen/partysocket: No WebSocket implementation; give a class as the WebSocket option')
      throw error
    }
  }

  protected override _refuses(event: CloseEvent): boolean {
    const { shouldReconnectOnClose } = this._options
    if (!shouldReconnectOnClose || shouldReconnectOnClose(event)) return false
    this.#wish = 'refused'
    return true
  }
}
