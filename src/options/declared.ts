/** Types that a consumer's project may have. */

/**
 * The platform's class of this name if its types are available, from the DOM library or Node's, so that its own
 * functions accept ours; otherwise the part that everopen uses.
 */
export type Declared<Name extends string, Part> =
  typeof globalThis extends Record<Name, { prototype: infer Class }> ? Class : Part
