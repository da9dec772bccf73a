/** What an end means for the next attempt: the defaults of `retry.decide`. */
import { DialError } from '../diagnostics/errors.js'
import type { End } from '../machine/state.js'
import { askedByReason } from './asked.js'

/**
 * `refresh`: the request was refused because of its content. One more attempt if a provider can return something new,
 * otherwise final.
 */
export type Meaning = 'retry' | 'stop' | 'refresh' | 'restart'

/** The interpretation of an end. */
export interface Reading {
  readonly meaning: Meaning
  /** Final on the first attempt, but considered temporary after a stable connection. */
  readonly mayPass?: boolean
  /** The delay that the server asks for, in ms. */
  readonly asked?: number | undefined
}

/** Interprets the HTTP response that an attempt failed with; `undefined` if there is none. */
export type ReadAnswer = (cause: End['cause']) => Reading | undefined

/** Whether an end is final by a protocol on top, unless `retry.decide` says otherwise; `retry` counts from 1. */
export type IsFinal = (end: End, retry: number) => boolean

const finalCloseCodes: readonly number[] = [1002, 1003, 1007, 1010]
const authorizationCloseCodes: readonly number[] = [1008, 3000, 3003]

/**
 * Interprets an end by its close code: RFC 6455 section 7.4 and the IANA registry. Everything not named here is
 * retried, including 1000, because only *its user* closes the socket.
 *
 * @param answer Missing in a page, which never sees the response to the handshake.
 */
export function read({ code, reason, cause }: End, answer?: ReadAnswer): Reading {
  const answered = answer?.(cause)
  if (answered) return answered
  return {
    meaning:
      cause instanceof DialError || authorizationCloseCodes.includes(code)
        ? 'refresh'
        : finalCloseCodes.includes(code)
          ? 'stop'
          : // 1012 Service Restart asks for a random 5–30 s; 1013 Try Again Later is treated alike
            code === 1012 || code === 1013
            ? 'restart'
            : 'retry',
    // some servers also use 1008 for "Pong timeout", after hours
    mayPass: code === 1008,
    asked: askedByReason(reason),
  }
}
