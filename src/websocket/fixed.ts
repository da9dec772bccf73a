/** The third argument of the constructor, and classes with a fixed third argument. */
import { InvalidArgumentError } from '../diagnostics/errors.js'
import { isObject, withDefaults } from '../options/rules.js'
import { readSettings } from '../options/settings.js'
import { platform } from '#platform'
import { adopt, merge } from './foreign.js'
import type { WebSocketOptions } from './types.js'

/** Converts the third argument to options. The platform's class accepts and ignores any third argument. */
export function readOptions(third: unknown): WebSocketOptions {
  const given = isObject(third) ? (third as Readonly<Record<string, unknown>>) : {}
  if ('protocols' in given)
    throw new InvalidArgumentError('protocols', 'must be passed as the second argument')
  if (given['codec'] !== undefined)
    throw new InvalidArgumentError('codec', 'is not supported here; use ReconnectingSocket')
  return adopt(given)
}

type Class = abstract new (...args: never[]) => object

/** The prototypes of fixed classes, and those that they copy. */
const copied = new WeakMap<object, object>()
const original = (prototype: object): object => copied.get(prototype) ?? prototype

/** `ReconnectingWebSocket.with()`: the same class with fixed options, and its own prototype, as any class has. */
export function fixed<C extends Class>(this: C, options: unknown): C {
  if (!isObject(options)) throw new InvalidArgumentError('options', 'must be an object')
  const first = readOptions(options)
  platform.check?.(readSettings('ws://localhost', first).node, first)
  // eslint-disable-next-line @typescript-eslint/no-this-alias
  const base = this
  const Fixed = class {
    constructor(...args: unknown[]) {
      if (args.length > 0) {
        const given = readOptions(args[2])
        args[2] = { ...withDefaults(given, first), node: merge(given.node, first.node) }
      }
      return Reflect.construct(base, args, new.target) as object
    }
  }
  copy(base, Fixed, 'prototype')
  copy(base.prototype as object, Fixed.prototype, 'constructor')
  copied.set(Fixed.prototype, original(base.prototype as object))
  return Fixed as unknown as C
}

/** Makes an object of another: the same members but one, and the same prototype. */
function copy(from: object, to: object, except: string): void {
  const members: Record<string, PropertyDescriptor> = Object.getOwnPropertyDescriptors(from)
  delete members[except]
  Object.defineProperties(Object.setPrototypeOf(to, Object.getPrototypeOf(from) as object), members)
}

/** `instanceof`: the instances of a class are also those of the classes that `with()` made of it, and the other way. */
export function hasInstance(this: Class, value: unknown): boolean {
  const own = original(this.prototype as object)
  let prototype: object | null = Object(value) as object
  do prototype = Object.getPrototypeOf(prototype) as object | null
  while (prototype && original(prototype) !== own)
  return prototype !== null
}
