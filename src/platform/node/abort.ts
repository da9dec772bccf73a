/** One abort listener per signal, however many sockets share it; Node warns at the eleventh. */
import type { AbortSignalLike } from '../../options/provider.js'

interface Watch {
  readonly callbacks: Set<() => void>
  readonly listener: () => void
}

const watches = new WeakMap<AbortSignalLike, Watch>()

function watch(signal: AbortSignalLike): Watch {
  const callbacks = new Set<() => void>()
  const listener = (): void => {
    // a callback may remove another one
    for (const callback of [...callbacks]) if (callbacks.has(callback)) callback()
  }
  const made = { callbacks, listener }
  signal.addEventListener('abort', listener)
  watches.set(signal, made)
  return made
}

/**
 * Calls back, at most once, when the signal is aborted. Returns an unsubscribe function; the last one removes the
 * listener.
 */
export function onAbort(signal: AbortSignalLike, callback: () => void): () => void {
  const { callbacks, listener } = watches.get(signal) ?? watch(signal)
  callbacks.add(callback)
  return () => {
    if (!callbacks.delete(callback) || callbacks.size > 0) return
    signal.removeEventListener('abort', listener)
    watches.delete(signal)
  }
}
