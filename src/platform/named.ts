/** Classes of this package that replace the engine's. */

/** Sets the name of a class despite minification, and makes its members enumerable, as Web IDL requires. */
export function named<T extends abstract new (...args: never[]) => object>(
  constructor: T,
  name: string,
  members: string,
): T {
  const prototype = constructor.prototype as object
  Object.defineProperty(constructor, 'name', { value: name, configurable: true })
  // Deno up to 2.9.2 assigns it for each event
  const writable = 'stopPropagation' in prototype
  Object.defineProperty(prototype, Symbol.toStringTag, { value: name, configurable: true, writable })
  for (const member of members.split(' ')) Object.defineProperty(prototype, member, { enumerable: true })
  return constructor
}
