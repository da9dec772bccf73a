/** Options that can be a value or a function, and the arguments of such functions. */
import type { Declared } from './declared.js'
import type { End } from '../machine/state.js'

/** The part of `URL` that everopen uses. */
export interface UrlLike {
  /** The URL as text. */
  readonly href: string
}

/** The part of `AbortSignal` that everopen uses. */
export interface AbortSignalLike {
  /** Whether it has been aborted. */
  readonly aborted: boolean
  /** The argument of `abort()`. */
  readonly reason?: unknown
  /** Adds a listener that is called when it is aborted. */
  addEventListener(type: 'abort', listener: () => void): void
  /** Removes a listener. */
  removeEventListener(type: 'abort', listener: () => void): void
}

/**
 * The platform's `AbortSignal` if its types are available, so that `fetch` accepts it; otherwise the part that everopen
 * uses.
 */
export type AttemptSignal = Declared<'AbortSignal', AbortSignalLike>

/** Passed to a provider: the attempt that it provides for. */
export interface Attempt {
  /** 0 for the first attempt; n for the n-th consecutive retry. */
  readonly number: number
  /** Aborted when the attempt ends early: by its deadline, `close()` or `reconnect()`. Pass it to `fetch`. */
  readonly signal: AttemptSignal
  /** How the previous attempt or connection of this run ended. */
  readonly lastEnd: End | undefined
}

/** A value, or a function that is called before every attempt and returns a fresh value. */
export type Provider<T> = T | ((attempt: Attempt) => T | Promise<T>)
