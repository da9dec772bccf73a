/** Browsers, and other runtimes with a `WebSocket` of their own. */
import NativeWebSocket from 'isomorphic-ws'
import { ConnectionError } from '../diagnostics/errors.js'
import { systemClock } from '../time/clock.js'
import { globalClass } from './global.js'
import { pageHints, shared } from './hints.js'
import { Latest, WholeWrites } from './buffered.js'
import type { Platform } from './platform.js'
import { dialWhatwg } from './whatwg.js'

export { onAbort } from './abort.js'

export const platform: Platform = {
  clock: systemClock,
  random: () => Math.random(),
  hints: shared(systemClock, Math.random, (tell) => pageHints(systemClock, tell)),
  stubbed: globalClass,
  dial(target, options, listener) {
    // null if there is none, for example where an old server renders the page
    const WebSocket = options.WebSocket ?? globalClass() ?? NativeWebSocket
    if (!WebSocket)
      throw new ConnectionError('this platform has no WebSocket; give one as the WebSocket option')
    const buffered = WebSocket === NativeWebSocket ? new Latest() : new WholeWrites()
    return dialWhatwg(WebSocket, target, options, listener, buffered)
  },
}
