/** The socket that the page is about. The page shows this code. */
import { type Endpoint, type LogRecord, ReconnectingSocket } from 'everopen'
import { SessionSocket } from 'everopen/session'
import type { TabSocketConstructor } from 'everopen/tabs'

/** The backoff, short enough to watch. */
export const backoff = { base: 1_000, cap: 3_000 }
/** How long a connection must last to count as stable. In ms. */
export const stableAfter = 1_500

/** 1012 asks for a random 5–30 s: too long to watch. */
export const decide = ({ code }: { readonly code: number }): number | undefined =>
  code === 1012 ? 2_000 : undefined

/**
 * Dials at once, and stays open.
 * @param WebSocket Of `tabs()`, where several tabs share a connection.
 */
export function openSocket(
  url: Endpoint,
  log: (record: LogRecord) => void,
  WebSocket: TabSocketConstructor | undefined,
): ReconnectingSocket {
  return new ReconnectingSocket(url, {
    WebSocket,
    connectTimeout: 2_000,
    closeTimeout: 2_000,
    heartbeat: { interval: 2_000, timeout: 1_500, message: 'ping', isReply: (data) => data === 'pong' },
    retry: { backoff, stableAfter, decide },
    log,
  })
}

/** The same with a session, which dials when it is told to. Its heartbeat needs no words of the page's. */
export function openSession(url: Endpoint): SessionSocket {
  return new SessionSocket(url, {
    autoConnect: false,
    connectTimeout: 2_000,
    closeTimeout: 2_000,
    heartbeat: { interval: 2_000, timeout: 1_500 },
    retry: { backoff, stableAfter, decide },
  })
}
