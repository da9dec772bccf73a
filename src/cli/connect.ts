/** Creates the socket. The only place where options of the command become options of the library. */
import {
  InvalidArgumentError,
  type LogRecord,
  type NodeEvents,
  type NodeOptions,
  type Options,
  ReconnectingSocket,
} from '../index.js'
import { MissingPackageError } from '../diagnostics/errors.js'
import { systemClock } from '../time/clock.js'
import { clockJumps } from '../platform/hints.js'
import type { ConnectConfig } from './config.js'
import { proxyAgent } from '../proxy/agent.js'
import { environmentProxy } from '../proxy/environment.js'
import { checkEndpoint } from '../options/settings.js'
import { CountedStore } from './counted-store.js'
import { UsageError } from './usage-error.js'
import { misuse } from './words.js'
import type { Hint } from '../machine/state.js'
import type { HandshakeDetail } from '../platform/platform.js'
import type {
  NodeSessionEvents,
  SessionSocket,
  SessionSocketOptions,
  SessionStore,
} from '../session/index.js'

/** Receives reports beyond the socket's own events. */
export interface Listener {
  log(record: LogRecord): void
  timings(timings: HandshakeDetail['timings']): void
  /** A ping or pong was received. */
  control(type: 'ping' | 'pong', payload: Uint8Array): void
}

/** The common interface of both kinds of socket. */
export interface CommandSocket extends Omit<
  ReconnectingSocket<NodeEvents>,
  'send' | 'on' | 'off' | 'drain' | 'outbox'
> {
  on<K extends keyof NodeEvents>(type: K, listener: (detail: NodeEvents[K]) => void): () => void
  /** With a session: the number of the message being delivered. */
  readonly received?: number
}

/** A socket without `--session`. */
export interface PlainPrepared {
  readonly session: false
  readonly socket: ReconnectingSocket<NodeEvents>
  /** Pings now, if a connection is open; a `heartbeat` event follows. */
  readonly ping: () => void
}

/** A socket with `--session`. */
export interface SessionPrepared {
  readonly session: true
  readonly socket: SessionSocket<NodeSessionEvents>
  /** With `--session-file`: its store. */
  readonly store: CountedStore | undefined
  readonly ping: () => void
}

/** A socket that has not connected yet. */
export type Prepared = PlainPrepared | SessionPrepared

/** Rejects with UsageError, which never contains a value. */
export async function prepare(config: ConnectConfig, listener: Listener): Promise<Prepared> {
  let ping = (): void => {}
  try {
    const options = {
      autoConnect: false,
      protocols: config.protocols,
      connectTimeout: config.connectTimeout,
      closeTimeout: config.closeTimeout,
      heartbeat: config.heartbeat,
      retry: config.retry,
      readAhead: 100,
      node: nodeOptions(config),
      log: (record: LogRecord) => listener.log(record),
      // the platform's own hints, and those of /ping
      hints(tell: (hint: Hint) => void) {
        ping = () => tell('probe')
        return clockJumps(systemClock, tell)
      },
    }
    // with `autoConnect: false` the library checks them only when it connects; report a typing error now
    checkEndpoint('url', config.urls, ['ws+unix:'])
    const prepared: Prepared = config.session
      ? await prepareSession(config.urls, options, config.session, () => ping())
      : { session: false, socket: plainSocket(config, options), ping: () => ping() }
    const socket: CommandSocket = prepared.socket
    socket.on('handshake', ({ timings }) => listener.timings(timings))
    for (const type of ['ping', 'pong'] as const)
      socket.on(type, (payload) => listener.control(type, payload))
    return prepared
  } catch (error) {
    if (!(error instanceof InvalidArgumentError)) throw error
    throw new UsageError(error.argument === 'url' ? error.message + meant(config.urls) : misuse(error))
  }
}

/** A hint for a URL like `localhost:80/feed`, whose host looks like a scheme; without what may be secret. */
function meant(urls: readonly string[]): string {
  for (const url of urls) {
    const [place, port] = /^[\w.-]+:(\d+)(?:\/[^?#@]*)?(?=[?#]|$)/.exec(url) ?? []
    if (place !== undefined) return `; did you mean ${port === '443' ? 'wss' : 'ws'}://${place}?`
  }
  return ''
}

function plainSocket({ urls, hello }: ConnectConfig, options: Options): ReconnectingSocket<NodeEvents> {
  return new ReconnectingSocket<NodeEvents>(urls, {
    ...options,
    hello: hello && ((exchange) => hello.forEach((message) => exchange.send(message))),
  })
}

async function prepareSession(
  urls: readonly string[],
  options: SessionSocketOptions,
  { file }: NonNullable<ConnectConfig['session']>,
  ping: () => void,
): Promise<SessionPrepared> {
  const { SessionSocket } = await import('../session/index.js')
  const store = file === undefined ? undefined : new CountedStore(await fileStore(file))
  const socket = new SessionSocket<NodeSessionEvents>(urls, { ...options, session: { store } })
  return { session: true, socket, store, ping }
}

async function fileStore(path: string): Promise<SessionStore> {
  const { file } = await import('../session/file/index.js')
  try {
    // a second run waits for the first: messages kept in a separate file might never be sent
    return file(path, { inUse: 'wait' })
  } catch (error) {
    if (!(error instanceof MissingPackageError)) throw error
    throw new UsageError('--session-file needs the package better-sqlite3: install it next to everopen')
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
