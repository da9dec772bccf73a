/** What a user may give as a value or as a function, and what such a function is told. */
import type { End } from '../machine/state.js'

/** The part of `URL` that is used. */
export interface UrlLike {
  readonly href: string
}

/** The part of `AbortSignal` that is used. */
export interface AbortSignalLike {
  /** Whether it has been aborted. */
  readonly aborted: boolean
  /** What `abort()` was given. */
  readonly reason?: unknown
  /** Adds a listener that is called when it is aborted. */
  addEventListener(type: 'abort', listener: () => void): void
  /** Removes a listener. */
  removeEventListener(type: 'abort', listener: () => void): void
}

/**
 * The platform's own `AbortSignal`, where its types are there, so that `fetch` and the like take it; else the part of it
 * that is used.
 */
export type AttemptSignal = typeof globalThis extends { AbortSignal: { prototype: infer Signal } }
  ? Signal
  : AbortSignalLike

/** What a provider is told about the attempt it provides for. */
export interface Attempt {
  /** 0 for the first dial; n for the n-th retry in a row. */
  readonly number: number
  /** Aborted as soon as the attempt is given up: by its deadline, `close()`, `reconnect()`. Pass it to `fetch`. */
  readonly signal: AttemptSignal
  /** How the attempt before this one ended, in this run. */
  readonly lastEnd: End | undefined
}

/** A value, or a function that is asked before every attempt, so that what it gives is always fresh. */
export type Provider<T> = T | ((attempt: Attempt) => T | Promise<T>)
