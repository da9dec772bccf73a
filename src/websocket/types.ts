/**
 * The public types of ReconnectingWebSocket. They compile without the DOM library and without Node's types. With the DOM
 * library, they are compatible with its WebSocket and its events.
 */
import type { Endpoint, Options } from '../options/options.js'
import type { NodeOptions } from '../options/node-options.js'
import type { BlobLike } from '../delivery/payload.js'
import type { Declared } from '../options/declared.js'
import type { Provider } from '../options/provider.js'

/** The part of `Event` that its listeners use. */
export interface EventLike {
  /** `open`, `message`, `error` or `close`. */
  readonly type: string
  /** The ReconnectingWebSocket. */
  readonly target: unknown
  /** The same as `target` while listeners run; null afterwards. */
  readonly currentTarget: unknown
  /** 2 while listeners run; 0 afterwards. */
  readonly eventPhase: number
  /** Always false. */
  readonly bubbles: boolean
  /** Always false. */
  readonly cancelable: boolean
  /** Always false. */
  readonly composed: boolean
  /** Always false. */
  readonly defaultPrevented: boolean
  /** Always false, because a script dispatched the event. */
  readonly isTrusted: boolean
  /** When it was created, in ms of `performance.now()`. */
  readonly timeStamp: number
  /** Contains only the ReconnectingWebSocket while listeners run; empty afterwards. */
  composedPath(): unknown[]
  /** Has no effect, because there is no default action. */
  preventDefault(): void
  /** Prevents further listeners from being called. */
  stopImmediatePropagation(): void
  /** Has no effect, because events do not propagate. */
  stopPropagation(): void
}

/** The part of `MessageEvent` that its listeners use. */
export interface MessageEventLike extends EventLike {
  /** A string, or a Blob or an ArrayBuffer as set by `binaryType`. */
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
  /** The peer's close code; 1005 for a Close frame without a code, 1006 for no Close frame. */
  readonly code: number
  /** The peer's close reason, at most 123 bytes; '' for none. */
  readonly reason: string
  /** Whether the closing handshake was completed. */
  readonly wasClean: boolean
}

/** The init dictionary of `CloseEvent`, including that of every event. */
export interface CloseEventInit {
  /** Default 0. */
  readonly code?: number
  /** Default ''. */
  readonly reason?: string
  /** Default false. */
  readonly wasClean?: boolean
  /** Default false. */
  readonly bubbles?: boolean
  /** Default false. */
  readonly cancelable?: boolean
  /** Default false. */
  readonly composed?: boolean
}

/** The class of `CloseEvent`. */
export interface CloseEventConstructor {
  new (type: string, init?: CloseEventInit): CloseEventLike
}

/** An `error` event. */
export interface ErrorEventLike extends EventLike {
  /** The typed error. Only in Node, as with `ws`; not available in a page. */
  readonly error?: (Error & { readonly code: string }) | undefined
  /** Its message. Only in Node. */
  readonly message?: string
}

/** The events, by name; of the platform's types where these are available, so that its own functions accept them. */
export interface WebSocketEvents {
  /** A connection opened. Emitted after each successful attempt. */
  open: Declared<'Event', EventLike>
  /** A message arrived. */
  message: Declared<'MessageEvent', MessageEventLike>
  /** A connection failed; `close` follows. */
  error: Declared<'Event', EventLike> & ErrorEventLike
  /** A connection ended or an attempt failed. */
  close: Declared<'CloseEvent', CloseEventLike>
}

/** A listener. A method type, because only those also accept the DOM library's richer events. */
export type WebSocketListener<E> = {
  /** Is called with each event. */
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- as in the DOM library: a function without a result returns what it gives
  listener(event: E): any
}['listener']

/** The listener types of `addEventListener()`. */
export type WebSocketListenerOrObject<E> = WebSocketListener<E> | { handleEvent(event: E): unknown }

/** Options of `addEventListener()`. */
export interface ListenerOptions {
  /** Whether it is registered separately from a listener without `capture`. Default false. */
  readonly capture?: boolean
  /** Whether it is removed after the first call. Default false. */
  readonly once?: boolean
  /** Has no effect here. */
  readonly passive?: boolean
  /** An AbortSignal; aborting it removes the listener. */
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- names no library's AbortSignal, and takes each
  readonly signal?: any
}

/** Types accepted by `send()`. Anything else is converted to a string. */
export type WebSocketSendable = string | ArrayBufferLike | ArrayBufferView | BlobLike

/** Subprotocols to offer; as an extension of the standard, also a function that returns them for each attempt. */
export type WebSocketProtocols = string | Iterable<string> | Exclude<Options['protocols'], string>

/**
 * The third argument of the class of `ws`, for clients that pass it. In Node it is treated as the `node` option, which
 * takes precedence; in browsers it is ignored. Other options of `ws`, undici and Bun are ignored; a name that is none of
 * these throws.
 */
export interface ForeignOptions extends Omit<
  NodeOptions,
  'cookie' | 'insecureTls' | 'pingPayload' | 'host' | 'rejectUnauthorized'
> {
  /** `false` corresponds to `node.insecureTls: true`. */
  readonly rejectUnauthorized?: boolean | undefined
  /** Corresponds to `connectTimeout`, in ms. 0 means its default. */
  readonly handshakeTimeout?: number | undefined
}

/** Options of a ReconnectingSocket, except the protocols, which are the second argument; and those of `ws`. */
export type WebSocketOptions = Omit<Options, 'protocols' | 'codec'> & ForeignOptions

/** A WebSocket that stays open, with the interface of the platform's class. */
export interface ReconnectingWebSocket {
  /** The URL as resolved by the constructor. With several URLs or a function: the current one, or '' before the first. */
  readonly url: string
  /** CONNECTING also between connections; CLOSED only when it will not reconnect. */
  readonly readyState: 0 | 1 | 2 | 3
  /** Bytes of payload passed to `send()` that have not been sent yet. */
  readonly bufferedAmount: number
  /** The extensions that the server accepted; '' if none. */
  readonly extensions: string
  /** The subprotocol that the server selected; '' if none. */
  readonly protocol: string
  /** The type of binary messages: `blob` (default) or `arraybuffer`. Other values are ignored. */
  binaryType: 'arraybuffer' | 'blob'
  /** The handler of `open` events; null for none. */
  onopen: WebSocketListener<WebSocketEvents['open']> | null
  /** The handler of `message` events; null for none. */
  onmessage: WebSocketListener<WebSocketEvents['message']> | null
  /** The handler of `error` events; null for none. */
  onerror: WebSocketListener<WebSocketEvents['error']> | null
  /** The handler of `close` events; null for none. */
  onclose: WebSocketListener<WebSocketEvents['close']> | null
  /** A value of `readyState`. */
  readonly CONNECTING: 0
  /** A value of `readyState`. */
  readonly OPEN: 1
  /** A value of `readyState`. */
  readonly CLOSING: 2
  /** A value of `readyState`. */
  readonly CLOSED: 3
  /**
   * Sends a message. While connecting, messages are queued within the limits of `outbox`; with `retry: false` or
   * `outbox: false`, it throws. After `close()`, messages are dropped and counted in `bufferedAmount`. While open, the
   * limits of `outbox` also apply to the platform's buffer, unless `retry` or `outbox` is false.
   * @throws DOMException InvalidStateError; OutboxFullError
   */
  send(data: WebSocketSendable): void
  /**
   * Closes the connection or stops connecting. It does not reconnect unless you call `reconnect()`.
   * @param code 1000 or 3000–4999.
   * @param reason At most 123 bytes in UTF-8.
   * @throws DOMException InvalidAccessError or SyntaxError
   */
  close(code?: number, reason?: string): void
  /**
   * Closes the connection, if there is one, and connects immediately; also after `close()`. Not in the standard.
   * @throws DOMException InvalidAccessError or SyntaxError; InvalidArgumentError if the `signal` option is aborted
   */
  reconnect(code?: number, reason?: string): void
  /** Adds a listener; adding it again has no effect. DOM, "addEventListener". */
  addEventListener<K extends keyof WebSocketEvents>(
    type: K,
    listener: WebSocketListenerOrObject<WebSocketEvents[K]> | null,
    options?: boolean | ListenerOptions,
  ): void
  /** Adds a listener to events of another type, which scripts can dispatch. */
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
  /** Dispatches an event to the listeners. Returns false if a listener prevented its default. */
  dispatchEvent(event: EventLike): boolean
}

/** The class ReconnectingWebSocket, with the platform's signature and a third argument. */
export interface ReconnectingWebSocketConstructor<Instance = ReconnectingWebSocket> {
  /**
   * @param url http(s) is treated as ws(s); relative URLs are resolved against the document, if there is one. As an
   * extension: an array of endpoints to try in turn, or a function that returns these before every attempt.
   * @param protocols Subprotocols to offer.
   * @param options With `retry: false`, it behaves like the platform's class.
   * @throws DOMException SyntaxError for the URL and the protocols; InvalidArgumentError for the options
   */
  new (url: Provider<Endpoint>, protocols?: WebSocketProtocols, options?: WebSocketOptions): Instance
  /**
   * Returns the same class with fixed options, for clients that accept a WebSocket class. These options take precedence
   * over the client's third argument; headers are merged by name.
   *
   *     createClient({ url, webSocketImpl: ReconnectingWebSocket.with({ retry: false }) })
   *
   * @throws InvalidArgumentError for an invalid option.
   */
  with(options: WebSocketOptions): ReconnectingWebSocketConstructor<Instance>
  /** The prototype of all instances. */
  readonly prototype: Instance
  /** A value of `readyState`: connecting, or waiting for the next attempt. */
  readonly CONNECTING: 0
  /** A value of `readyState`: a connection is open. */
  readonly OPEN: 1
  /** A value of `readyState`: `close()` was called and the connection has not ended yet. */
  readonly CLOSING: 2
  /** A value of `readyState`: closed for good. */
  readonly CLOSED: 3
}
