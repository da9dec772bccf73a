/** Options with the names, meanings and defaults of the package reconnecting-websocket. */
import type { CloseEvent } from './events.js'

/** Options. All durations are in milliseconds. */
export type Options = {
  /** A class with the WHATWG interface. Default: the global `WebSocket`. */
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- as that package has it: whatever class one has
  WebSocket?: any
  /** Upper bound of the delay. Default 10,000. */
  maxReconnectionDelay?: number
  /** The delay before the first retry. Default 1,000 to 5,000, drawn once; with partysocket 3,000. */
  minReconnectionDelay?: number
  /** Growth factor of the delays. Default 1.3. */
  reconnectionDelayGrowFactor?: number
  /** How long a connection must last until the retry count returns to 0. Default 5,000. */
  minUptime?: number
  /** Time limit for an attempt, including the URL provider. Default 4,000. */
  connectionTimeout?: number
  /** Largest number of consecutive retries. Default: no limit. */
  maxRetries?: number
  /** Largest number of queued messages; further messages are dropped. Default: no limit. */
  maxEnqueuedMessages?: number
  /** Whether to wait for `reconnect()`. Default false. */
  startClosed?: boolean
  /** Whether to log to the console. Default false. */
  debug?: boolean
  /** Only partysocket: replaces `console.log`. */
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- as that package has it: a logger of strings will do
  debugLogger?: (...args: any[]) => void
  /** Only partysocket: whether to reconnect after this close. Default: always. */
  shouldReconnectOnClose?: (event: CloseEvent) => boolean
}

/** A URL, or a function that returns it before every attempt. */
export type UrlProvider = string | (() => string | Promise<string>)

/** Subprotocols or, with partysocket, a function that returns them before every attempt. */
export type ProtocolsProvider =
  null | string | string[] | (() => string | string[] | null | Promise<string | string[] | null>)
