/** A server's response other than 101: status, headers, and the beginning of the body. */
import type { IncomingMessage } from 'node:http'
import { HandshakeError } from '../diagnostics/errors.js'
import { retryAfter } from '../retry/asked.js'

const MAX_BODY = 4_096
/** A slow body is not awaited longer than this, in ms, and until so long before the attempt times out. */
const MAX_WAIT = 1_000
const MARGIN = 20

/**
 * Reads the response, and reports it once, together with other errors. Disconnecting ends it sooner.
 * @param left Time in ms until the attempt times out, for which the response would no longer be the reason.
 */
export function readRefusal(
  response: IncomingMessage,
  problem: string,
  tell: (error: HandshakeError) => void,
  left = Infinity,
): void {
  const chunks: Buffer[] = []
  let size = 0
  const finish = (): void => {
    clearTimeout(timer)
    response.removeAllListeners().on('error', () => {})
    const body = Buffer.concat(chunks).subarray(0, MAX_BODY).toString()
    const { statusCode = 0, headers } = response
    tell(
      new HandshakeError(statusCode, headers, body, retryAfter(headers['retry-after'], Date.now()), problem),
    )
  }
  const timer = setTimeout(finish, Math.max(0, Math.min(MAX_WAIT, left - MARGIN)))
  response.on('data', (chunk: Buffer) => {
    chunks.push(chunk)
    size += chunk.length
    if (size >= MAX_BODY) finish()
  })
  for (const event of ['end', 'close', 'error']) response.on(event, finish)
}
