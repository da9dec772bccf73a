/** The global `WebSocket`, where a test or a page has put one of its own. */
import type { WebSocketClass } from '../options/options.js'

/** Marks the faces of this package: one that is the global class itself must not dial by itself. */
export const FACE: unique symbol = Symbol.for('everopen.face') as never

/** What the global `WebSocket` is now, unless it is a face of this package. */
export function globalClass(): WebSocketClass | undefined {
  const { WebSocket } = globalThis as { WebSocket?: unknown }
  return typeof WebSocket === 'function' && !(FACE in WebSocket) ? (WebSocket as WebSocketClass) : undefined
}
