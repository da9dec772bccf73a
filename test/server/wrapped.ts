/** Stores around another store, for tests. */
import type { SessionStore } from '../../src/server/index.js'

type Operation = (...args: unknown[]) => unknown

/** A store whose operations are what `wrap` makes of those of `store`. */
export function wrapped(
  store: SessionStore,
  wrap: (name: keyof SessionStore, operation: Operation) => Operation,
): SessionStore {
  return new Proxy(store, {
    get: (_, name: keyof SessionStore) => wrap(name, (store[name] as Operation).bind(store)),
  })
}

/** `store`, with some operations of the test's own. */
export function replaced(store: SessionStore, own: Partial<SessionStore>): SessionStore {
  return wrapped(store, (name, operation) => (own[name] as Operation | undefined) ?? operation)
}

/** `store`, asynchronous, as one behind a network. */
export function distant(store: SessionStore): SessionStore {
  return wrapped(store, (_, operation) => async (...args) => {
    await new Promise(setImmediate)
    return operation(...args)
  })
}
