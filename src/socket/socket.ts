/**
 * ReconnectingSocket: the public face. What it does when is decided in machine/transition.ts; shell.ts carries it out.
 */
import { platform as defaultPlatform } from '#platform'
import { InvalidArgumentError } from '../diagnostics/errors.js'
import type { AnyListener, Events, OpenDetail, Snapshot } from './events.js'
import type { DrainOptions } from './drain.js'
import { iterate } from './iterate.js'
import type { End } from '../machine/state.js'
import type { Endpoint, Options } from '../options/options.js'
import { checkPayload } from '../delivery/payload.js'
import { withClockOf } from '../platform/clock-of.js'
import type { Platform } from '../platform/platform.js'
import { encode } from '../options/codec.js'
import { callback, delay, fields, oneOf } from '../options/rules.js'
import { checkClose, checkEndpoint, checkSend, readSettings } from '../options/settings.js'
import { Shell } from './shell.js'
import type { OutboxView, SendOptions } from '../delivery/sender.js'
import type { SocketState } from '../diagnostics/log.js'
import type { Data, Sendable } from '../delivery/payload.js'
import type { Provider } from '../options/provider.js'

// engines without explicit resource management: the names that esbuild's lowered `using` looks for
const dispose: typeof Symbol.dispose = Symbol.dispose ?? Symbol.for('Symbol.dispose')
const asyncDispose: typeof Symbol.asyncDispose = Symbol.asyncDispose ?? Symbol.for('Symbol.asyncDispose')

const noOptions: SendOptions = {}
const inner = Symbol('shell')

const checkType = oneOf(
  ...['open', 'message', 'close', 'error', 'state', 'drop', 'heartbeat', 'undecodable', '*'],
  // a page never hears these
  ...['handshake', 'ping', 'pong', 'data'],
)

/** How `close()` goes about it. */
export interface CloseOptions {
  /** Longest time, in ms, to send what waits before. Default 0: what waits stays in the outbox. */
  readonly drain?: number | undefined
}

const checkCloseOptions = fields<CloseOptions>({ drain: delay })

/**
 * A WebSocket that stays open: it dials again after every end but its user's own, until `close()`.
 *
 * In Node, `ReconnectingSocket<NodeEvents>` has the events that Node alone can give.
 *
 * Any method may be called in any state and from inside any listener. What a listener sets off happens after the
 * listeners of the current event have run.
 */
export class ReconnectingSocket<E extends Events = Events, In = Sendable, Out = Data> {
  /** A function, which no Proxy around the socket makes another one of; and no private name, which a Proxy has not. */
  private readonly [inner]: () => Shell

  /**
   * @param url One endpoint, several to be tried in turn, or a function that gives them before every attempt.
   * @param options See `Options`. Everything is checked here, before anything is dialed.
   * @throws InvalidArgumentError naming the option that cannot be used.
   */
  constructor(url: Provider<Endpoint>, options?: Options<In, Out>)
  constructor(url: Provider<Endpoint>, given?: Options<In, Out>, platform: Platform = defaultPlatform) {
    bindMethods()
    // what messages are is the codec's affair, and the compiler's
    const options = given as Options | undefined
    const settings = readSettings(url, options, platform.schemes)
    platform.check?.(settings.node, options)
    const shell = new Shell(settings, withClockOf(platform, settings.WebSocket ?? platform.stubbed?.()))
    this[inner] = () => shell
    if (settings.signal?.aborted) this.close()
    else if (settings.autoConnect) shell.feed({ type: 'connect' })
  }

  /** What libraries that make objects reactive, such as Vue, tell a plain object by: this is none. */
  get [Symbol.toStringTag](): string {
    return 'ReconnectingSocket'
  }

  get state(): SocketState {
    return this[inner]().state.name
  }

  get snapshot(): Snapshot {
    return this[inner]().status.snapshot
  }

  /** The URL of the current or last attempt, as dialed; '' before the first. */
  get url(): string {
    return this[inner]().status.url
  }

  /** The subprotocol that the server chose for the current or last connection; '' if none. */
  get protocol(): string {
    return this[inner]().protocol
  }

  /** The extensions of the current or last connection; '' if none. */
  get extensions(): string {
    return this[inner]().extensions
  }

  /** Bytes of payload that are not on the network yet: in the outbox, or held by the platform. */
  get bufferedAmount(): number {
    return this[inner]().bufferedAmount
  }

  /** The messages that wait for a connection. */
  get outbox(): OutboxView {
    return this[inner]().sender.view
  }

  /** How binary messages arrive. May be changed at any time. */
  get binaryType(): 'arraybuffer' | 'blob' {
    return this[inner]().binaryType
  }

  set binaryType(type) {
    if (type !== 'arraybuffer' && type !== 'blob')
      throw new InvalidArgumentError('binaryType', 'must be one of arraybuffer, blob')
    this[inner]().binaryType = type
  }

  /** The current or next connection, once open. Rejects with ClosedError when the socket is closed before that. */
  get opened(): Promise<OpenDetail> {
    return this[inner]().whenOpened
  }

  /** How the socket ended, once it is `closed`. Never rejects. */
  get closed(): Promise<End> {
    return this[inner]().whenClosed
  }

  /**
   * Adds a listener; `'*'` hears every event, as `(type, detail)`. Returns an unsubscribe function.
   * @throws InvalidArgumentError for an event that there is not, or a listener that is no function.
   */
  on(type: '*', listener: AnyListener): () => void
  on(type: 'message', listener: (message: Out) => void): () => void
  on<K extends keyof E>(type: K, listener: (detail: E[K]) => void): () => void
  on(type: keyof E | '*', listener: (...detail: never[]) => void): () => void {
    checkType('type', type)
    callback('listener', listener)
    return this[inner]().emitter.on(type as keyof Events, listener)
  }

  /** Removes a listener. */
  off(type: '*', listener: AnyListener): void
  off(type: 'message', listener: (message: Out) => void): void
  off<K extends keyof E>(type: K, listener: (detail: E[K]) => void): void
  off(type: keyof E | '*', listener: (...detail: never[]) => void): void {
    checkType('type', type)
    callback('listener', listener)
    this[inner]().emitter.off(type as keyof Events, listener)
  }

  /**
   * Calls back after each change of `snapshot`. Returns an unsubscribe function.
   * @throws InvalidArgumentError for a listener that is no function.
   */
  subscribe(listener: () => void): () => void {
    callback('listener', listener)
    return this[inner]().status.subscribe(listener)
  }

  /**
   * Sends a message, now or as soon as a connection is open, in the order of the calls.
   * While the heartbeat waits for an answer, messages wait too: they might go to a dead peer. What the platform holds
   * for a peer that reads slowly counts as what waits: `drain()` waits for room.
   * @param options How long the message may wait, or that it may not wait at all.
   * @returns `sent`: handed to the connection. `queued`: waits in the outbox. `dropped`: did not fit, and
   * `outbox.overflow` says to drop it; a `drop` event tells so too.
   * @throws InvalidArgumentError for what cannot be sent; OutboxFullError; NotOpenError with `outbox: false`. What
   * throws has not been accepted.
   */
  send(message: In, options: SendOptions = noOptions): 'sent' | 'queued' | 'dropped' {
    const { codec } = this[inner]().settings
    const data = codec ? encode(codec, message) : message
    if (typeof data !== 'string') checkPayload(data)
    if (options !== noOptions) checkSend('options', options)
    return this[inner]().send(data, options)
  }

  /**
   * Starts a run, from `idle` or `closed`, as often as wanted; in any other state it is already under way. After
   * `close()` it waits for `closed` first.
   * @throws InvalidArgumentError when the `signal` option is aborted.
   */
  connect(): void {
    this.checkStart()
    this[inner]().feed({ type: 'connect' })
  }

  /**
   * Replaces the connection: closes it, and dials at once. Where none is open, dials at once.
   * @throws InvalidArgumentError as `close()` does, and when the `signal` option is aborted.
   */
  reconnect(code?: number, reason?: string): void {
    checkClose(code, reason)
    this.checkStart()
    this[inner]().feed({ type: 'reconnect', code, reason })
  }

  /**
   * Ends the run: `closed` is reached within `closeTimeout`, and at once where no connection is open. Messages that
   * wait in the outbox stay there for the next `connect()`.
   * @param code 1000 or 3000–4999; without it the Close frame is empty and the peer sees 1005.
   * @param reason At most 123 bytes in UTF-8; needs a code.
   * @param options How long to wait before, at most, until all that was sent has left the process; see `drain()`.
   * @throws InvalidArgumentError
   */
  close(code?: number, reason?: string, options?: CloseOptions): void {
    checkClose(code, reason)
    const shell = this[inner]()
    if (options === undefined) return shell.close(code, reason)
    checkCloseOptions('options', options)
    shell.close(code, reason, options.drain)
  }

  /**
   * Resolves when no message waits and the platform holds none: all that was sent is with the system. That the peer has
   * it, only the peer can say.
   * @param options How long that may take.
   * @throws InvalidArgumentError; rejects with DrainError when the time is over, `signal` is aborted, or the socket is
   * closed with something left.
   */
  drain(options: DrainOptions = {}): Promise<void> {
    return this[inner]().drain(options)
  }

  /** Ends the run at once, without a closing handshake. */
  terminate(): void {
    this[inner]().feed({ type: 'terminate' })
  }

  /**
   * The messages from now on; ends when the socket is closed. Holds `readAhead` messages for a slow consumer; then it
   * stops reading from the network in Node, and in browsers, where nothing can be stopped, throws SlowConsumerError.
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

  /** `close()`, and waits until it is done. */
  async [asyncDispose](): Promise<void> {
    this.close()
    await this.closed
  }

  /** `close()`. */
  [dispose](): void {
    this.close()
  }

  private checkStart(): void {
    const { settings, schemes } = this[inner]()
    if (settings.signal?.aborted)
      throw new InvalidArgumentError('signal', 'is aborted; make a new socket instead')
    // a relative one is resolved where it is dialed, which need not be where the socket was made
    if (typeof settings.url !== 'function') checkEndpoint('url', settings.url, schemes)
  }
}

/** These work on their own too, as `const { send } = socket` or `useSyncExternalStore(socket.subscribe, …)`. */
const unbound: (
  'on' | 'off' | 'subscribe' | 'send' | 'connect' | 'reconnect' | 'close' | 'drain' | 'terminate'
)[] = ['on', 'off', 'subscribe', 'send', 'connect', 'reconnect', 'close', 'drain', 'terminate']

/** Makes them so, with the first socket: a module that does nothing by itself can be left out of a bundle. */
function bindMethods(): void {
  const { prototype } = ReconnectingSocket
  for (const name of unbound.splice(0)) {
    const method = (prototype as unknown as Record<string, (...args: never[]) => unknown>)[name]!
    Object.defineProperty(prototype, name, {
      configurable: true,
      get(this: ReconnectingSocket) {
        // of the class itself, for who calls or replaces it there
        return inner in this ? (this[inner]().bound[name] ??= method.bind(this)) : method
      },
      set(this: ReconnectingSocket, value: unknown) {
        Object.defineProperty(this, name, { value, configurable: true, writable: true, enumerable: true })
      },
    })
  }
}
