/** `ws`, loaded when it is first dialed: whoever gives another class never loads it. */
import type NodeWebSocket from 'isomorphic-ws'
import type { WebSocketClass } from '../../options/options.js'

export type Ws = typeof NodeWebSocket

let loaded: Ws | undefined

export async function loadWs(): Promise<void> {
  loaded ??= (await import('isomorphic-ws')).default
}

/** `undefined` before `loadWs()` is done. */
export const loadedWs = (): Ws | undefined => loaded

/** Whether it is the class of `ws`, of whatever release, or one that extends it. */
export function isWs(given: WebSocketClass): given is Ws {
  const prototype = given.prototype as Record<string, unknown> | undefined
  return ['on', 'ping', 'pause', 'terminate'].every((name) => typeof prototype?.[name] === 'function')
}
