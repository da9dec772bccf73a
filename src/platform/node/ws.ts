/** `ws`, loaded on the first dial: a socket with another class never loads it. */
import type NodeWebSocket from 'isomorphic-ws'
import { ConnectionError } from '../../diagnostics/errors.js'
import type { WebSocketClass } from '../../options/options.js'

export type Ws = typeof NodeWebSocket

let loaded: Ws | undefined

/** Rejects with ConnectionError, for example if the process has too many open files. The next dial tries again. */
export async function loadWs(): Promise<void> {
  loaded ??= await importWs().catch((cause: unknown) => {
    throw new ConnectionError('the package ws cannot be loaded', cause)
  })
}

/** Not through isomorphic-ws: beside an application's older `ws`, that one finds the application's. */
async function importWs(): Promise<Ws> {
  return (await import('ws')).default as Ws
}

/** `undefined` before `loadWs()` is done. */
export const loadedWs = (): Ws | undefined => loaded

/** Whether it is a `ws` class, of any version, or extends one. */
export function isWs(given: WebSocketClass): given is Ws {
  const prototype = given.prototype as Record<string, unknown> | undefined
  return ['on', 'ping', 'pause', 'terminate'].every((name) => typeof prototype?.[name] === 'function')
}
