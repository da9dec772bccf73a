/** The socket for a command line: the one place that knows how the library names things. */
import {
  InvalidArgumentError,
  type LogRecord,
  type NodeEvents,
  type NodeOptions,
  type Options,
  ReconnectingSocket,
} from '../index.js'
import { systemClock } from '../time/clock.js'
import { clockJumps } from '../platform/hints.js'
import type { ConnectConfig } from './config.js'
import { proxyAgent } from '../proxy/agent.js'
import { environmentProxy } from '../proxy/environment.js'
import { checkEndpoint } from '../options/settings.js'
import { UsageError } from './usage-error.js'
import type { HandshakeDetail } from '../platform/platform.js'

/** What is told beside the socket's own events. */
export interface Listener {
  log(record: LogRecord): void
  timings(timings: HandshakeDetail['timings']): void
  /** A ping or pong was received. */
  control(type: 'ping' | 'pong', payload: Uint8Array): void
}

/** A socket that is not dialing yet. */
export interface Prepared {
  readonly socket: ReconnectingSocket<NodeEvents>
  /** Pings now, where a connection is open; a `heartbeat` event tells of the answer. */
  readonly ping: () => void
}

/** Throws UsageError, which never quotes a value. */
export function prepare(config: ConnectConfig, listener: Listener): Prepared {
  let ping = (): void => {}
  try {
    const options: Options = {
      autoConnect: false,
      protocols: config.protocols,
      connectTimeout: config.connectTimeout,
      closeTimeout: config.closeTimeout,
      heartbeat: config.heartbeat,
      hello: config.hello && ((greeting) => config.hello?.forEach((message) => greeting.send(message))),
      retry: config.retry,
      readAhead: 100,
      node: nodeOptions(config),
      log: (record) => listener.log(record),
      // the platform's own, and one that says when to ping
      hints(tell) {
        ping = () => tell('probe')
        return clockJumps(systemClock, tell)
      },
    }
    // with `autoConnect: false` the library looks at them when it dials, and a typing error is one now
    checkEndpoint('url', config.urls, ['ws+unix:'])
    const socket = new ReconnectingSocket<NodeEvents>(config.urls, options)
    socket.on('handshake', ({ timings }) => listener.timings(timings))
    for (const type of ['ping', 'pong'] as const)
      socket.on(type, (payload) => listener.control(type, payload))
    return { socket, ping: () => ping() }
  } catch (error) {
    if (error instanceof InvalidArgumentError) throw new UsageError(error.message)
    throw error
  }
}

function nodeOptions(config: ConnectConfig): NodeOptions {
  const { auth, cookie, origin, proxy, maxPayload } = config
  const { insecure, ...tls } = config.tls
  return {
    headers: [
      ...config.headers,
      ...(auth === undefined
        ? []
        : [['Authorization', `Basic ${Buffer.from(auth).toString('base64')}`] as const]),
    ],
    ...tls,
    ...(insecure && { insecureTls: true }),
    ...(cookie !== undefined && { cookie }),
    ...(origin !== undefined && { origin }),
    ...(proxy !== undefined && { agent: proxy === 'env' ? environmentProxy() : proxyAgent(proxy) }),
    ...(maxPayload !== undefined && { maxPayload }),
    perMessageDeflate: config.compression,
  }
}
