/** Node: `ws`. */
import { systemClock } from '../time/clock.js'
import { WholeWrites } from './buffered.js'
import { clockJumps, shared } from './hints.js'
import { adoptOptions } from './node/adopt.js'
import { readAnswer } from './answer.js'
import { checkBeside } from './node/beside.js'
import { checkNodeOptions } from './node/check.js'
import { Held } from './node/held.js'
import { NodeLink } from './node/link.js'
import { mergeNode } from './node/merge.js'
import { type NodeTarget, provideNode } from './node/provide.js'
import { splitOptions } from './node/split.js'
import { stubbedClass } from './node/stubbed.js'
import { isWs, loadedWs, loadWs } from './node/ws.js'
import type { Platform, Provide } from './platform.js'
import { dialWhatwg } from './whatwg.js'

export { onAbort } from './node/abort.js'

export const platform: Platform = {
  clock: systemClock,
  random: () => Math.random(),
  punctual: true,
  hints: shared(systemClock, Math.random, (tell) => clockJumps(systemClock, tell)),
  readAnswer,
  schemes: ['ws+unix:'],
  errorEvents: 'error',
  scripted: true,
  adopt: adoptOptions,
  merge: mergeNode,
  split: splitOptions,
  check(node, options = {}) {
    checkNodeOptions(node)
    checkBeside(node, options)
  },
  provide: (WebSocket = stubbedClass()) => (WebSocket === undefined || isWs(WebSocket) ? provide : undefined),
  stubbed: stubbedClass,
  Held,
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
