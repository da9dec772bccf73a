/** `ws`, loaded when it is first dialed: whoever gives another class never loads it. */
import type NodeWebSocket from 'isomorphic-ws'

export type Ws = typeof NodeWebSocket

let loaded: Ws | undefined

export async function loadWs(): Promise<void> {
  loaded ??= (await import('isomorphic-ws')).default
}

/** `undefined` before `loadWs()` is done. */
export const loadedWs = (): Ws | undefined => loaded
