/** What an end means for the next dial: the defaults behind `retry.decide`. */
import { DialError } from '../diagnostics/errors.js'
import type { End } from '../machine/state.js'
import { askedByReason } from './asked.js'

/** `refresh` was refused for what was asked: worth one more dial if a provider can bring something else, else final. */
export type Meaning = 'retry' | 'stop' | 'refresh' | 'restart'

/** What an end says. */
export interface Reading {
  readonly meaning: Meaning
  /** Whether it may pass where a connection has been stable before, though it is final from the first dial on. */
  readonly mayPass?: boolean
  /** When the server asks to be dialed again, in ms from now. */
  readonly asked?: number | undefined
}

/** Reads the HTTP answer that an attempt failed with; `undefined` where it is none. */
export type ReadAnswer = (cause: End['cause']) => Reading | undefined

const finalCloseCodes: readonly number[] = [1002, 1003, 1007, 1010]
const authorizationCloseCodes: readonly number[] = [1008, 3000, 3003]

/**
 * Reads an end by its close code: RFC 6455 section 7.4 and the IANA registry. Whatever is not named here is retried:
 * 1000 too, because the socket stays open until *its user* closes it.
 *
 * @param answer Missing for a page, which is never shown what the server answered to the handshake.
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
    // it is also "Pong timeout", after hours
    mayPass: code === 1008,
    asked: askedByReason(reason),
  }
}
