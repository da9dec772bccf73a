/** The second argument of the classes of `ws` and undici: subprotocols, or options with the subprotocols among them. */
import { isObject } from '../../options/rules.js'

/**
 * Splits such options into the second and third arguments of the standard's class; undefined for anything else. By the
 * standard they become the text `[object Object]`, which is no subprotocol, so nothing that it accepts is lost.
 * @param list What the argument is by the standard.
 */
export function splitOptions(
  second: unknown,
  list: unknown,
  third: unknown,
): readonly [protocols: unknown, options: unknown] | undefined {
  if (String(list) !== '[object Object]' || !isObject(second) || Symbol.iterator in (second as object))
    return undefined
  // the address space is of pages, and ignored as by undici
  const { protocols = [], targetAddressSpace: _, ...options } = second as Readonly<Record<string, unknown>>
  return [protocols, Object.assign(options, isObject(third) ? third : undefined)]
}
