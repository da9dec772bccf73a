/** The socket for a command line: the one place that knows how the library and `ws` name things. */
import type { EventEmitter } from 'node:events'
import type { ClientRequest } from 'node:http'
import { InvalidArgumentError, ReconnectingSocket, type LogRecord, type Options } from '../index.js'
import { systemClock } from '../platform/clock.js'
import { clockJumps } from '../platform/hints.js'
import type { ConnectConfig } from './config.js'
import { type Timings, watchTimings } from './dialing.js'
import { proxyAgent } from './proxy.js'
import { UsageError } from './usage-error.js'

/** What is told beside the socket's own events. */
export interface Listener {
  log(record: LogRecord): void
  timings(timings: Timings): void
  /** A ping or pong was received. */
  control(type: 'ping' | 'pong', payload: Buffer): void
}

/** A socket that is not dialing yet. */
export interface Prepared {
  readonly socket: ReconnectingSocket
  /** Pings now, where a connection is open; a `heartbeat` event tells of the answer. */
  readonly ping: () => void
}

/** Throws UsageError, which never quotes a value. */
export function prepare(config: ConnectConfig, listener: Listener): Prepared {
  let ping = (): void => {}
  const options: Options = {
    autoConnect: false,
    protocols: config.protocols,
    connectTimeout: config.connectTimeout,
    closeTimeout: config.closeTimeout,
    heartbeat: config.heartbeat,
    retry: config.retry,
    readAhead: 100,
    node: nodeOptions(config, listener),
    log: (record) => listener.log(record),
    // the platform's own, and one that says when to ping
    hints(tell) {
      ping = () => tell('probe')
      return clockJumps(systemClock, tell)
    },
  }
  try {
    return { socket: new ReconnectingSocket(config.urls, options), ping: () => ping() }
  } catch (error) {
    if (error instanceof InvalidArgumentError) throw new UsageError(error.message)
    throw error
  }
}

function nodeOptions(config: ConnectConfig, listener: Listener): NonNullable<Options['node']> {
  const { auth, cookie, origin, proxy, maxPayload } = config
  const { insecure, ...tls } = config.tls
  return {
    headers: headersOf(config.headers, [
      ['Authorization', auth && `Basic ${Buffer.from(auth).toString('base64')}`],
      ['Cookie', cookie],
    ]),
    ...tls,
    ...(insecure && { rejectUnauthorized: false }),
    ...(origin !== undefined && { origin }),
    ...(proxy !== undefined && { agent: proxyAgent(proxy) }),
    ...(maxPayload !== undefined && { maxPayload }),
    perMessageDeflate: config.compression,
    finishRequest(request: ClientRequest, socket: EventEmitter) {
      watchTimings(request, (timings) => listener.timings(timings))
      for (const type of ['ping', 'pong'] as const)
        socket.on(type, (payload: Buffer) => listener.control(type, payload))
      request.end()
    },
  }
}

/** Those of the user, and those that have options of their own. A name that is given twice has a list of values. */
function headersOf(
  given: ConnectConfig['headers'],
  own: readonly (readonly [string, string | undefined])[],
): Record<string, string> {
  const result = new Map<string, readonly [name: string, value: string]>()
  for (const [name, value] of [...given, ...own]) {
    if (value === undefined) continue
    const key = name.toLowerCase()
    const before = result.get(key)?.[1]
    const separator = key === 'cookie' ? '; ' : ', '
    result.set(key, [name, before === undefined ? value : before + separator + value])
  }
  return Object.fromEntries(result.values())
}
