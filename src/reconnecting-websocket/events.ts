/** The events of the package reconnecting-websocket, and of partysocket after it. */
import type { CloseEventLike, ErrorEventLike, EventLike, MessageEventLike } from '../websocket/types.js'

/** What goes wrong is in the event, in browsers too. */
export class ErrorEvent extends Event {
  readonly message: string
  readonly error: Error

  /** @param _target Not used: an event's target is whom it is dispatched at. */
  constructor(error: Error, _target?: unknown) {
    super('error')
    this.message = error.message
    this.error = error
  }
}

export class CloseEvent extends Event {
  readonly code: number
  readonly reason: string
  readonly wasClean: boolean

  /** @param _target Not used: an event's target is whom it is dispatched at. */
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

/** EventTarget, for these events. */
export interface TypedEventTarget {
  addEventListener<K extends keyof WebSocketEventMap>(
    type: K,
    listener: Listener<WebSocketEventMap[K]>,
    options?: unknown,
  ): void
  addEventListener(type: string, listener: Listener<EventLike>, options?: unknown): void
  removeEventListener<K extends keyof WebSocketEventMap>(
    type: K,
    listener: Listener<WebSocketEventMap[K]>,
    options?: unknown,
  ): void
  removeEventListener(type: string, listener: Listener<EventLike>, options?: unknown): void
  dispatchEvent(event: EventLike): boolean
}
