/** The third argument of the constructor, and classes with a fixed third argument. */
import { InvalidArgumentError } from '../diagnostics/errors.js'
import { isObject } from '../options/rules.js'
import { readSettings } from '../options/settings.js'
import { platform } from '#platform'
import { adopt, merge } from './foreign.js'
import type { WebSocketOptions } from './types.js'

/** Converts the third argument to options. The platform's class accepts and ignores any third argument. */
export function readOptions(third: unknown): WebSocketOptions {
  const given = isObject(third) ? (third as Readonly<Record<string, unknown>>) : {}
  if ('protocols' in given) throw new InvalidArgumentError('protocols', 'is the second argument')
  if (given['codec'] !== undefined)
    throw new InvalidArgumentError('codec', 'is for ReconnectingSocket: a WebSocket class has none')
  return adopt(given)
}

/** `ReconnectingWebSocket.with()`: the same class with fixed options. */
export function fixed<C extends abstract new (...args: never[]) => object>(this: C, options: unknown): C {
  if (!isObject(options)) throw new InvalidArgumentError('options', 'must be an object')
  const first = readOptions(options)
  platform.check?.(readSettings('ws://localhost', first).node, first)
  return new Proxy(this, {
    construct(target, args: unknown[], newTarget) {
      if (args.length === 0) return Reflect.construct(target, args, newTarget) as object
      const [url, protocols, third] = args
      const given = readOptions(third)
      const options = { ...given, ...first, node: merge(given.node, first.node) }
      return Reflect.construct(target, [url, protocols, options], newTarget) as object
    },
  })
}
