/** The common part of the replacements for reconnecting-websocket and partysocket, based on a ReconnectingSocket. */
import type { End } from '../machine/state.js'
import type { LogRecord } from '../diagnostics/log.js'
import { ConnectTimeoutError } from '../diagnostics/errors.js'
import { copyOf, payloadSize, type Sendable } from '../delivery/payload.js'
import { checkClose } from '../options/settings.js'
import type { Declared } from '../options/declared.js'
import type { WebSocketClass } from '../options/options.js'
import { ReconnectingSocket, shellOf } from '../socket/socket.js'
import { systemClock } from '../time/clock.js'
import { MessageEvent } from '../websocket/events.js'
import { toSendable } from '../websocket/idl.js'
import type { EventLike, WebSocketListener, WebSocketSendable } from '../websocket/types.js'
import { CloseEvent, ErrorEvent, type TypedEventTarget, type WebSocketEventMap } from './events.js'
import type { Options, ProtocolsProvider, UrlProvider } from './options.js'

type Sends<Class> = Class extends { send(data: infer Data): void } ? Data : WebSocketSendable

/** Data that can be sent: what the platform's `send()` accepts, so that it accepts ours. */
export type Message = Sends<Declared<'WebSocket', unknown>>

/** The part of a platform socket that is read here. */
interface PlatformSocket {
  binaryType: string
  readonly readyState: number
  readonly url: string
  /** Of the class of `ws`. */
  readonly terminate?: () => void
}

type Handler<K extends keyof WebSocketEventMap> = WebSocketListener<WebSocketEventMap[K]> | null

/** The end of a connection or an attempt. */
type Ending = Pick<End, 'code' | 'reason' | 'wasClean'>

/** The base class of both packages' classes. */
export abstract class Face extends (EventTarget as unknown as new () => TypedEventTarget) {
  static get CONNECTING(): number {
    return 0
  }

  static get OPEN(): number {
    return 1
  }

  static get CLOSING(): number {
    return 2
  }

  static get CLOSED(): number {
    return 3
  }

  /** Called before the other listeners. */
  onopen: Handler<'open'> = null
  onmessage: Handler<'message'> = null
  onerror: Handler<'error'> = null
  onclose: Handler<'close'> = null

  /** Read before every attempt. */
  protected _url: UrlProvider
  protected _protocols: ProtocolsProvider | undefined
  protected _options: Options
  /** The latest platform socket. */
  protected _ws: PlatformSocket | undefined
  protected readonly _socket: ReconnectingSocket
  readonly #minReconnectionDelay: number
  /** The URL as it was given for the current attempt. */
  #given = ''
  #retries = 0
  #openedAt = Infinity
  #binaryType = 'blob'
  /** The platform socket that was ended by this side. */
  #ended: PlatformSocket | undefined
  /** Messages sent after close() or reconnect() while the listener that called it is still running. */
  #late: Sendable[] = []
  /** The platform socket whose end was reported before it occurred. */
  #told: PlatformSocket | undefined

  protected constructor(
    minReconnectionDelay: number,
    url: UrlProvider,
    protocols: ProtocolsProvider | undefined,
    options: Options,
  ) {
    super()
    this.#minReconnectionDelay = minReconnectionDelay
    this._url = url
    this._protocols = protocols
    this._options = options
    for (const type of ['open', 'message', 'error', 'close'] as const)
      this.addEventListener(type, (event: never) => void this[`on${type}`]?.(event))
    this._socket = this.#connect()
  }

  get CONNECTING(): number {
    return 0
  }

  get OPEN(): number {
    return 1
  }

  get CLOSING(): number {
    return 2
  }

  get CLOSED(): number {
    return 3
  }

  /** That of every connection: the value that was set, or that of the platform's class. */
  get binaryType(): 'arraybuffer' | 'blob' {
    // as the packages declare it, although that of `ws` may have others
    return this.#binaryType as 'arraybuffer' | 'blob'
  }

  set binaryType(value: 'arraybuffer' | 'blob' | 'nodebuffer') {
    this.#binaryType = value
    const ws = this._ws
    if (!ws) return
    ws.binaryType = value
    // it ignores what it does not know
    this.#binaryType = ws.binaryType
  }

  /** Number of consecutive retries; 0 again after `minUptime`. */
  get retryCount(): number {
    return this._retryCount
  }

  get #minUptime(): number {
    return this._options.minUptime ?? 5_000
  }

  protected get _retryCount(): number {
    const stable = this._socket.state === 'open' && systemClock.now() - this.#openedAt >= this.#minUptime
    return stable ? 0 : this.#retries
  }

  protected set _retryCount(value) {
    this.#retries = value
  }

  /** Bytes queued here and in the platform's buffer. */
  get bufferedAmount(): number {
    return this.#late.reduce((bytes, data) => bytes + payloadSize(data), this._socket.bufferedAmount)
  }

  /** The extensions of the current or last connection. */
  get extensions(): string {
    return this._socket.extensions
  }

  /** The subprotocol of the current or last connection. */
  get protocol(): string {
    return this._socket.protocol
  }

  /** That of the latest platform socket: CLOSED also while waiting for the next attempt. */
  get readyState(): number {
    const ws = this._ws
    if (!ws) return this._socket.state === 'connecting' ? 0 : 3
    return ws === this.#ended ? Math.max(ws.readyState, 2) : ws.readyState
  }

  /** That of the latest platform socket, as its class has it; '' before the first. */
  get url(): string {
    return this._ws?.url ?? ''
  }

  protected get _messageQueue(): Message[] {
    return [...this._socket.outbox.list(), ...this.#late] as Message[]
  }

  /** Closes the connection, or stops connecting, until `reconnect()`. */
  close(code = 1000, reason?: string): void {
    this._check(code, reason)
    const { phase } = this._socket.snapshot
    const ws = this._ws
    this._end(code, reason)
    if (phase !== 'dialing') return
    // in a later task, like a platform: close() emits nothing before it returns
    setTimeout(() => {
      // unless reconnect() was called
      if (this.#told !== ws) this._tellClose({ code: 1006, reason: '', wasClean: false })
    }, 0)
  }

  /** Replaces the connection and resets the retry count. The end of the old one is reported immediately. */
  reconnect(code = 1000, reason?: string): void {
    this._check(code, reason)
    const live = this.readyState < 3 ? this._ws : undefined
    this.#retries = 0
    this.#ended = live
    shellOf(this._socket).feed({ type: 'reconnect', code, reason })
    if (live && live !== this.#told) this._tellEarly(live, code, reason)
  }

  /** Sends the message, or queues it for the next connection. Returns whether a connection is open. */
  send(data: WebSocketSendable): unknown {
    const payload = toSendable(data)
    if (this._ws === this.#ended && this._socket.state === 'open') this.#late.push(copyOf(payload))
    else this._socket.send(payload)
    return this.readyState === 1
  }

  /** Ends the connection or the attempt: nothing more is sent. */
  protected _end(code: number, reason: string | undefined): void {
    this.#ended = this._ws
    // once it ends, nothing tells that it was stable
    this.#retries = this._retryCount
    shellOf(this._socket).feed({ type: 'close', code, reason })
  }

  /** Throws InvalidArgumentError for what the class would refuse. That of `ws` takes the codes of the protocol too. */
  protected _check(code: number, reason: string | undefined): void {
    const free = !this._ws || this._ws.terminate
    checkClose(free && /^10(0[1-37-9]|1[0-4])$/.test(`${code}`) ? 1000 : code, reason)
  }

  /** The class to connect with. Throws if there is none. */
  protected _class(): ReturnType<typeof classOf> {
    return classOf(this._options)
  }

  /** Removes and returns the queued messages. */
  protected _drain(): Message[] {
    return [...this._socket.outbox.drain(), ...this.#late.splice(0)] as Message[]
  }

  /** Reports an end before the peer has answered; it is not reported again. */
  protected _tellEarly(ws: PlatformSocket | undefined, code: number, reason = ''): void {
    this.#told = ws
    this._tellClose({ code, reason, wasClean: true })
  }

  /** @internal */
  protected _tellClose({ code, reason, wasClean }: Ending): void {
    this.dispatchEvent(new CloseEvent(code, reason, this, wasClean))
  }

  /** Whether that end is the last, because the user closed the socket. */
  protected _refuses(_event: CloseEvent): boolean {
    return false
  }

  /** @internal */
  protected _getNextDelay(): number {
    const {
      minReconnectionDelay = this.#minReconnectionDelay,
      maxReconnectionDelay = 10_000,
      reconnectionDelayGrowFactor = 1.3,
    } = this._options
    const retries = this._retryCount
    return retries === 0
      ? 0
      : Math.min(maxReconnectionDelay, minReconnectionDelay * reconnectionDelayGrowFactor ** (retries - 1))
  }

  /** @internal */
  protected _getNextUrl(provider: unknown): Promise<string> {
    const url: unknown = typeof provider === 'function' ? (provider as () => unknown)() : provider
    if (typeof url === 'string' || isThenable(url)) return Promise.resolve(url as string)
    throw new Error('Invalid URL')
  }

  /** @internal */
  protected _getNextProtocols(provider: unknown): Promise<string | string[] | null> {
    const given: unknown = typeof provider === 'function' ? (provider as () => unknown)() : provider
    const list = given || null
    if (list === null || typeof list === 'string' || Array.isArray(list) || isThenable(list))
      return Promise.resolve(list as string[] | null)
    throw new Error('Invalid protocols')
  }

  /** @internal */
  protected _debug(...args: unknown[]): void {
    const { debug, debugLogger = (...line: unknown[]) => console.log(...line) } = this._options
    if (debug) debugLogger('RWS>', ...args)
  }

  #connect(): ReconnectingSocket {
    // eslint-disable-next-line @typescript-eslint/no-this-alias -- a function that is called with `new`
    const face = this
    const socket = new ReconnectingSocket(
      async () => {
        // a subclass has been constructed by then
        await Promise.resolve()
        this.#given = await this._getNextUrl(this._url)
        return this.#given
      },
      {
        autoConnect: false,
        protocols: async () => {
          await Promise.resolve()
          return (await this._getNextProtocols(this._protocols)) ?? undefined
        },
        retry: {
          backoff: () => this._getNextDelay(),
          decide: (end, attempt) => this.#decide(end, attempt),
        },
        heartbeat: false,
        outbox: { maxBytes: Infinity, overflow: 'drop-newest' },
        log: (record) => this.#log(record),
        WebSocket: function (_url: string, protocols?: string[]) {
          return face.#dial(protocols)
        } as unknown as WebSocketClass,
      },
    )
    // like those packages, reads the options when they are needed: they may have changed since
    const { settings } = shellOf(socket)
    live(settings, 'connectTimeout', () => this._options.connectionTimeout ?? 4_000)
    live(settings.retry!, 'stableAfter', () => this.#minUptime)
    live(settings.outbox!, 'maxMessages', () => this._options.maxEnqueuedMessages ?? Infinity)
    if (!this._options.startClosed) socket.connect()
    socket.on('state', ({ to }) => {
      if (to !== 'open') for (const data of this.#late.splice(0)) socket.send(data)
    })
    socket.on('open', () => this.#opened())
    socket.on('message', (data) =>
      this.dispatchEvent(new MessageEvent(data, new URL(socket.url).origin) as unknown as EventLike),
    )
    socket.on('error', (error) => {
      this._tellClose({ ...ended(error), wasClean: false })
      this.#tellError(error)
    })
    socket.on('close', ({ failed, cause, ...end }) => {
      this.#openedAt = Infinity
      if (this.#told) return
      this._tellClose(end)
      if (failed) this.#tellError(cause!)
    })
    return socket
  }

  #dial(protocols: string[] | undefined): PlatformSocket {
    const Class = this._class()
    const ws = protocols ? new Class(this.#given, protocols) : new Class(this.#given)
    // `ws` before 8.18 does not know Blobs, and ignores that
    ws.binaryType = this.#binaryType
    this.#binaryType = ws.binaryType
    this._ws = ws
    return ws
  }

  #opened(): void {
    this.#openedAt = systemClock.now()
    this.#told = undefined
    this._ws!.binaryType = this.binaryType
    this.dispatchEvent(new Event('open'))
  }

  #decide(end: End, attempt: number): 'retry' | 'stop' {
    const { maxRetries = Infinity } = this._options
    // the first after a stable connection; the socket's own count goes on after reconnect()
    if (attempt === 1) this.#retries = 0
    if (this._refuses(new CloseEvent(end.code, end.reason, this, end.wasClean))) return 'stop'
    if (this.#retries >= maxRetries) {
      this._debug('max retries reached', this.#retries, '>=', maxRetries)
      return 'stop'
    }
    this.#retries++
    return 'retry'
  }

  #tellError(cause: Error): void {
    const error = cause instanceof ConnectTimeoutError ? new Error('TIMEOUT', { cause }) : cause
    this.dispatchEvent(new ErrorEvent(error, this))
  }

  #log(record: LogRecord): void {
    if (record.type === 'dial') this._debug('connect', record.attempt)
    else this._debug(record.type, record)
  }
}

/** Has a setting read anew each time. */
function live<T extends object>(settings: T, name: keyof T, get: () => T[keyof T]): void {
  Object.defineProperty(settings, name, { get })
}

/** The class to connect with. Throws if there is none. */
export function classOf({ WebSocket }: Options): new (...args: unknown[]) => PlatformSocket {
  const Class: unknown = WebSocket ?? (globalThis as { WebSocket?: unknown }).WebSocket
  if ((Class as { CLOSING?: unknown } | undefined)?.CLOSING !== 2)
    throw new Error('No valid WebSocket class provided')
  return Class as new (...args: unknown[]) => PlatformSocket
}

function ended(error: Error): Pick<End, 'code' | 'reason'> {
  return { code: 1006, reason: error instanceof ConnectTimeoutError ? 'timeout' : '' }
}

function isThenable(value: unknown): boolean {
  return typeof (value as { then?: unknown } | null | undefined)?.then === 'function'
}
