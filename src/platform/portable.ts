/** React Native and workerd: their own class, completed. */
import NativeWebSocket from 'isomorphic-ws'
import { platform as browser } from './browser.js'
import { Latest } from './buffered.js'
import { completed } from './completed.js'
import type { Platform } from './platform.js'
import { dialWhatwg } from './whatwg.js'

export const platform: Platform = {
  ...browser,
  dial(target, options, listener) {
    const WebSocket = options.WebSocket ?? NativeWebSocket
    if (!WebSocket) return browser.dial(target, options, listener)
    return dialWhatwg(completed(WebSocket), target, options, listener, new Latest())
  },
}
