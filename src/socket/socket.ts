/**
 * ReconnectingSocket: the public API. machine/transition.ts decides what happens; shell.ts carries it out.
 */
import { platform as defaultPlatform } from '#platform'
import { InvalidArgumentError } from '../diagnostics/errors.js'
import type { AnyListener, Events, OpenDetail, Snapshot } from './events.js'
import { drain, type DrainOptions } from './drain.js'
import { iterate } from './iterate.js'
import type { End } from '../machine/state.js'
import type { Endpoint, Options } from '../options/options.js'
import { checkPayload } from '../delivery/payload.js'
import { withPlatformOf } from '../platform/platform-of.js'
import type { Platform } from '../platform/platform.js'
import { encode } from '../options/codec.js'
import { callback, delay, fields } from '../options/rules.js'
import { binaryType, checkClose, checkEndpoint, checkSend, readSettings } from '../options/settings.js'
import { Shell } from './shell.js'
import type { OutboxView, SendOptions } from '../delivery/sender.js'
import type { SocketState } from '../diagnostics/log.js'
import type { Data, Sendable } from '../delivery/payload.js'
import type { Provider } from '../options/provider.js'

// for engines without explicit resource management: the names that esbuild's compiled `using` expects
const dispose: typeof Symbol.dispose = Symbol.dispose ?? Symbol.for('Symbol.dispose')
const asyncDispose: typeof Symbol.asyncDispose = Symbol.asyncDispose ?? Symbol.for('Symbol.asyncDispose')

const noOptions: SendOptions = {}
const inner = Symbol('shell')

/** Options of `close()`. */
export interface CloseOptions {
  /** Time limit, in ms, for sending queued messages first. Default 0: they stay in the outbox. */
  readonly drain?: number | undefined
}

const checkCloseOptions = fields<CloseOptions>({ drain: delay })

/**
 * A WebSocket that stays open: it reconnects after every lost connection, until `close()` or a final answer from the
 * server.
 *
 * In Node, `ReconnectingSocket<NodeEvents>` adds the events that only Node can provide.
 *
 * You can call any method in any state and inside any listener. Effects of calls inside a listener happen after all
 * listeners of the current event have run.
 */
export class ReconnectingSocket<E extends Events = Events, In = Sendable, Out = Data> {
  /** A function and not a private field, so that it works through a Proxy around the socket. */
  private readonly [inner]: () => Shell

  /**
   * @param url One endpoint, several to try in turn, or a function that returns these before every attempt.
   * @param options See `Options`. They are checked immediately.
   * @throws InvalidArgumentError, which names the invalid option.
   */
  constructor(url: Provider<Endpoint>, options?: Options<In, Out>)
  constructor(url: Provider<Endpoint>, given?: Options<In, Out>, platform: Platform = defaultPlatform) {
    bindMethods()
    // the codec and the compiler determine the message types
    const options = given as Options | undefined
    const settings = readSettings(url, options, platform.schemes)
    platform.check?.(settings.node, options)
    const shell = new Shell(settings, withPlatformOf(platform, settings.WebSocket ?? platform.stubbed?.()))
    this[inner] = () => shell
    if (settings.signal?.aborted) this.close()
    else if (settings.autoConnect) shell.feed({ type: 'connect' })
  }

  /** Tells libraries such as Vue that this is not a plain object to make reactive. */
  get [Symbol.toStringTag](): string {
    return 'ReconnectingSocket'
  }

  /** The state. It changes before the related events are emitted. */
  get state(): SocketState {
    return this[inner]().state.name
  }

  /** The state with its details. A new object replaces it when something changes; see `subscribe()`. */
  get snapshot(): Snapshot {
    return this[inner]().status.snapshot
  }

  /** The URL of the current or last attempt; '' before the first. */
  get url(): string {
    return this[inner]().status.url
  }

  /** The subprotocol that the server selected for the current or last connection; '' if none. */
  get protocol(): string {
    return this[inner]().protocol
  }

  /** The extensions of the current or last connection; '' if none. */
  get extensions(): string {
    return this[inner]().extensions
  }

  /** Bytes of payload that have not been sent yet, in the outbox or in the platform's buffer. */
  get bufferedAmount(): number {
    return this[inner]().bufferedAmount
  }

  /** The queued messages. */
  get outbox(): OutboxView {
    return this[inner]().sender.view
  }

  /** The type of binary messages. Can be changed at any time. */
  get binaryType(): 'arraybuffer' | 'blob' {
    return this[inner]().binaryType
  }

  set binaryType(type) {
    binaryType('binaryType', type)
    this[inner]().binaryType = type
  }

  /** Resolves when the socket is open, after any number of retries. Rejects with ClosedError if it is closed first. */
  get opened(): Promise<OpenDetail> {
    return this[inner]().whenOpened
  }

  /** Resolves with how the run ended, when the socket is `closed`. Never rejects. */
  get closed(): Promise<End> {
    return this[inner]().whenClosed
  }

  /**
   * Adds a listener. A `'*'` listener receives every event as `(type, detail)`. Returns an unsubscribe function.
   * @throws InvalidArgumentError for an unknown event, or a listener that is not a function.
   */
  on(type: '*', listener: AnyListener): () => void
  on(type: 'message', listener: (message: Out) => void): () => void
  on<K extends keyof E>(type: K, listener: (detail: E[K]) => void): () => void
  on(type: keyof E | '*', listener: (...detail: never[]) => void): () => void {
    callback('listener', listener)
    return this[inner]()
      .heard(type)
      .on(type as keyof Events, listener)
  }

  /** Removes a listener. */
  off(type: '*', listener: AnyListener): void
  off(type: 'message', listener: (message: Out) => void): void
  off<K extends keyof E>(type: K, listener: (detail: E[K]) => void): void
  off(type: keyof E | '*', listener: (...detail: never[]) => void): void {
    callback('listener', listener)
    this[inner]()
      .heard(type)
      .off(type as keyof Events, listener)
  }

  /**
   * Calls the listener after each change of `snapshot`. Returns an unsubscribe function.
   * @throws InvalidArgumentError if the listener is not a function.
   */
  subscribe(listener: () => void): () => void {
    callback('listener', listener)
    return this[inner]().status.subscribe(listener)
  }

  /**
   * Sends a message now, or as soon as a connection is open, in the order of the calls.
   * Messages are also queued while a ping is unanswered, because the peer may be dead. The platform's buffer counts
   * against the limits of the outbox; `await drain()` to wait for room.
   * @param options How long the message may be queued, or that it must not be queued.
   * @returns `sent`: passed to the connection. `queued`: waits in the outbox. `dropped`: did not fit and was dropped, as
   * set by `outbox.overflow`; a `drop` event reports it too.
   * @throws InvalidArgumentError for data that cannot be sent; OutboxFullError; NotOpenError with `outbox: false`. If it
   * throws, the message was not accepted.
   */
  send(message: In, options: SendOptions = noOptions): 'sent' | 'queued' | 'dropped' {
    const shell = this[inner]()
    const { codec } = shell.settings
    const data = codec ? encode(codec, message) : message
    if (typeof data !== 'string') checkPayload(data)
    if (options !== noOptions) checkSend('options', options)
    return shell.send(data, options)
  }

  /**
   * Starts a run from `idle` or `closed`, any number of times. Has no effect in other states. After `close()`, it waits
   * for `closed` first.
   * @throws InvalidArgumentError if the `signal` option is aborted.
   */
  connect(): void {
    this.checkStart()
    this[inner]().feed({ type: 'connect' })
  }

  /**
   * Replaces the connection: closes it, if one is open, and connects immediately. After `close()` too: it is `closed`
   * first, but a peer that does not answer is not waited for.
   * @throws InvalidArgumentError as `close()` does, and if the `signal` option is aborted.
   */
  reconnect(code?: number, reason?: string): void {
    checkClose(code, reason)
    this.checkStart()
    this[inner]().feed({ type: 'reconnect', code, reason })
  }

  /**
   * Ends the run. The socket is `closed` within `closeTimeout`, or at once if no connection is open. Queued messages
   * stay in the outbox until the next `connect()`.
   * @param code 1000 or 3000–4999. Without it, the Close frame is empty and the peer sees 1005.
   * @param reason At most 123 bytes in UTF-8; needs a code.
   * @param options How long to wait, at most, until all messages have been sent; see `drain()`. If the time expires, the
   * socket closes silently and the rest stays in `outbox`.
   * @throws InvalidArgumentError
   */
  close(code?: number, reason?: string, options: CloseOptions = {}): void {
    checkClose(code, reason)
    checkCloseOptions('options', options)
    this[inner]().close(code, reason, options.drain)
  }

  /**
   * Resolves when the outbox and the platform's buffer are empty: the operating system has all messages. This does not
   * prove that the peer received them.
   * @param options A time limit.
   * @throws InvalidArgumentError; rejects with DrainError if the time expires, `signal` is aborted, or the socket closes
   * with messages left.
   */
  drain(options: DrainOptions = {}): Promise<void> {
    return drain(this[inner](), options)
  }

  /** Ends the run at once, without a closing handshake. */
  terminate(): void {
    this[inner]().feed({ type: 'terminate' })
  }

  /**
   * Iterates over the messages from now on; ends when the socket is closed. Holds `readAhead` messages for a slow
   * consumer. Beyond that, it pauses reading in Node, and throws SlowConsumerError in browsers, which cannot pause.
   */
  [Symbol.asyncIterator](): AsyncIterableIterator<Out> {
    const all = iterate({
      limit: this[inner]().settings.readAhead,
      onMessage: (listener) => this.on('message', listener as (message: unknown) => void),
      ifClosed: (callback) =>
        this[inner]().whenAtRest(() => {
          if (this.state === 'closed') callback()
        }),
      onClosed: (listener) => this.on('state', ({ to }) => to === 'closed' && listener()),
      pause: () => this[inner]().pause(),
    })
    return all as AsyncIterableIterator<unknown> as AsyncIterableIterator<Out>
  }

  /** Calls `close()`, unless a `close()` is already draining, and waits for `closed`. */
  async [asyncDispose](): Promise<void> {
    this[dispose]()
    await this.closed
  }

  /** Calls `close()`, unless a `close()` is already draining. */
  [dispose](): void {
    if (!this[inner]().draining) this.close()
  }

  private checkStart(): void {
    const { settings, platform } = this[inner]()
    if (settings.signal?.aborted)
      throw new InvalidArgumentError('signal', 'is aborted; make a new socket instead')
    // a relative URL is resolved when the socket connects, which may be in another environment
    if (typeof settings.url !== 'function') checkEndpoint('url', settings.url, platform.schemes)
  }
}

/** The shell of a socket, for a class that is built on it. */
export function shellOf(socket: object): Shell {
  return (socket as ReconnectingSocket)[inner]()
}

/** Methods that also work unbound, as in `const { send } = socket` or `useSyncExternalStore(socket.subscribe, …)`. */
const unbound: (
  'on' | 'off' | 'subscribe' | 'send' | 'connect' | 'reconnect' | 'close' | 'drain' | 'terminate'
)[] = ['on', 'off', 'subscribe', 'send', 'connect', 'reconnect', 'close', 'drain', 'terminate']

/** Binds them with the first socket, so that the module has no side effects and can be tree-shaken. */
function bindMethods(): void {
  const { prototype } = ReconnectingSocket
  for (const name of unbound.splice(0)) {
    const method = (prototype as unknown as Record<string, (...args: never[]) => unknown>)[name]!
    Object.defineProperty(prototype, name, {
      configurable: true,
      get(this: ReconnectingSocket | undefined) {
        // the class's own method, for callers that use or replace it; a spy calls this without a socket
        return this?.[inner] ? (this[inner]().bound[name] ??= method.bind(this)) : method
      },
      set(this: ReconnectingSocket, value: unknown) {
        Object.defineProperty(this, name, { value, configurable: true, writable: true, enumerable: true })
      },
    })
  }
}
