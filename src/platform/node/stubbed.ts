/** Whether the global `WebSocket` of a Node process is one that somebody has put there. */
import type { WebSocketClass } from '../../options/options.js'
import { globalClass } from '../global.js'
import { isWs } from './ws.js'

/** As it was when this module was loaded: from Node 22 on a getter, which loads Node's own class. */
const given = descriptor()

/**
 * The class that a test, or a library for tests, has made the global one. The runtime's own does less than `ws`, and a page's
 * polyfill by `ws` is what is used anyway: both count as none.
 */
export function stubbedClass(): WebSocketClass | undefined {
  const now = descriptor()
  // untouched; looking at it would load it
  if (!now || now.get) return undefined
  const Class = globalClass()
  return Class && !isOwn(Class, now) && !isWs(Class) ? Class : undefined
}

function descriptor(): PropertyDescriptor | undefined {
  return Object.getOwnPropertyDescriptor(globalThis, 'WebSocket')
}

function isOwn(Class: WebSocketClass, now: PropertyDescriptor): boolean {
  // Bun's is a plain value, and native
  if (!given?.get)
    return /\bwebidl\b|^function WebSocket\(\) \{\s*\[native code]/.test(
      Function.prototype.toString.call(Class),
    )
  const own: unknown = given.get.call(globalThis)
  // the getter puts Node's class in the place of what is there
  Object.defineProperty(globalThis, 'WebSocket', now)
  return Class === own
}
