/** `everopen/tabs`: one connection for all tabs of an application. */
import { checkOptions, type TabsOptions } from './options.js'
import { createClass, type TabSocketConstructor } from './socket.js'

/**
 * Makes a class with the WHATWG WebSocket interface whose sockets share one connection with those of all other tabs of
 * the same origin that have the same key. It goes into the `WebSocket` option of ReconnectingSocket and
 * ReconnectingWebSocket, or wherever another client takes a class:
 *
 *     new ReconnectingSocket('wss://example.test/live', { WebSocket: tabs() })
 *
 * One tab leads: it holds a Web Lock and the connection. The others reach it over a BroadcastChannel. Where one of the
 * two is missing, each tab has its own connection, and says so in `log`. docs/tabs.md says what is guaranteed.
 * @throws InvalidArgumentError
 */
export function tabs(options: TabsOptions = {}): TabSocketConstructor {
  checkOptions(options)
  return createClass(options, globalThis)
}

export type { TabsOptions, TabsRecord, TabsRole } from './options.js'
export type { TabSocket, TabSocketConstructor } from './socket.js'
export type { Resubscribe } from './topics.js'
