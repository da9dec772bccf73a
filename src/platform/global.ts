/** The global `WebSocket`, which a test or a page may have replaced. */
import type { WebSocketClass } from '../options/options.js'

/** Marks the classes of this package. If one of them is the global class, it must not dial with itself. */
export const FACE: unique symbol = Symbol.for('everopen.face') as never

/** The current global `WebSocket`, unless it is a class of this package. */
export function globalClass(): WebSocketClass | undefined {
  const { WebSocket } = globalThis as { WebSocket?: unknown }
  return typeof WebSocket === 'function' && !(FACE in WebSocket) ? (WebSocket as WebSocketClass) : undefined
}
