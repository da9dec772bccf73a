/** What differs between browser and Node, behind one interface. */
import type { Target } from '../machine/state.js'
import type { Message } from '../delivery/outbox.js'
import type { NodeOptions } from '../options/node-options.js'
import type { HintSource, Options, WebSocketClass } from '../options/options.js'
import type { Data, Sendable } from '../delivery/payload.js'
import type { ReadAnswer } from '../retry/verdict.js'
import type { Clock } from '../time/clock.js'
import type { Attempt } from '../options/provider.js'

/** One platform socket, from dial to drop. */
export interface Link {
  /** The subprotocol the server chose; '' before the connection is open. */
  readonly protocol: string
  /** The extensions the server accepted; '' before the connection is open. */
  readonly extensions: string
  /** Bytes handed over and not yet given to the network. */
  readonly bufferedAmount: number
  /** The same as the standard counts it, the messages' payload alone. Missing where bufferedAmount does so. */
  readonly payloads?: number
  /** Whether the platform would transmit a message now. It may stop before it says `close`. */
  readonly ready: boolean
  /** Whether the connection is that of another, who shakes hands on it and watches it. To be asked at `onOpen`. */
  readonly shared?: boolean
  /** The application's handshake is done: others may share the connection. */
  readonly established?: () => void
  binaryType: 'arraybuffer' | 'blob'
  /**
   * Hands over a message, and remembers it while it may still turn out that it was not transmitted. False where the
   * platform did not take it: it is still the caller's.
   */
  send(message: Message): boolean
  /** Hands over a heartbeat's message, which is nobody's loss. */
  beat(data: Sendable): void
  /** Starts the closing handshake. */
  close(code?: number, reason?: string): void
  /** The messages that the platform took and that are known not to have been sent, oldest first. */
  unsent(): readonly Message[]
  /** Lets go at once: no event follows, nothing is awaited. */
  drop(): void
  /** Sends a protocol ping. Missing where the platform has none. */
  readonly ping?: () => void
  /** Stops and restarts reading from the network. Missing where the platform cannot. */
  readonly pause?: () => void
  readonly resume?: () => void
  /**
   * Bytes that the system has taken from this process so far, or messages' worth of them: it goes on growing while a
   * slow peer takes a large message, and stands still where a peer is gone. Missing where that cannot be known.
   */
  readonly taken?: () => number
  /** Bytes received so far. Missing where the platform does not count them. */
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
    readonly dns: number
    readonly tcp: number
    readonly tls: number
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

/** What a platform socket tells. */
export interface LinkListener {
  onOpen(): void
  onMessage(data: Data): void
  onPong(): void
  /** Something that not every platform can tell. */
  onReport<K extends keyof Reports>(type: K, detail: Reports[K]): void
  /** The platform has room again: all that was handed over is with the network. Never within a send; not told by all. */
  onRoom(): void
  /** A message that was handed over cannot be sent, ever. Not told by all. */
  onLost(data: Sendable): void
  /** The peer will send nothing more; `onClose` should follow, and is not relied on. Not told by all. */
  onEnding(): void
  /** Something went wrong; `onClose` should follow, and is not relied on. */
  onError(error: unknown): void
  onClose(code: number, reason: string, wasClean: boolean): void
}

/** Stands before a listener, to hold back what a platform socket tells. */
export interface HeldListener extends LinkListener {
  /** What comes from now on is told in the next turn of the event loop, after all promises. */
  hold(): void
}

/**
 * The listeners to `message` of one WebSocket, beside the engine's own registry of them: called directly they cost a
 * tenth of the engine's dispatch.
 */
export interface MessageListeners {
  /** As `addEventListener` was called. */
  add(listener: unknown, options: unknown): void
  /** As `removeEventListener` was called. */
  remove(listener: unknown, options: unknown): void
  /** Calls all with an event for `target`. False where the engine has to: one of them needs what only it can do. */
  tell(target: object, data: unknown, origin: string): boolean
}

/** How to dial. */
export interface DialOptions {
  readonly binaryType: 'arraybuffer' | 'blob'
  readonly closeTimeout: number
  readonly WebSocket: WebSocketClass | undefined
  readonly node: NodeOptions
}

/** What an option of another class comes to. */
export interface ForeignMeaning {
  readonly node: NodeOptions
  readonly connectTimeout?: number
}

export type Provide = (node: NodeOptions, attempt: Attempt, url: Promise<string>) => Promise<Partial<Target>>

export interface Platform {
  readonly clock: Clock
  /** Uniform in [0, 1). */
  readonly random: () => number
  /** Whether timers are late only where the process stood still. Those of a page that is hidden run once a minute. */
  readonly punctual?: boolean
  /** What the platform knows of the world around. */
  readonly hints: HintSource
  /** What an HTTP answer to the handshake means. Missing where none is ever seen. */
  readonly readAnswer?: ReadAnswer
  /** Schemes of URLs that it dials beside those of a browser. */
  readonly schemes?: readonly string[]
  /** A class that is to dial where the user gives none, looked up anew: the global one, where a test has set it. */
  readonly stubbed?: () => WebSocketClass | undefined
  /** What the `error` events of its own classes say: `nothing` in browsers, the error and its message in Node. */
  readonly errorEvents?: 'nothing' | 'error'
  /** Missing where the engine dispatches its events as quickly. */
  readonly MessageListeners?: new () => MessageListeners
  /** What options of other WebSocket classes mean as the `node` option. Missing where they are ignored. */
  readonly adopt?: (foreign: Readonly<Record<string, unknown>>) => ForeignMeaning
  /** Checks the `node` option, and what else is among the options. Throws InvalidArgumentError. Missing where it is ignored. */
  readonly check?: (node: NodeOptions, options?: Options) => void
  /**
   * What the `node` option gives to one attempt, beside URL and protocols; it may bring more than a Target holds, for
   * its own `dial`. Missing, or nothing for a class that is given, where that option is ignored.
   */
  readonly provide?: (WebSocket: WebSocketClass | undefined) => Provide | undefined
  /** Missing where each event of a platform socket has a turn of its own. */
  readonly Held?: new (listener: LinkListener) => HeldListener
  /** Opens a platform socket. Throws where it cannot even try. */
  dial(target: Target, options: DialOptions, listener: LinkListener): Link
}
