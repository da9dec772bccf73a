/** What an end means for the next dial: the defaults behind `retry.decide`. */
import { DialError, type HandshakeError } from '../diagnostics/errors.js'
import type { End } from '../machine/state.js'

/** `refresh` was refused for what was asked: worth one more dial if a provider can bring something else, else final. */
export type Meaning = 'retry' | 'stop' | 'refresh' | 'restart'

const finalCloseCodes: readonly number[] = [1002, 1003, 1007, 1010]
const authorizationCloseCodes: readonly number[] = [1008, 3000, 3003]
const finalStatuses: readonly number[] = [400, 404, 405, 410, 426, 501]
const authorizationStatuses: readonly number[] = [401, 403]

/**
 * The HTTP answer that an attempt failed with, the server's or a proxy's; its fields are missing where there was none.
 * Told by the fields and not by the class: a page never sees such an answer, and need not load the classes.
 */
export function answer(cause: End['cause']): Partial<Pick<HandshakeError, 'status' | 'retryAfter'>> {
  return (cause ?? {}) as Partial<HandshakeError>
}

/**
 * Reads an end by its close code (RFC 6455 section 7.4 and the IANA registry) or HTTP status (RFC 9110).
 * Whatever is not named here is retried: 1000 too, because the socket stays open until *its user* closes it.
 */
export function meaning({ code, cause }: End): Meaning {
  if (cause instanceof DialError) return 'refresh'
  const { status } = answer(cause)
  if (status !== undefined) {
    if (authorizationStatuses.includes(status)) return 'refresh'
    if (status === 407 && cause!.code === 'ERR_PROXY') return 'refresh'
    return finalStatuses.includes(status) ? 'stop' : 'retry'
  }
  if (authorizationCloseCodes.includes(code)) return 'refresh'
  if (finalCloseCodes.includes(code)) return 'stop'
  // 1012 Service Restart asks for a random 5–30 s; 1013 Try Again Later is treated alike
  return code === 1012 || code === 1013 ? 'restart' : 'retry'
}

/**
 * Whether an end that is final from the first dial on may pass where a connection has been stable before: 1008 is also
 * "Pong timeout" after hours, and 404 what gateways answer while a backend restarts.
 */
export function mayPass({ code, cause }: End): boolean {
  const { status } = answer(cause)
  return status === undefined ? code === 1008 : status === 404 && cause!.code === 'ERR_HANDSHAKE'
}
