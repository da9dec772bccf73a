/** The events of the package reconnecting-websocket, and of partysocket after it. */
import type { Declared } from '../options/declared.js'
import type { EventLike, MessageEventLike, WebSocketListenerOrObject } from '../websocket/types.js'

/** The target is the socket. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- as reconnecting-websocket has it
type Targeted<E> = E & { readonly target: any }

/** An event, of the platform's type. */
export type SocketEvent = Targeted<Declared<'Event', EventLike>>

/** A `message` event, of the platform's type. */
type SocketMessageEvent = Targeted<Declared<'MessageEvent', MessageEventLike>>

type EventClass = new (type: string) => SocketEvent

/** An `error` event; it contains the error, in browsers too. */
export class ErrorEvent extends (Event as EventClass) {
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
export class CloseEvent extends (Event as EventClass) {
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
  /** A connection opened. */
  open: SocketEvent
  /** A message arrived. */
  message: SocketMessageEvent
  /** A connection or an attempt failed. */
  error: ErrorEvent
  /** A connection or an attempt ended. */
  close: CloseEvent
}

/** A listener, as a function or as an object. */
type Listener<E> = WebSocketListenerOrObject<E> | null

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
