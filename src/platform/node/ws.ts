/** `ws`, loaded on the first dial: a socket with another class never loads it. */
import type NodeWebSocket from 'isomorphic-ws'
import type { WebSocketClass } from '../../options/options.js'

export type Ws = typeof NodeWebSocket

let loaded: Ws | undefined

export async function loadWs(): Promise<void> {
  loaded ??= (await import('isomorphic-ws')).default
}

/** `undefined` before `loadWs()` is done. */
export const loadedWs = (): Ws | undefined => loaded

/** Whether it is a `ws` class, of any version, or extends one. */
export function isWs(given: WebSocketClass): given is Ws {
  const prototype = given.prototype as Record<string, unknown> | undefined
  return ['on', 'ping', 'pause', 'terminate'].every((name) => typeof prototype?.[name] === 'function')
}
