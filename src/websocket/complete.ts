/** Completes an event class of our own, so that its events can stand in for the engine's `message` events. */

/** Values in engines without `MessageEvent`. */
const lacking: Readonly<Record<string, unknown>> = { lastEventId: '', ports: [] }

/**
 * Adds the members of these interfaces that `prototype` lacks, and makes all of them enumerable: the engine's own
 * members throw on objects that the engine did not create. `prototype` then inherits from the first, for instanceof.
 */
export function complete(prototype: object, ...interfaces: readonly object[]): void {
  // workerd requires data
  const event: object = new (globalThis.MessageEvent ?? Event)('message', { data: '' })
  const names = interfaces.flatMap((one) => Object.getOwnPropertyNames(one))
  for (const name of ['lastEventId', 'source', 'ports', ...names]) {
    const value: unknown = Reflect.get(event, name) ?? lacking[name] ?? null
    // Web IDL, "FrozenArray"; Node's is not
    if (name === 'ports') Object.freeze(value)
    Object.defineProperty(prototype, name, {
      configurable: true,
      enumerable: true,
      ...(!Object.hasOwn(prototype, name) && {
        get(this: Event) {
          if (typeof value === 'function') return ignore
          // srcElement, and Firefox's originalTarget and explicitOriginalTarget
          return /src|Target/.test(name) ? this.target : value
        },
        set: ignore,
      }),
    })
  }
  if (!interfaces[0]) return
  Object.setPrototypeOf(prototype, interfaces[0])
  Reflect.deleteProperty(prototype, 'constructor')
}

/** During a dispatch, initEvent() has no effect, nor has preventDefault() on an event that is not cancelable. */
function ignore(): void {}
