/** `everopen/tabs`: one connection for all tabs of an application. */
import { checkOptions, type TabsOptions } from './options.js'
import { createClass, type TabSocketConstructor } from './socket.js'

/**
 * Returns a class with the WHATWG WebSocket interface. Its sockets share one connection with those of all other tabs of
 * the same origin that use the same key. Pass it as the `WebSocket` option of ReconnectingSocket and
 * ReconnectingWebSocket, or to any other client that accepts a class:
 *
 *     new ReconnectingSocket('wss://example.test/live', { WebSocket: tabs() })
 *
 * One tab is the leader: it holds a Web Lock and the connection. The others communicate with it over a BroadcastChannel.
 * If either API is missing, each tab has its own connection, and `log` reports it. docs/tabs.md lists the guarantees.
 * @throws InvalidArgumentError
 */
export function tabs(options: TabsOptions = {}): TabSocketConstructor {
  checkOptions('options', options)
  return createClass(options, globalThis)
}

export type { TabsOptions, TabsRecord, TabsRole } from './options.js'
export type { TabSocket, TabSocketConstructor } from './socket.js'
export type { Resubscribe } from './topics.js'
