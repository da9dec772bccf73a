/**
 * Bun: like Node from 1.4 on. Before 1.4 its `node:http` has no `upgrade` event, so that `ws` never opens; there Bun's
 * own class is used, and the `node` option is rejected.
 */
import { InvalidArgumentError } from '../diagnostics/errors.js'
import { dialCompleted } from './completed.js'
import { platform as node } from './node.js'
import type { Platform } from './platform.js'

export { onAbort } from './node/abort.js'

const { Bun, WebSocket: Native } = globalThis as {
  Bun?: { readonly version: string }
  WebSocket?: typeof globalThis.WebSocket
}
const [major = 0, minor = 0] = (Bun?.version ?? '').split('.').map(Number)

export const platform: Platform =
  Bun && Native && (major < 1 || (major === 1 && minor < 4)) ? withOwnClass(Native) : node

function withOwnClass(Native: typeof globalThis.WebSocket): Platform {
  return {
    ...node,
    schemes: [],
    check(given) {
      node.check?.(given)
      const [name] = Object.entries(given).find(([, value]) => value !== undefined) ?? []
      if (name !== undefined) throw new InvalidArgumentError(`node.${name}`, 'needs Bun 1.4')
    },
    provide: (WebSocket) => WebSocket && node.provide?.(WebSocket),
    dial: (target, options, listener) =>
      options.WebSocket
        ? node.dial(target, options, listener)
        : dialCompleted(Native, target, options, listener),
  }
}
