/** React Native and workerd: their own classes, with what they lack added. */
import NativeWebSocket from 'isomorphic-ws'
import { platform as browser } from './browser.js'
import { dialCompleted } from './completed.js'
import type { Platform } from './platform.js'

export { onAbort } from './abort.js'

export const platform: Platform = {
  ...browser,
  dial(target, options, listener) {
    const WebSocket = options.WebSocket ?? NativeWebSocket
    if (!WebSocket) return browser.dial(target, options, listener)
    return dialCompleted(WebSocket, target, options, listener)
  },
}
