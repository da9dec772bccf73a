/** What the HTTP response of a server or a proxy to the handshake means for the next attempt. RFC 9110. */
import { HandshakeError, ProxyError } from '../diagnostics/errors.js'
import type { ReadAnswer } from '../retry/verdict.js'

const final: readonly number[] = [400, 404, 405, 410, 426, 501]
const authorization: readonly number[] = [401, 403]

/** Statuses that are not named here are retried. */
export const readAnswer: ReadAnswer = (cause) => {
  const isServer = cause instanceof HandshakeError
  const status = isServer || cause instanceof ProxyError ? cause.status : undefined
  if (status === undefined) return undefined
  return {
    meaning:
      authorization.includes(status) || (status === 407 && !isServer)
        ? 'refresh'
        : final.includes(status)
          ? 'stop'
          : 'retry',
    // gateways answer 404 while a backend restarts
    mayPass: status === 404 && isServer,
    asked: isServer ? cause.retryAfter : undefined,
  }
}
