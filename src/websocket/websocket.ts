/**
 * ReconnectingWebSocket: the interface of WHATWG WebSockets on top of a ReconnectingSocket. With `retry: false`, it
 * behaves exactly like the platform's class, including Web IDL conversions.
 */
import { ConnectionError, NotOpenError } from '../diagnostics/errors.js'
import type { CloseDetail, Events, StateDetail } from '../socket/events.js'
import type { End } from '../machine/state.js'
import { payloadSize } from '../delivery/payload.js'
import { type ReconnectingSocket, shellOf } from '../socket/socket.js'
import { dial } from './dial.js'
import { platform } from '#platform'
import { FACE } from '../platform/global.js'
import { named } from '../platform/named.js'
import { CloseEvent, errorEvent, MessageEvent } from './events.js'
import { MessageListeners } from './messages.js'
import { fixed, hasInstance, readOptions } from './fixed.js'
import { checkProtocols, checkUrls, toClose, toHandler, toProtocols, toSendable, toUrls } from './idl.js'
import type {
  ReconnectingWebSocket as Face,
  ReconnectingWebSocketConstructor,
  WebSocketEvents,
} from './types.js'
import type { Data } from '../delivery/payload.js'

const CONNECTING = 0
const OPEN = 1
const CLOSING = 2
const CLOSED = 3
const constants = { CONNECTING, OPEN, CLOSING, CLOSED } as const

type ReadyState = Face['readyState']
type EventName = keyof WebSocketEvents
/** The content of a CloseEvent and of the ErrorEvent before it. */
type Closing = Pick<End, 'code' | 'reason' | 'wasClean' | 'failed' | 'cause'>

/** The end of a connection that never opened. */
const abnormal: Closing = { code: 1006, reason: '', wasClean: false, failed: true }

/** An `on*` attribute: the listener keeps its place among the others while its value changes. */
interface Handler {
  value: object
  readonly listener: (event: Event) => void
}

/** The class, created by a function so that it can be tree-shaken. */
function createClass(): ReconnectingWebSocketConstructor<ReconnectingWebSocket> {
  class WebSocket extends EventTarget {
    readonly #socket: ReconnectingSocket
    readonly #url: string | undefined
    readonly #handlers: Partial<Record<EventName, Handler>> = {}
    #readyState: ReadyState
    #origin = ''
    /** Without a message listener, no message events are created. */
    #messages: MessageListeners | undefined
    /** Ends to report, each in a later task: close() while connecting emits nothing before it returns. */
    readonly #owed: Closing[] = []
    /** Bytes passed to send() after close(), until the next connection. */
    #lost = 0

    constructor(url: unknown, protocols: unknown = [], options: unknown = undefined) {
      if (arguments.length === 0) throw new TypeError('WebSocket needs a URL')
      super()
      // all arguments are converted before any is checked
      const givenUrl = toUrls(url)
      let list = toProtocols(protocols)
      const split = platform.split?.(protocols, list, options)
      if (split) list = toProtocols(split[0])
      const given = readOptions(split ? split[1] : options)
      const endpoint = checkUrls(givenUrl, given.autoConnect === false)
      const socket = dial(endpoint, {
        ...given,
        binaryType: given.binaryType ?? 'blob',
        ...(given.retry === false && { outbox: false }),
        protocols: checkProtocols(list),
      })
      this.#socket = socket
      this.#url = typeof endpoint === 'string' ? endpoint : undefined
      this.#readyState = socket.state === 'connecting' ? CONNECTING : CLOSED
      // the signal is already aborted
      if (socket.state === 'closed') this.#endLater()
      // one listener for all: each more takes memory
      socket.on('*', (type, detail) => this.#hear(type, detail))
    }

    #hear(type: keyof Events, detail: unknown): void {
      switch (type) {
        case 'message':
          return this.#receive(detail as Data)
        case 'state':
          return this.#enter(detail as StateDetail)
        case 'open':
          this.#origin = new URL(this.#socket.url).origin
          return void super.dispatchEvent(new Event('open'))
        case 'error':
          return this.#end({ ...abnormal, cause: detail as Events['error'] })
        case 'close':
          return this.#end(detail as CloseDetail)
        default:
        // a WebSocket has no such event
      }
    }

    get url(): string {
      return this.#socket.url || (this.#url ?? '')
    }

    get readyState(): ReadyState {
      return this.#readyState
    }

    get bufferedAmount(): number {
      return this.#socket.bufferedAmount + this.#lost
    }

    get extensions(): string {
      return this.#socket.extensions
    }

    get protocol(): string {
      return this.#socket.protocol
    }

    get binaryType(): 'arraybuffer' | 'blob' {
      return this.#socket.binaryType
    }

    set binaryType(value) {
      const socket = this.#socket
      const type = `${value}`
      if (type === 'arraybuffer' || type === 'blob') socket.binaryType = type
    }

    get onopen(): object | null {
      return this.#handler('open')
    }

    set onopen(value) {
      this.#setHandler('open', value)
    }

    get onmessage(): object | null {
      return this.#handler('message')
    }

    set onmessage(value) {
      this.#setHandler('message', value)
    }

    get onerror(): object | null {
      return this.#handler('error')
    }

    set onerror(value) {
      this.#setHandler('error', value)
    }

    get onclose(): object | null {
      return this.#handler('close')
    }

    set onclose(value) {
      this.#setHandler('close', value)
    }

    send(data: unknown): void {
      const socket = this.#socket
      if (arguments.length === 0) throw new TypeError('send() needs data')
      const payload = toSendable(data)
      if (this.#readyState === CLOSING || this.#readyState === CLOSED) {
        this.#lost += payloadSize(payload)
        return
      }
      try {
        socket.send(payload)
      } catch (error) {
        if (!(error instanceof NotOpenError)) throw error
        if (this.#readyState === CONNECTING)
          throw new DOMException('the connection is not open yet', 'InvalidStateError')
        // the server has closed, and the platform has not reported it yet
        this.#lost += payloadSize(payload)
      }
    }

    // rest parameters, because the length of a method without mandatory arguments is 0
    close(...[code, reason]: unknown[]): void {
      const socket = this.#socket
      const args = toClose(code, reason)
      // what was sent in OPEN precedes the Close frame, as by the standard
      if (this.#readyState === OPEN) shellOf(socket).flow(true)
      // immediately, because the socket may still be emitting the last change
      if (this.#readyState === CONNECTING || this.#readyState === OPEN) this.#readyState = CLOSING
      socket.close(...args)
    }

    reconnect(...[code, reason]: unknown[]): void {
      const args = toClose(code, reason)
      const before = this.#readyState
      // at once, because a listener that hears of it may call close()
      this.#readyState = CONNECTING
      try {
        this.#socket.reconnect(...args)
      } catch (error) {
        this.#readyState = before
        throw error
      }
    }

    override addEventListener(
      type: string,
      listener: Parameters<EventTarget['addEventListener']>[1],
      ...rest: [options?: Parameters<EventTarget['addEventListener']>[2]]
    ): void {
      super.addEventListener(type, listener, ...rest)
      if (`${type}` === 'message' && listener) this.#listen(listener, rest[0])
    }

    override removeEventListener(
      type: string,
      listener: Parameters<EventTarget['removeEventListener']>[1],
      ...rest: [options?: Parameters<EventTarget['removeEventListener']>[2]]
    ): void {
      super.removeEventListener(type, listener, ...rest)
      if (`${type}` === 'message') this.#messages?.remove(listener, rest[0])
    }

    #listen(listener: unknown, options?: unknown): void {
      this.#messages ??= new MessageListeners()
      this.#messages.add(listener, options)
    }

    #receive(data: Data): void {
      // close() may have been called in a listener that is still running
      if (!this.#messages || this.#readyState !== OPEN) return
      if (!this.#messages.tell(this, data, this.#origin))
        super.dispatchEvent(new MessageEvent(data, this.#origin))
    }

    #handler(type: EventName): object | null {
      return this.#handlers[type]?.value ?? null
    }

    /** A changed handler keeps its position; one set after null comes last. HTML, "event handlers". */
    #setHandler(type: EventName, given: unknown): void {
      const value = toHandler(given)
      const current = this.#handlers[type]
      if (value === null) {
        delete this.#handlers[type]
        if (current) super.removeEventListener(type, current.listener)
        if (current && type === 'message') this.#messages!.remove(current.listener)
      } else if (current) current.value = value
      else {
        const handler: Handler = {
          value,
          listener: (event) => {
            if (typeof handler.value === 'function') handler.value.call(this, event)
          },
        }
        this.#handlers[type] = handler
        super.addEventListener(type, handler.listener)
        if (type === 'message') this.#listen(handler.listener)
      }
    }

    #enter({ from, to }: StateDetail): void {
      if (to === 'connecting') this.#readyState = CONNECTING
      else if (to === 'open') {
        this.#settleAll()
        // unless a listener has called close()
        if (this.#readyState === CONNECTING) this.#readyState = OPEN
        this.#lost = 0
      } else if (to === 'closing') {
        // after reconnect() it is already connecting
        if (this.#readyState === OPEN) this.#readyState = CLOSING
      } else if (from === 'connecting' && this.#socket.snapshot.lastEnd?.by === 'user') this.#endLater()
      else this.#readyState = CLOSED
    }

    /** close() while connecting: the end is reported in a later task. */
    #endLater(): void {
      this.#readyState = CLOSING
      this.#owed.push({
        ...abnormal,
        cause: new ConnectionError('the connection was closed before it was established'),
      })
      // as any event: what a listener calls waits until the others have been told
      setTimeout(() => shellOf(this.#socket).whenAtRest(() => this.#settle()), 0)
    }

    /** Reports the first pending end, if there still is one. */
    #settle(): void {
      const owed = this.#owed.shift()
      if (!owed) return
      if (this.#readyState === CLOSING && !this.#owed.length) this.#readyState = CLOSED
      this.#tell(owed)
    }

    /** Reports the pending ends before what follows: reconnect() may have been called before their timers fired. */
    #settleAll(): void {
      while (this.#owed.length) this.#settle()
    }

    #end(end: Closing): void {
      // an asynchronous `decide` was given up, so the end it was asked about is final
      if (this.#owed.length && this.#readyState === CLOSING) this.#owed.splice(-1, 1, end)
      else {
        this.#settleAll()
        this.#tell(end)
      }
    }

    #tell({ code, reason, wasClean, failed, cause }: Closing): void {
      // as reported by the platform: ws and Chromium report only a close when an open connection is lost
      if (failed) super.dispatchEvent(errorEvent(cause!))
      super.dispatchEvent(new CloseEvent('close', { code, reason, wasClean }) as unknown as Event)
    }
  }

  Object.defineProperty(WebSocket, FACE, { value: 'everopen' })
  Object.defineProperty(WebSocket, 'with', {
    value: fixed,
    configurable: true,
    writable: true,
  })
  Object.defineProperty(WebSocket, Symbol.hasInstance, { value: hasInstance })
  const { prototype } = named(
    WebSocket,
    'WebSocket',
    'url readyState bufferedAmount extensions protocol binaryType onopen onmessage onerror onclose send close',
  )
  for (const [name, value] of Object.entries(constants))
    for (const object of [WebSocket, prototype])
      Object.defineProperty(object, name, { value, enumerable: true })
  return WebSocket as unknown as ReconnectingWebSocketConstructor<ReconnectingWebSocket>
}

/** A WebSocket that stays open, with the interface of the platform's class. See `ReconnectingWebSocketConstructor`. */
export const ReconnectingWebSocket = /* @__PURE__ */ createClass()
/** A WebSocket that stays open, with the interface of the platform's class. */
// named, so that a declaration file can refer to it
// eslint-disable-next-line @typescript-eslint/no-empty-object-type
export interface ReconnectingWebSocket extends Face {}
