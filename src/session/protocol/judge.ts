/** Whether a hello gets the session that it asks for. */
import type { Hello } from './wire.js'

/** A session as the store has it, as far as a hello is judged by it. */
export interface SessionRecord {
  readonly token: string
  /** Whose session it is, as `authorize` said. */
  readonly identity: unknown
  /** Last number of the client's messages that is taken over. */
  readonly taken: number
  /** Last number of the server's messages that is trimmed. */
  readonly acked: number
  /** Last number of the server's messages. */
  readonly kept: number
}

/**
 * What becomes of a hello. `resume`: attach to the session. `renew`: a new session, and the one that was asked for, if
 * there is such a one, is deleted: one of both sides has forgotten what the other needs. `reject`: close with 1002, and
 * change nothing: neither the token nor the identity may be tried out.
 * @param record Of the session with the hello's id; `undefined` where there is none.
 * @param identity Of this connection.
 * @param equal Compares two secrets in constant time.
 */
export function judge(
  { session, received, first }: Hello,
  record: SessionRecord | undefined,
  identity: unknown,
  equal: (a: string, b: string) => boolean,
): 'resume' | 'renew' | 'reject' {
  if (!session || !record) return 'renew'
  if (!equal(session.token, record.token) || record.identity !== identity) return 'reject'
  const whole = first <= record.taken + 1 && received >= record.acked && received <= record.kept
  return whole ? 'resume' : 'renew'
}
