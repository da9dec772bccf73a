/**
 * How a link hears of its socket: by an `emit` of its own instead of listeners, which costs neither a closure nor a
 * look-up for each kind of event.
 */
import type NodeWebSocket from 'isomorphic-ws'
import { loadedWs } from './ws.js'

const EAR = Symbol('everopen.ear')

/** Whoever hears of a socket. */
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
  // what nobody hears ws would deal with by itself
  return true
}

/** From now on `ear` is told of all that the socket emits. */
export function hear(socket: NodeWebSocket, ear: Ear): void {
  const heard = socket as unknown as Heard
  heard[EAR] = ear
  if (Object.getPrototypeOf(socket) === loadedWs()?.prototype) {
    heard.emit = emit
    return
  }
  // a class that extends it may have listeners of its own, and an `emit`
  const own = heard.emit.bind(heard)
  heard.emit = (type, ...detail) => {
    if (heard.listenerCount(type) > 0) own(type, ...detail)
    return emit.call(heard, type, ...detail)
  }
}

/** Nobody is told any more. */
export function deafen(socket: NodeWebSocket): void {
  ;(socket as unknown as Heard)[EAR] = undefined
}
