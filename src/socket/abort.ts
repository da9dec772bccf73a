/** One abort listener per signal, however many sockets share it; Node warns at the eleventh. */
import type { AbortSignalLike } from '../options/provider.js'

interface Watch {
  readonly callbacks: Set<() => void>
  readonly listener: () => void
}

const watches = new WeakMap<AbortSignalLike, Watch>()

function watch(signal: AbortSignalLike): Watch {
  const callbacks = new Set<() => void>()
  const listener = (): void => {
    // one may undo another
    for (const callback of [...callbacks]) if (callbacks.has(callback)) callback()
  }
  signal.addEventListener('abort', listener)
  const made = { callbacks, listener }
  watches.set(signal, made)
  return made
}

/** Calls back, at most once, when the signal is aborted. */
export function onAbort(signal: AbortSignalLike, callback: () => void): void {
  ;(watches.get(signal) ?? watch(signal)).callbacks.add(callback)
}

/** Undoes `onAbort()`. The last call removes the listener. */
export function offAbort(signal: AbortSignalLike, callback: () => void): void {
  const made = watches.get(signal)
  if (!made?.callbacks.delete(callback) || made.callbacks.size > 0) return
  signal.removeEventListener('abort', made.listener)
  watches.delete(signal)
}
