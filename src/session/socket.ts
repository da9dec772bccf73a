/** SessionSocket: a ReconnectingSocket whose messages survive lost connections. */
import { platform as defaultPlatform } from '#platform'
import { copyOf, type Data, isBlob, checkPayload, payloadSize } from '../delivery/payload.js'
import { InvalidArgumentError, OutboxFullError } from '../diagnostics/errors.js'
import type { Closed, End } from '../machine/state.js'
import type { HelloExchange } from '../options/hello.js'
import type { Endpoint, Options } from '../options/options.js'
import type { Attempt, Provider } from '../options/provider.js'
import { isObject, oneOf } from '../options/rules.js'
import { checkProtocols } from '../options/settings.js'
import type { Link, Platform } from '../platform/platform.js'
import { deliver } from '../socket/deliver.js'
import { drain, type DrainOptions, overrules } from '../socket/drain.js'
import { defer, type Deferred } from '../socket/deferred.js'
import type { Emitter } from '../socket/emitter.js'
import { eventTypes, type StateDetail } from '../socket/events.js'
import type { Shell } from '../socket/shell.js'
import { ReconnectingSocket, shellOf } from '../socket/socket.js'
import { SessionLostError, SessionProtocolError } from './errors.js'
import type { AnySessionListener, HeldView, LostDetail, NodeSessionEvents, SessionEvents } from './events.js'
import { readSession, type SessionSettings, type SessionSocketOptions } from './options.js'
import {
  closeCodes,
  decodeAs,
  decodeWelcome,
  isControl,
  PING,
  SUBPROTOCOL,
  unescape,
} from './protocol/wire.js'
import { type Owner, SessionShell } from './shell.js'
import type { Payload } from './store.js'

/** A ReconnectingSocket but for the numbers of its messages. */
interface SocketBase<E extends SessionEvents> extends Omit<ReconnectingSocket, 'send' | 'on' | 'off'> {
  /** Adds a listener for all events, including the session's. Returns an unsubscribe function. */
  on(type: '*', listener: AnySessionListener): () => void
  /** Adds a listener for one event, such as `resumed` or `lost`. Returns an unsubscribe function. */
  on<K extends keyof E>(type: K, listener: (detail: E[K]) => void): () => void
  /** Removes a listener for all events. */
  off(type: '*', listener: AnySessionListener): void
  /** Removes a listener. */
  off<K extends keyof E>(type: K, listener: (detail: E[K]) => void): void
}

const Base = ReconnectingSocket as unknown as new <E extends SessionEvents>(
  url: Provider<Endpoint>,
  options: Options,
) => SocketBase<E>

/**
 * A WebSocket that delivers messages exactly once and in order, in both directions, across lost connections, server
 * crashes and, with a `store`, reloads and crashes of this client. The server must support the subprotocol
 * `everopen.session.1`, as `everopen/server` does.
 *
 * Otherwise it behaves like a ReconnectingSocket. `close()` leaves the session here, and on the server for its time to
 * live: `connect()` resumes it. `end()` ends it. `drain()` resolves when the server has acknowledged all messages, and
 * rejects with SessionLostError if messages are lost meanwhile.
 */
export class SessionSocket<E extends SessionEvents = SessionEvents> extends Base<E> {
  readonly #settings: SessionSettings
  readonly #shell: SessionShell
  #exchange: HelloExchange<Payload, Data> | undefined
  /** Settles the `hello` in progress. */
  #greeted: Deferred<void> | undefined
  /** Consecutive connections that were taken over by another client before they were stable. */
  #takeovers = 0
  /** Closes the connection, as the platform does when its peer violates a protocol. */
  #fail: ((error: Error, ...close: Parameters<Link['close']>) => void) | undefined

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
    const dial: Platform['dial'] = (target, given, listener) => {
      const link = platform.dial(target, given, listener)
      this.#fail = (error, ...close) => {
        listener.onError(error)
        link.close(...close)
      }
      return link
    }
    const isFinal: Platform['isFinal'] = (end, attempt) => this.#isFinal(end, attempt)
    super(
      url,
      {
        ...rest,
        autoConnect: false,
        outbox: false,
        protocols: (attempt) => this.#protocols(attempt, rest.protocols),
        hello: (exchange) => this.#greet(exchange),
        heartbeat: beats(rest.heartbeat),
      },
      // not part of the public signature of that class
      ...([{ ...platform, dial, isFinal }] as unknown as []),
    )
    const socket = shellOf(this)
    this.#settings = settings
    this.#shell = new SessionShell(this.#own(socket), settings.store)
    this.#join(socket)
    if (rest.autoConnect === false || rest.signal?.aborted) return
    try {
      // numbers continue from those of the store if it can be read synchronously
      this.#shell.open()?.catch(ignore)
    } catch {
      // the attempts report it
    }
    this.connect()
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
   * @throws InvalidArgumentError for what is not an integer, or is more than `send()` has returned.
   */
  delivered(number: number): Promise<void> {
    if (!Number.isInteger(number) || number > this.#shell.last)
      throw new InvalidArgumentError('number', 'must be a number that send() has returned')
    return this.#shell.delivered(number)
  }

  /**
   * Ends the session: the server and the store forget it. `lost` reports unacknowledged messages; await `delivered()`
   * first to lose none.
   */
  end(): void {
    const left = this.#shell.leave()
    this.close(1000)
    // a store that cannot be opened is reported by the next attempt
    if (!left) this.#shell.leaveClosed().catch(ignore)
  }

  /** What the session does to its socket. */
  #own(socket: Shell): Owner {
    const emitter: Emitter<NodeSessionEvents> = socket.emitter
    return {
      clock: socket.platform.clock,
      transmit: (data) => {
        try {
          if (socket.state.name === 'open') socket.send(data, noOptions)
          else this.#exchange!.send(data)
        } catch {
          // the connection is about to end; the message is sent again on the next one
        }
      },
      deliver: (data) => deliver(emitter, undefined, data as Data),
      lost: (detail) => {
        emitter.emit('lost', detail)
        if (detail.reason !== 'store') return
        // this connection cannot continue with what the store failed to record
        if (!this.#greeted) this.#fail?.(new SessionLostError('store'))
        else if (detail.cause !== undefined) this.#greeted.reject(detail.cause)
      },
      resumed: (detail) => emitter.emit('resumed', detail),
      live: () => {
        this.#greeted?.resolve()
        this.#greeted = undefined
      },
      violation: (problem) => {
        const error = new SessionProtocolError(problem)
        if (this.#greeted) this.#greeted.reject(error)
        else this.#fail!(error, closeCodes.clientViolation, problem)
      },
    }
  }

  /** Stands between the socket and its listeners. */
  #join(socket: Shell): void {
    const emitter: Emitter<NodeSessionEvents> = socket.emitter
    const feed = socket.feed.bind(socket)
    socket.feed = (input) => {
      // the connection may be about to end
      if (overrules.has(input.type)) this.#shell.flush()
      feed(input)
    }
    const hint = socket.hint.bind(socket)
    socket.hint = (given) => {
      hint(given)
      // WebKit takes the lock of a page in the back/forward cache away: another page may go on with the session
      if (given === 'suspend') this.#shell.close()
    }
    socket.hear = (data) => this.#receive(data)
    socket.left = this.#shell.left
    socket.bound['drain'] = (options: DrainOptions = {}) => {
      const drained = drain(socket, options)
      const lost = new Promise<never>((_resolve, reject) => {
        const undo = emitter.on('lost', ({ reason, messages }: LostDetail) => {
          if (messages.length > 0) reject(new SessionLostError(reason))
        })
        drained.then(undo, undo)
      })
      return Promise.race([drained, lost])
    }
    // messages that a connection did not accept are held
    socket.dropped = ignore
    socket.heard = (type) => {
      checkType('type', type)
      return emitter
    }
    const ended = (end: End): void => {
      const reason = lossBy(end)
      if (reason && this.id) this.#shell.feed({ type: 'ended', reason })
    }
    emitter.on('state', ({ to }: StateDetail) => {
      if (to !== 'closed') return
      // while the store is open: it has to be cleared
      ended((socket.state as Closed).end)
      this.#shell.close()
    })
    emitter.on('close', ended)
  }

  async #protocols(attempt: Attempt, given: Options['protocols']): Promise<readonly string[]> {
    await this.#shell.open()
    const more = typeof given === 'function' ? await given(attempt) : given
    return [SUBPROTOCOL, ...(checkProtocols('protocols', more) ?? [])]
  }

  async #greet(exchange: HelloExchange<Payload, Data>): Promise<void> {
    this.#exchange = exchange
    exchange.signal.addEventListener('abort', () => {
      this.#greeted = undefined
      this.#shell.feed({ type: 'disconnected' })
    })
    // the store may have failed while the attempt was under way
    await this.#shell.open()
    const { promise } = (this.#greeted = defer())
    this.#shell.feed({ type: 'connected' })
    // only the welcome: messages may arrive while the name is still being stored, and are held until `open`
    exchange.receive().then((data) => this.#receive(data), ignore)
    return promise
  }

  #receive(data: Data): void {
    this.#shell.feed(
      typeof data !== 'string'
        ? { type: 'payload', size: payloadSize(data), data }
        : isControl(data)
          ? decodeAs(data, decodeWelcome)
          : // at least a third of its bytes in UTF-8: accurate enough for acknowledging, and counting bytes is expensive
            { type: 'payload', size: data.length, data: unescape(data) },
    )
  }

  /**
   * After a session has ended, no new one starts by itself. A session that was taken over is taken back once, because a
   * delayed hello of this same client may be the cause; two clients with one session would alternate forever.
   */
  #isFinal(end: End, attempt: number): boolean {
    // the first attempt of a run, or a stable connection
    if (attempt === 1) this.#takeovers = 0
    return (
      this.#shell.state.phase === 'live' &&
      ((isBy(end, closeCodes.takenOver) && ++this.#takeovers > 1) || !!lossBy(end))
    )
  }
}

/** The heartbeat uses the session's ping: a page cannot send pings, and other messages would be counted. */
function beats(given: Options['heartbeat']): Options['heartbeat'] {
  return given === true || isObject(given ?? {})
    ? { ...(given as object), message: PING, isReply: (data) => data === PING }
    : given
}

function isBy({ by, code }: End, given: number): boolean {
  return by === 'peer' && code === given
}

/** Why the server has ended the session, if it has. */
function lossBy(end: End): 'ended' | 'limits' | undefined {
  return (['ended', 'limits'] as const).find((reason) => isBy(end, closeCodes[reason]))
}

const noOptions = {}
const checkType = oneOf(...eventTypes, 'resumed', 'lost')

function ignore(): void {}
