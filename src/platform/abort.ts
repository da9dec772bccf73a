/** Listening to an AbortSignal. */
import type { AbortSignalLike } from '../options/provider.js'

/** Calls back, at most once, when the signal is aborted. Returns an unsubscribe function. */
export function onAbort(signal: AbortSignalLike, callback: () => void): () => void {
  signal.addEventListener('abort', callback)
  return () => signal.removeEventListener('abort', callback)
}
