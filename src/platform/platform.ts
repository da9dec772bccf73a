/** The interface to everything that differs between browsers and Node. */
import type { Target } from '../machine/state.js'
import type { Message } from '../delivery/outbox.js'
import type { NodeOptions } from '../options/node-options.js'
import type { HintSource, Options, WebSocketClass } from '../options/options.js'
import type { Data, Sendable } from '../delivery/payload.js'
import type { IsFinal, ReadAnswer } from '../retry/verdict.js'
import type { Clock } from '../time/clock.js'
import type { Attempt } from '../options/provider.js'

/** One platform socket, from `dial()` to `drop()`. */
export interface Link {
  /** The subprotocol selected by the server; '' before the connection is open. */
  readonly protocol: string
  /** The extensions accepted by the server; '' before the connection is open. */
  readonly extensions: string
  /** Bytes handed over and not yet passed to the network. */
  readonly bufferedAmount: number
  /** The same as the standard defines it: payload only. Missing if `bufferedAmount` is that already. */
  readonly payloads?: number
  /** Whether the platform would send a message now. This may change before `onClose`. */
  readonly ready: boolean
  /** Whether another socket owns the connection, with its hello and heartbeat. Known from `onOpen` on. */
  readonly shared?: boolean
  /** The application's hello is done: other sockets may share the connection. */
  readonly established?: () => void
  binaryType: 'arraybuffer' | 'blob'
  /**
   * Hands over a message, and remembers it while it may turn out not to have been sent. Returns false if the platform
   * did not accept it; the caller keeps the message.
   */
  send(message: Message): boolean
  /** Hands over a message of the heartbeat, which is not reported when lost. */
  beat(data: Sendable): void
  /** Starts the closing handshake. */
  close(code?: number, reason?: string): void
  /** The accepted messages that are known not to have been sent, oldest first. */
  unsent(): readonly Message[]
  /** Disconnects at once. No events follow. */
  drop(): void
  /** Sends a protocol ping. Missing if the platform cannot. */
  readonly ping?: () => void
  /** Pauses reading from the network. Missing if the platform cannot. */
  readonly pause?: () => void
  readonly resume?: () => void
  /**
   * A count of what the system has accepted from this process so far, in bytes or messages. It keeps growing while a
   * slow peer receives a large message, and stands still if the peer is gone. Missing if unknown.
   */
  readonly taken?: () => number
  /** Bytes received so far. Missing if the platform does not count them. */
  readonly received?: () => number
}

/** How a server accepted the opening handshake. */
export interface HandshakeDetail {
  /** The HTTP status: 101. */
  readonly status: number
  /** The response headers, names in lower case; at most 100, with values of at most 4,096 characters. */
  readonly headers: Readonly<Record<string, string | readonly string[]>>
  /** The subprotocol that the server selected; '' if none. */
  readonly protocol: string
  /** The extensions that it accepted; '' if none. */
  readonly extensions: string
  /** Duration of each step in ms; 0 for a step that did not occur. Time spent in an agent counts as `tcp`. */
  readonly timings: {
    /** Resolving the host name. */
    readonly dns: number
    /** Connecting. */
    readonly tcp: number
    /** The TLS handshake. */
    readonly tls: number
    /** The HTTP request and its response. */
    readonly upgrade: number
  }
}

/** Events that only some platforms provide. */
export interface Reports {
  /** A ping from the peer, with its payload. It has been answered. */
  ping: Uint8Array
  /** A pong from the peer, with its payload. */
  pong: Uint8Array
  /** The server accepted the handshake; `open` follows. */
  handshake: HandshakeDetail
}

/** Receives the events of a platform socket. */
export interface LinkListener {
  onOpen(): void
  onMessage(data: Data): void
  onPong(): void
  /** An event that only some platforms have. */
  onReport<K extends keyof Reports>(type: K, detail: Reports[K]): void
  /**
   * The platform has room again: everything is with the network. Never called within a send. Only on some platforms.
   */
  onRoom(): void
  /** A message that was handed over can never be sent. Only on some platforms. */
  onLost(data: Sendable): void
  /** The peer will send nothing more; `onClose` should follow, but may not. Only on some platforms. */
  onEnding(): void
  /** An error occurred; `onClose` should follow, but may not. */
  onError(error: unknown): void
  onClose(code: number, reason: string, wasClean: boolean): void
}

/** Wraps a listener, to hold back the events of a platform socket. */
export interface HeldListener extends LinkListener {
  /** Delays further events until the next turn of the event loop, after all promises. */
  hold(): void
}

/** Options for dialing. */
export interface DialOptions {
  readonly binaryType: 'arraybuffer' | 'blob'
  readonly closeTimeout: number
  /** When the attempt times out, by the monotonic clock. */
  readonly due?: number
  readonly WebSocket?: WebSocketClass | undefined
  readonly node: NodeOptions
}

/** The meaning of another class's options. */
export interface ForeignMeaning {
  readonly node: NodeOptions
  readonly connectTimeout?: number
}

export type Provide = (node: NodeOptions, attempt: Attempt, url: Promise<string>) => Promise<Partial<Target>>

export interface Platform {
  readonly clock: Clock
  /** Uniform in [0, 1). */
  readonly random: () => number
  /** Whether a late timer means that the process was suspended. A hidden page's timers run once a minute. */
  readonly punctual?: boolean
  /** The source of hints. */
  readonly hints: HintSource
  /** Interprets the HTTP response to the handshake. Missing if the platform never shows one. */
  readonly readAnswer?: ReadAnswer
  /** Set by a protocol on top of the socket's, which knows more about an end. */
  readonly isFinal?: IsFinal
  /** URL schemes it supports beyond those of a browser. */
  readonly schemes?: readonly string[]
  /** The class to use if the user gives none, looked up each time: the global one, if a test has replaced it. */
  readonly stubbed?: () => WebSocketClass | undefined
  /** What the `error` events of its classes contain: `nothing` in browsers, the error and its message in Node. */
  readonly errorEvents?: 'nothing' | 'error'
  /** Whether the engine's own EventTarget is a script, so that the text of its methods does not show who wrote them. */
  readonly scripted?: boolean
  /** Maps options of other WebSocket classes to the `node` option. Missing if they are ignored. */
  readonly adopt?: (foreign: Readonly<Record<string, unknown>>) => ForeignMeaning
  /**
   * Merges two `node` options by name, and their headers by name; the second one takes precedence. Missing if the
   * option is ignored.
   */
  readonly merge?: (first: NodeOptions | undefined, second: NodeOptions | undefined) => NodeOptions
  /** Splits options in the place of the subprotocols. Missing if they are not accepted there, as by the standard. */
  readonly split?: (
    second: unknown,
    list: unknown,
    third: unknown,
  ) => readonly [protocols: unknown, options: unknown] | undefined
  /** Checks the `node` option with the others. Throws InvalidArgumentError. Missing if the option is ignored. */
  readonly check?: (node: NodeOptions, options?: Options) => void
  /**
   * What the `node` option contributes to an attempt, beyond URL and protocols. The result may contain more than a
   * Target, for the platform's own `dial`. Missing, or undefined for a given class, if the option is ignored.
   */
  readonly provide?: (WebSocket: WebSocketClass | undefined) => Provide | undefined
  /** Missing if each event of a platform socket has its own turn of the event loop. */
  readonly Held?: new (listener: LinkListener) => HeldListener
  /** Opens a platform socket. Throws if it cannot even try. */
  dial(target: Target, options: DialOptions, listener: LinkListener): Link
}
