/** Node: `ws`, through isomorphic-ws. */
import { setImmediate } from 'node:timers'
import type { WebSocketClass } from '../options/options.js'
import { systemClock } from '../time/clock.js'
import { WholeWrites } from './buffered.js'
import { clockJumps, shared } from './hints.js'
import { adoptOptions } from './node/adopt.js'
import { checkNodeOptions } from './node/check.js'
import { NodeLink } from './node/link.js'
import { type NodeTarget, provideNode } from './node/provide.js'
import { stubbedClass } from './node/stubbed.js'
import { loadedWs, loadWs, type Ws } from './node/ws.js'
import type { Platform, Provide } from './platform.js'
import { dialWhatwg } from './whatwg.js'

export const platform: Platform = {
  clock: systemClock,
  random: () => Math.random(),
  hints: shared((tell) => clockJumps(systemClock, tell)),
  schemes: ['ws+unix:'],
  errorEvents: 'error',
  adopt: adoptOptions,
  check: (node) => checkNodeOptions(node),
  provide: (WebSocket = stubbedClass()) => (WebSocket === undefined || isWs(WebSocket) ? provide : undefined),
  stubbed: stubbedClass,
  turn: (callback) => void setImmediate(callback),
  dial(target, options, listener) {
    const WebSocket = options.WebSocket ?? stubbedClass() ?? loadedWs()!
    return isWs(WebSocket)
      ? new NodeLink(target as NodeTarget, options, listener, WebSocket)
      : dialWhatwg(WebSocket, target, options, listener, new WholeWrites())
  },
}

const provide: Provide = async (...args) => {
  const [target] = await Promise.all([provideNode(...args), loadWs()])
  return target
}

/** Whether it is the class of `ws`, of whatever release, or one that extends it. */
function isWs(given: WebSocketClass): given is Ws {
  const prototype = given.prototype as Record<string, unknown> | undefined
  return ['on', 'ping', 'pause', 'terminate'].every((name) => typeof prototype?.[name] === 'function')
}
