/** Merges the `node` options of two sources: the second one takes precedence. */
import type { Headers, NodeOptions } from '../../options/node-options.js'
import type { Provider } from '../../options/provider.js'
import { isObject, withDefaults } from '../../options/rules.js'
import { headerOf, readHeaders, without } from './headers.js'

type Given = Provider<Headers | undefined>

/** Merges by name, and headers by name. What is not an object remains, and is rejected with the other options. */
export function mergeNode(first: NodeOptions | undefined, second: NodeOptions | undefined): NodeOptions {
  if (second !== undefined && !isObject(second)) return second
  const merged = withDefaults<NodeOptions>({ ...first }, second)
  const headers = mergeHeaders(first?.headers, second?.headers)
  return headers === undefined ? merged : { ...merged, headers }
}

/** A function if one of them is, so that it is asked for each attempt. Throws InvalidArgumentError. */
export function mergeHeaders(first: Given, second: Given): Given {
  if (first === undefined) return second
  if (second === undefined) return first
  const [theirs, ours] = [first, second].map((each) =>
    typeof each === 'function' ? each : readHeaders('node.headers', each),
  ) as [Given, Given]
  if (typeof theirs !== 'function' && typeof ours !== 'function') return join(theirs, ours)
  return async (attempt) => {
    // async, so that a throw is a rejection, and leaves none of the other's unhandled
    const ask = async (each: Given): Promise<Headers | undefined> =>
      typeof each === 'function' ? each(attempt) : each
    return join(...(await Promise.all([ask(theirs), ask(ours)])))
  }
}

/** The case of a name does not matter. */
function join(first: Headers | undefined, second: Headers | undefined): Record<string, string> {
  const [theirs, ours] = [readHeaders('headers', first), readHeaders('headers', second)]
  return { ...without(theirs, (name) => headerOf(ours, name) !== undefined), ...ours }
}
