/** SessionSocket: a ReconnectingSocket whose messages survive lost connections. */
import { platform as defaultPlatform } from '#platform'
import { copyOf, type Data, isBlob, checkPayload, payloadSize } from '../delivery/payload.js'
import { InvalidArgumentError, OutboxFullError } from '../diagnostics/errors.js'
import type { SocketState } from '../diagnostics/log.js'
import type { End } from '../machine/state.js'
import type { HelloExchange } from '../options/hello.js'
import type { Decision, Endpoint, Options, RetryOptions } from '../options/options.js'
import type { Attempt, Provider } from '../options/provider.js'
import { callback, isObject } from '../options/rules.js'
import { checkClose, checkProtocols } from '../options/settings.js'
import type { Platform } from '../platform/platform.js'
import { drain, type DrainOptions } from '../socket/drain.js'
import { Emitter } from '../socket/emitter.js'
import type { AnyListener, Events } from '../socket/events.js'
import { ReconnectingSocket } from '../socket/socket.js'
import type { Clock } from '../time/clock.js'
import { SessionProtocolError } from './errors.js'
import type { AnySessionListener, HeldView, LostDetail, NodeSessionEvents, SessionEvents } from './events.js'
import { readSession, type SessionSettings, type SessionSocketOptions } from './options.js'
import { closeCodes, decode, isControl, PING, SUBPROTOCOL, unescape } from './protocol/wire.js'
import { SessionShell } from './shell.js'
import { Takeovers } from './takeovers.js'
import type { Payload } from './store.js'

type Own = 'send' | 'on' | 'off' | 'close' | 'reconnect' | 'drain'
type Sender = HelloExchange<Payload, Data>['send']

/** The part of ReconnectingSocket that stays the same for numbered messages. */
type SocketBase = Omit<ReconnectingSocket, Own>
const Base = ReconnectingSocket as unknown as new (url: Provider<Endpoint>, options: Options) => SocketBase
const inherited = ReconnectingSocket.prototype as Pick<ReconnectingSocket, 'send' | 'close' | 'reconnect'> & {
  on(type: '*', listener: AnyListener): () => void
  off(type: '*', listener: AnyListener): void
}

/** Events that this class emits itself; the others exist only in Node. */
const told: readonly string[] = [
  ...['open', 'message', 'close', 'error', 'state', 'drop', 'heartbeat', '*'],
  ...['data', 'resumed', 'lost'],
]

/**
 * A WebSocket that delivers messages exactly once and in order, in both directions, across lost connections, server
 * crashes and, with a `store`, reloads and crashes of this client. The server must support the subprotocol
 * `everopen.session.1`, as `everopen/server` does.
 *
 * Otherwise it behaves like a ReconnectingSocket. `connect()` resumes the session after `close()`; `end()` ends it.
 */
export class SessionSocket<E extends SessionEvents = SessionEvents> extends Base {
  readonly #settings: SessionSettings
  readonly #shell: SessionShell
  readonly #emitter = new Emitter<NodeSessionEvents>()
  #transmit: Sender = ignore
  /** Settles the `hello` in progress. */
  #greeted: { resolve(): void; reject(error: Error): void } | undefined
  readonly #takeovers: Takeovers
  readonly #clock: Clock

  /**
   * @param url As for ReconnectingSocket.
   * @param options As for ReconnectingSocket, and `session`.
   * @throws InvalidArgumentError, which names the invalid option.
   */
  constructor(url: Provider<Endpoint>, options?: SessionSocketOptions)
  constructor(
    url: Provider<Endpoint>,
    options: SessionSocketOptions = {},
    platform: Platform = defaultPlatform,
  ) {
    const settings = readSession(options)
    const { session: _session, ...rest } = options
    if (typeof rest.protocols !== 'function') checkProtocols('protocols', rest.protocols)
    const retry = isObject(rest.retry) ? (rest.retry as RetryOptions) : {}
    super(
      url,
      {
        ...rest,
        autoConnect: false,
        outbox: false,
        protocols: (attempt) => this.#protocols(attempt, rest.protocols),
        hello: (exchange) => this.#greet(exchange),
        heartbeat: beats(rest.heartbeat),
        retry: rest.retry !== false && {
          ...retry,
          decide: (end, attempt) => this.#decide(end, retry.decide?.(end, attempt)),
        },
      },
      // not part of the public signature of that class
      ...([platform] as unknown as []),
    )
    this.#settings = settings
    this.#clock = platform.clock
    this.#takeovers = new Takeovers(platform.clock)
    this.#shell = new SessionShell(
      {
        clock: platform.clock,
        transmit: (data) => this.#hand(data),
        deliver: (data) => this.#deliver(data as Data),
        lost: (detail) => this.#lost(detail),
        resumed: (detail) => this.#emitter.emit('resumed', detail),
        live: () => this.#live(),
        violation: (problem) => this.#violated(problem),
      },
      settings.store,
    )
    inherited.on.call(asIs(this), '*', (type, detail) => this.#hear(type, detail))
    if (rest.autoConnect !== false && !rest.signal?.aborted) this.#begin()
  }

  /** The session's id, which is not secret; `undefined` until the server has assigned one. */
  get id(): string | undefined {
    return this.#shell.state.session?.id
  }

  /** Messages that the server has not acknowledged. */
  get held(): HeldView {
    return this.#shell.held
  }

  /** The number of the server's message that is being delivered, or was last; 0 before the first of the session. */
  get received(): number {
    return this.#shell.state.incoming.given
  }

  /**
   * Sends a message, in the order of the calls, and holds it until the server acknowledges it.
   * @returns Its number, for `delivered()` and `lost`. The server's application sees the same number, unless a session
   * was lost before or the store was not open yet.
   * @throws InvalidArgumentError for data that cannot be held; OutboxFullError. If it throws, the message was not
   * accepted.
   */
  send(data: Payload): number {
    if (typeof data !== 'string') {
      checkPayload(data)
      if (isBlob(data)) throw new InvalidArgumentError('data', 'must not be a Blob: send its arrayBuffer()')
    }
    const { maxMessages, maxBytes } = this.#settings
    const { size, bytes } = this.held
    const own = payloadSize(data)
    if (size >= maxMessages || bytes + own > maxBytes) throw new OutboxFullError()
    return this.#shell.send(copyOf(data) as Payload, own)
  }

  /**
   * Resolves when the server has acknowledged the message with that number and all before it. Rejects with
   * SessionLostError if the message is lost. Stays pending while the server is unreachable.
   * @throws InvalidArgumentError for a number that `send()` has not returned.
   */
  delivered(number: number): Promise<void> {
    if (!Number.isInteger(number) || number > this.#shell.last)
      throw new InvalidArgumentError('number', 'must be one that send() has given')
    return this.#shell.delivered(number)
  }

  /**
   * Resolves when the server has acknowledged all messages.
   * @param options A time limit.
   * @throws InvalidArgumentError; rejects with DrainError if the time expires, `signal` is aborted, or the socket closes
   * with unacknowledged messages.
   */
  drain(options: DrainOptions = {}): Promise<void> {
    return drain(
      {
        snapshot: () => this.snapshot,
        clock: this.#clock,
        left: () => ({ messages: this.held.size, bytes: this.held.bytes }),
      },
      options,
    )
  }

  /**
   * Ends the session: the server and the store forget it. `lost` reports unacknowledged messages; await `delivered()`
   * first to lose none.
   */
  end(): void {
    this.#shell.flush()
    this.#shell.feed({ type: 'leave' })
    this.close(1000)
  }

  /** As in ReconnectingSocket. The session remains here, and on the server for its time to live. */
  close(code?: number, reason?: string): void {
    checkClose(code, reason)
    // the inherited constructor closes the socket if the signal is already aborted
    if (#shell in this) this.#shell.flush()
    inherited.close.call(asIs(this), code, reason)
  }

  /** As in ReconnectingSocket. */
  reconnect(code?: number, reason?: string): void {
    checkClose(code, reason)
    this.#shell.flush()
    inherited.reconnect.call(asIs(this), code, reason)
  }

  /** As in ReconnectingSocket, including the session's events. */
  on(type: '*', listener: AnySessionListener): () => void
  on<K extends keyof E>(type: K, listener: (detail: E[K]) => void): () => void
  on(type: keyof E | '*', listener: (...detail: never[]) => void): () => void {
    if (!told.includes(type as string))
      return inherited.on.call(asIs(this), type as '*', listener as AnyListener)
    callback('listener', listener)
    return this.#emitter.on(type as keyof SessionEvents, listener)
  }

  /** Removes a listener. */
  off(type: '*', listener: AnySessionListener): void
  off<K extends keyof E>(type: K, listener: (detail: E[K]) => void): void
  off(type: keyof E | '*', listener: (...detail: never[]) => void): void {
    if (!told.includes(type as string))
      return inherited.off.call(asIs(this), type as '*', listener as AnyListener)
    callback('listener', listener)
    this.#emitter.off(type as keyof SessionEvents, listener)
  }

  #begin(): void {
    try {
      // numbers continue from those of the store if it can be read synchronously
      this.#shell.open()?.catch(ignore)
    } catch {
      // the attempts report it
    }
    this.connect()
  }

  async #protocols(attempt: Attempt, given: Options['protocols']): Promise<readonly string[]> {
    await this.#shell.open()
    const more = typeof given === 'function' ? await given(attempt) : given
    return [SUBPROTOCOL, ...(checkProtocols('protocols', more) ?? [])]
  }

  #greet(exchange: HelloExchange<Payload, Data>): Promise<void> {
    this.#transmit = (data) => exchange.send(data)
    exchange.signal.addEventListener('abort', () => {
      this.#greeted = undefined
      this.#shell.feed({ type: 'disconnected' })
    })
    return new Promise((resolve, reject) => {
      this.#greeted = { resolve, reject }
      this.#shell.feed({ type: 'connected' })
      const next = (): void => {
        exchange.receive().then((data) => {
          this.#receive(data)
          // messages may arrive while the name of a new session is still being stored
          if (this.#greeted) next()
        }, ignore)
      }
      next()
    })
  }

  #live(): void {
    this.#takeovers.live()
    this.#greeted?.resolve()
    this.#greeted = undefined
  }

  #violated(problem: string): void {
    if (this.#greeted) this.#greeted.reject(new SessionProtocolError(problem))
    else inherited.close.call(asIs(this), closeCodes.clientViolation, problem)
  }

  #hear<K extends keyof Events>(type: K, detail: Events[K]): void {
    if (type === 'message') return this.#receive(detail as Data)
    // messages that a connection did not accept are held
    if (type === 'drop') return
    if (type === 'state') this.#enter((detail as Events['state']).to)
    if (type === 'close') this.#closed(detail as Events['close'])
    this.#emitter.emit(type, detail as NodeSessionEvents[K])
  }

  #enter(state: SocketState): void {
    if (state === 'open') {
      const { send } = inherited
      this.#transmit = (data) => send.call(asIs(this), data)
    }
    if (state === 'closed') this.#shell.close()
  }

  #closed({ by, code }: Events['close']): void {
    if (by !== 'peer') return
    if (code === closeCodes.ended) this.#shell.feed({ type: 'ended', reason: 'ended' })
    if (code === closeCodes.limits) this.#shell.feed({ type: 'ended', reason: 'limits' })
  }

  #receive(data: Data): void {
    if (typeof data !== 'string') return this.#shell.feed({ type: 'payload', size: payloadSize(data), data })
    if (isControl(data)) return this.#shell.feed(decode(data))
    // at least a third of its bytes in UTF-8: accurate enough for acknowledging, and counting bytes is expensive
    this.#shell.feed({ type: 'payload', size: data.length, data: unescape(data) })
  }

  #hand(data: Payload): void {
    try {
      this.#transmit(data)
    } catch {
      // the connection is about to end; the message is sent again on the next one
    }
  }

  #deliver(data: Data): void {
    if (this.#emitter.heeds('data'))
      this.#emitter.tell('data', { opcode: typeof data === 'string' ? 1 : 2, data })
    this.#emitter.emit('message', data)
  }

  #lost(detail: LostDetail): void {
    this.#emitter.emit('lost', detail)
    if (detail.reason !== 'store') return
    // this connection cannot continue with what the store failed to record
    if (this.state === 'open') inherited.reconnect.call(asIs(this))
    else if (detail.cause !== undefined) this.#greeted?.reject(detail.cause as Error)
  }

  /** The session's own verdict on an end, if the user's `decide` returns none. */
  #decide(end: End, given: Decision | Promise<Decision>): Decision | Promise<Decision> {
    const own = this.#shell.state.phase === 'live' ? this.#takeovers.judge(end) : undefined
    if (given === undefined) return own
    return Object(given) === given ? (given as Promise<Decision>).then((decision) => decision ?? own) : given
  }
}

/** The heartbeat uses the session's ping: a page cannot send pings, and other messages would be counted. */
function beats(given: Options['heartbeat']): Options['heartbeat'] {
  if (given !== undefined && given !== true && !isObject(given)) return given
  return { ...(given as object), message: PING, isReply: (data) => data === PING }
}

/** A SessionSocket as the ReconnectingSocket that it is at run time. */
function asIs(socket: object): ReconnectingSocket {
  return socket as ReconnectingSocket
}

function ignore(): void {}
