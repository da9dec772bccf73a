/** Node: `ws`, through isomorphic-ws. */
import { setImmediate } from 'node:timers'
import { systemClock } from '../time/clock.js'
import { clockJumps, shared } from './hints.js'
import { adoptOptions } from './node/adopt.js'
import { checkNodeOptions } from './node/check.js'
import { NodeLink } from './node/link.js'
import { type NodeTarget, provideNode } from './node/provide.js'
import type { Platform } from './platform.js'
import { dialWhatwg } from './whatwg.js'

export const platform: Platform = {
  clock: systemClock,
  random: () => Math.random(),
  hints: shared((tell) => clockJumps(systemClock, tell)),
  schemes: ['ws+unix:'],
  errorEvents: 'error',
  adopt: adoptOptions,
  check: (node) => checkNodeOptions(node),
  provide: provideNode,
  turn: (callback) => void setImmediate(callback),
  dial: (target, options, listener) =>
    options.WebSocket === undefined
      ? new NodeLink(target as NodeTarget, options, listener)
      : dialWhatwg(options.WebSocket, target, options, listener),
}
