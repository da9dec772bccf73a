/**
 * The public types of ReconnectingWebSocket. They name neither the DOM library nor Node's types, so that they compile
 * without both; where the DOM library is there, they fit its WebSocket, and its events fit them.
 */
import type { Endpoint, Options } from '../options/options.js'
import type { NodeOptions } from '../options/node-options.js'
import type { BlobLike } from '../delivery/payload.js'
import type { Provider } from '../options/provider.js'

/** The part of `Event` that its listeners use. */
export interface EventLike {
  /** `open`, `message`, `error` or `close`. */
  readonly type: string
  /** The ReconnectingWebSocket. */
  readonly target: unknown
  /** The same while listeners are called; null afterwards. */
  readonly currentTarget: unknown
  /** 2 while listeners are called; 0 afterwards. */
  readonly eventPhase: number
  /** Always false. */
  readonly bubbles: boolean
  /** Always false. */
  readonly cancelable: boolean
  /** Always false. */
  readonly composed: boolean
  /** Always false. */
  readonly defaultPrevented: boolean
  /** False: a script has dispatched it. */
  readonly isTrusted: boolean
  /** When it was made, in ms by `performance.now()`. */
  readonly timeStamp: number
  /** The ReconnectingWebSocket alone while listeners are called; nothing afterwards. */
  composedPath(): unknown[]
  /** Does nothing: there is no default. */
  preventDefault(): void
  /** No further listener is called. */
  stopImmediatePropagation(): void
  /** Does nothing: there is nowhere to go. */
  stopPropagation(): void
}

/** The part of `MessageEvent` that its listeners use. */
export interface MessageEventLike extends EventLike {
  /** A string, or a Blob or an ArrayBuffer as `binaryType` says. */
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- as in the DOM library: a cast in each listener helps nobody
  readonly data: any
  /** Scheme, host and port of the server. */
  readonly origin: string
  /** Always ''. */
  readonly lastEventId: string
  /** Always null. */
  readonly source: unknown
  /** Always empty. */
  readonly ports: readonly unknown[]
}

/** The part of `CloseEvent` that its listeners use. */
export interface CloseEventLike extends EventLike {
  /** The peer's close code; 1005 for a Close frame without one, 1006 for no Close frame at all. */
  readonly code: number
  /** The peer's reason, at most 123 bytes; '' for none. */
  readonly reason: string
  /** Whether the closing handshake was completed. */
  readonly wasClean: boolean
}

/** The dictionary of `CloseEvent`, and that of every event. */
export interface CloseEventInit {
  /** Default 0. */
  readonly code?: number
  /** Default ''. */
  readonly reason?: string
  /** Default false. */
  readonly wasClean?: boolean
  readonly bubbles?: boolean
  readonly cancelable?: boolean
  readonly composed?: boolean
}

/** The class of `CloseEvent`. */
export interface CloseEventConstructor {
  new (type: string, init?: CloseEventInit): CloseEventLike
}

/** An `error` event. */
export interface ErrorEventLike extends EventLike {
  /** What went wrong, typed. In Node alone, as with `ws`; a page is told nothing. */
  readonly error?: (Error & { readonly code: string }) | undefined
  /** Its message. In Node alone. */
  readonly message?: string
}

/** The events, by name. */
export interface WebSocketEvents {
  /** A connection is open: after each dial that succeeds. */
  open: EventLike
  /** A message has arrived. */
  message: MessageEventLike
  /** A connection has failed; `close` follows. */
  error: ErrorEventLike
  /** A connection has ended, or an attempt at one. */
  close: CloseEventLike
}

/** A listener. A method type, because those alone may also take the DOM library's richer events. */
export type WebSocketListener<E> = { listener(event: E): unknown }['listener']

/** What `addEventListener()` takes. */
export type WebSocketListenerOrObject<E> = WebSocketListener<E> | { handleEvent(event: E): unknown }

/** Options of `addEventListener()`. */
export interface ListenerOptions {
  /** Whether it is a listener of its own beside one without. Default false. */
  readonly capture?: boolean
  /** Whether it is removed when it is first called. Default false. */
  readonly once?: boolean
  /** Without effect here. */
  readonly passive?: boolean
  /** An AbortSignal; aborting it removes the listener. */
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- names no library's AbortSignal, and takes each
  readonly signal?: any
}

/** What `send()` takes. Anything else is converted to a string. */
export type WebSocketSendable = string | ArrayBufferLike | ArrayBufferView | BlobLike

/** Subprotocols to offer; or, beyond the standard, a function that gives them for each attempt. */
export type WebSocketProtocols = string | Iterable<string> | Exclude<Options['protocols'], string>

/**
 * What the class of `ws` takes as its third argument, for clients that pass it on. In Node it is honoured as the `node`
 * option, which goes before it; in browsers it is ignored. Options of `ws`, undici and Bun that are not named here are
 * taken and ignored.
 */
export interface ForeignOptions extends Omit<
  NodeOptions,
  'cookie' | 'insecureTls' | 'pingPayload' | 'host' | 'rejectUnauthorized'
> {
  /** `false` is `node.insecureTls: true`. */
  readonly rejectUnauthorized?: boolean | undefined
  /** `connectTimeout`, in ms. */
  readonly handshakeTimeout?: number | undefined
}

/** Options of a ReconnectingSocket, but for the protocols, which are the second argument; and those of `ws`. */
export type WebSocketOptions = Omit<Options, 'protocols' | 'codec'> & ForeignOptions

/** A WebSocket that stays open, with the interface of the platform's own. */
export interface ReconnectingWebSocket {
  /** As resolved by the constructor; where that was given several or a function, the one in use, and '' before. */
  readonly url: string
  /** CONNECTING also between connections; CLOSED only when it will not dial again. */
  readonly readyState: 0 | 1 | 2 | 3
  /** Bytes of payload handed to `send()` that are not on the network yet. */
  readonly bufferedAmount: number
  /** The extensions that the server accepted; '' if none. */
  readonly extensions: string
  /** The subprotocol that the server chose; '' if none. */
  readonly protocol: string
  /** How binary messages arrive: `blob`, the default, or `arraybuffer`. Other values are ignored. */
  binaryType: 'arraybuffer' | 'blob'
  /** A listener to `open`, beside those that were added; null for none. */
  onopen: WebSocketListener<EventLike> | null
  /** A listener to `message`, beside those that were added; null for none. */
  onmessage: WebSocketListener<MessageEventLike> | null
  /** A listener to `error`, beside those that were added; null for none. */
  onerror: WebSocketListener<ErrorEventLike> | null
  /** A listener to `close`, beside those that were added; null for none. */
  onclose: WebSocketListener<CloseEventLike> | null
  /** A value of `readyState`. */
  readonly CONNECTING: 0
  /** A value of `readyState`. */
  readonly OPEN: 1
  /** A value of `readyState`. */
  readonly CLOSING: 2
  /** A value of `readyState`. */
  readonly CLOSED: 3
  /**
   * Sends a message. While connecting it waits for the connection, within `outbox`; with `retry: false` or
   * `outbox: false` it throws. After `close()` it is dropped, and counted in `bufferedAmount`. While open, what the
   * platform holds is bounded by `outbox` too, unless `retry` or `outbox` is false.
   * @throws DOMException InvalidStateError; OutboxFullError
   */
  send(data: WebSocketSendable): void
  /**
   * Closes the connection, or gives up connecting, for good: nothing is dialed again until `reconnect()`.
   * @param code 1000 or 3000–4999.
   * @param reason At most 123 bytes in UTF-8.
   * @throws DOMException InvalidAccessError or SyntaxError
   */
  close(code?: number, reason?: string): void
  /**
   * Closes the connection, if there is one, and dials at once; also after `close()`. Not in the standard.
   * @throws DOMException InvalidAccessError or SyntaxError; InvalidArgumentError when the `signal` option is aborted
   */
  reconnect(code?: number, reason?: string): void
  /** Adds a listener, once however often it is added. DOM, "addEventListener". */
  addEventListener<K extends keyof WebSocketEvents>(
    type: K,
    listener: WebSocketListenerOrObject<WebSocketEvents[K]> | null,
    options?: boolean | ListenerOptions,
  ): void
  /** Adds a listener to events of another type, which a script may dispatch. */
  addEventListener(
    type: string,
    listener: WebSocketListenerOrObject<EventLike> | null,
    options?: boolean | ListenerOptions,
  ): void
  /** Removes a listener. DOM, "removeEventListener". */
  removeEventListener<K extends keyof WebSocketEvents>(
    type: K,
    listener: WebSocketListenerOrObject<WebSocketEvents[K]> | null,
    options?: boolean | { readonly capture?: boolean },
  ): void
  /** Removes a listener to events of another type. */
  removeEventListener(
    type: string,
    listener: WebSocketListenerOrObject<EventLike> | null,
    options?: boolean | { readonly capture?: boolean },
  ): void
  /** Calls the listeners with an event of the caller's. Returns whether none has prevented its default. */
  dispatchEvent(event: EventLike): boolean
}

/** The class of ReconnectingWebSocket, with the platform's own signature and a third argument. */
export interface ReconnectingWebSocketConstructor<Instance = ReconnectingWebSocket> {
  /**
   * @param url http(s) is taken for ws(s); relative to the document, where there is one. Beyond the standard: an array
   * of endpoints that are tried in turn, or a function that gives them before every attempt.
   * @param protocols Subprotocols to offer.
   * @param options With `retry: false` it does what the platform's own class does.
   * @throws DOMException SyntaxError for the URL and the protocols; InvalidArgumentError for the options
   */
  new (url: Provider<Endpoint>, protocols?: WebSocketProtocols, options?: WebSocketOptions): Instance
  /**
   * The same class with options fixed, for a slot that takes a WebSocket class. What the client gives as its own third
   * argument is honoured where these options say nothing; headers are joined by name.
   *
   *     createClient({ url, webSocketImpl: ReconnectingWebSocket.with({ retry: false }) })
   *
   * @throws InvalidArgumentError for an option that cannot be used, at once.
   */
  with(options: WebSocketOptions): ReconnectingWebSocketConstructor<Instance>
  /** What every instance has. */
  readonly prototype: Instance
  /** A value of `readyState`: a connection is being made, or waited for. */
  readonly CONNECTING: 0
  /** A value of `readyState`: messages go out. */
  readonly OPEN: 1
  /** A value of `readyState`: `close()` was called, and the connection has yet to end. */
  readonly CLOSING: 2
  /** A value of `readyState`: nothing is dialed any more. */
  readonly CLOSED: 3
}
