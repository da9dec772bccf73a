/** The events of the package reconnecting-websocket, and of partysocket after it. */
import type { CloseEventLike, ErrorEventLike, EventLike, MessageEventLike } from '../websocket/types.js'

/** An `error` event; it contains the error, in browsers too. */
export class ErrorEvent extends Event {
  /** The message of `error`. */
  readonly message: string
  /** The error. */
  readonly error: Error

  /** @param _target Not used: the target is the object that the event is dispatched on. */
  constructor(error: Error, _target?: unknown) {
    super('error')
    this.message = error.message
    this.error = error
  }
}

/** A `close` event. */
export class CloseEvent extends Event {
  /** The close code; 1006 for no Close frame. */
  readonly code: number
  /** The reason; '' for none. */
  readonly reason: string
  /** Whether the closing handshake was completed. */
  readonly wasClean: boolean

  /** @param _target Not used: the target is the object that the event is dispatched on. */
  constructor(code = 1000, reason = '', _target?: unknown, wasClean = true) {
    super('close')
    this.code = code
    this.reason = reason
    this.wasClean = wasClean
  }
}

/** The events by name. */
export interface WebSocketEventMap {
  open: EventLike
  message: MessageEventLike
  error: ErrorEventLike & { readonly error: Error; readonly message: string }
  close: CloseEventLike
}

/** A listener, as a function or as an object. */
export type Listener<E> =
  { listener(event: E): unknown }['listener'] | { handleEvent(event: E): unknown } | null

/** An EventTarget for these events. */
export interface TypedEventTarget {
  /** Adds a listener. DOM, "addEventListener". */
  addEventListener<K extends keyof WebSocketEventMap>(
    type: K,
    listener: Listener<WebSocketEventMap[K]>,
    options?: unknown,
  ): void
  /** Adds a listener to events of another type. */
  addEventListener(type: string, listener: Listener<EventLike>, options?: unknown): void
  /** Removes a listener. DOM, "removeEventListener". */
  removeEventListener<K extends keyof WebSocketEventMap>(
    type: K,
    listener: Listener<WebSocketEventMap[K]>,
    options?: unknown,
  ): void
  /** Removes a listener to events of another type. */
  removeEventListener(type: string, listener: Listener<EventLike>, options?: unknown): void
  /** Dispatches an event to the listeners. */
  dispatchEvent(event: EventLike): boolean
}
