/**
 * Receives the events of a `ws` socket by replacing its `emit`, which avoids a closure and a lookup for each kind of
 * event.
 */
import type NodeWebSocket from 'isomorphic-ws'
import { loadedWs } from './ws.js'

const EAR = Symbol('everopen.ear')

/** Receives the events of a socket. */
export interface Ear {
  hear(type: string, first: unknown, second: unknown): void
}

interface Heard {
  [EAR]?: Ear | undefined
  emit(type: string, ...detail: unknown[]): boolean
  listenerCount(type: string): number
}

function emit(this: Heard, type: string, first?: unknown, second?: unknown): boolean {
  this[EAR]?.hear(type, first, second)
  // true: without a listener, ws would handle some events itself
  return true
}

/** Passes all events of the socket to `ear` from now on. */
export function hear(socket: NodeWebSocket, ear: Ear): void {
  const heard = socket as unknown as Heard
  heard[EAR] = ear
  if (Object.getPrototypeOf(socket) === loadedWs()?.prototype) {
    heard.emit = emit
    return
  }
  // a derived class may have listeners, and an `emit`, of its own
  const own = heard.emit.bind(heard)
  heard.emit = (type, ...detail) => {
    if (heard.listenerCount(type) > 0) own(type, ...detail)
    return emit.call(heard, type, ...detail)
  }
}

/** Stops passing events. */
export function deafen(socket: NodeWebSocket): void {
  ;(socket as unknown as Heard)[EAR] = undefined
}
