/** Classes of our own that stand in for the engine's. */

/** Names a class, and makes its members enumerable, the way Web IDL has it, whatever a minifier calls it. */
export function named<T extends abstract new (...args: never[]) => object>(
  constructor: T,
  name: string,
  members: string,
): T {
  const prototype = constructor.prototype as object
  Object.defineProperty(constructor, 'name', { value: name, configurable: true })
  // Deno up to 2.9.2 assigns it on each event
  const writable = 'stopPropagation' in prototype
  Object.defineProperty(prototype, Symbol.toStringTag, { value: name, configurable: true, writable })
  for (const member of members.split(' ')) Object.defineProperty(prototype, member, { enumerable: true })
  return constructor
}
