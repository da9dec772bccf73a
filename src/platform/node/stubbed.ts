/** Whether the global `WebSocket` of a Node process has been replaced. */
import type { WebSocketClass } from '../../options/options.js'
import { globalClass } from '../global.js'
import { isWs } from './ws.js'

/** The property when this module was loaded: since Node 22 a getter, which loads Node's own class. */
const given = descriptor()

/**
 * The class that a test or a test library has set as the global one. The runtime's own does less than `ws`, and a
 * polyfill with `ws` is equivalent: both are ignored.
 */
export function stubbedClass(): WebSocketClass | undefined {
  const now = descriptor()
  // untouched; reading it would load it
  if (!now || now.get) return undefined
  const Class = globalClass()
  return Class && !isOwn(Class, now) && !isWs(Class) ? Class : undefined
}

function descriptor(): PropertyDescriptor | undefined {
  return Object.getOwnPropertyDescriptor(globalThis, 'WebSocket')
}

function isOwn(Class: WebSocketClass, now: PropertyDescriptor): boolean {
  // Bun's is a plain value and native
  if (!given?.get)
    return /\bwebidl\b|^function WebSocket\(\) \{\s*\[native code]/.test(
      Function.prototype.toString.call(Class),
    )
  const own: unknown = given.get.call(globalThis)
  // the getter would replace the value with Node's class
  Object.defineProperty(globalThis, 'WebSocket', now)
  return Class === own
}
