/** Decides whether a hello gets the session it asks for. */
import type { Hello } from './wire.js'

/** The part of a stored session that the decision needs. */
export interface SessionRecord {
  readonly token: string
  /** The identity that `authorize` returned for it. */
  readonly identity: unknown
  /** Last processed message of the client. */
  readonly taken: number
  /** Last trimmed message of the server. */
  readonly acked: number
  /** Last message of the server. */
  readonly kept: number
}

/**
 * The decision on a hello. `resume`: attach to the session. `renew`: create a new session, and delete the requested one
 * if it exists, because one side has lost what the other needs. `reject`: close with 1002 and change nothing, so that
 * tokens and identities cannot be guessed.
 *
 * @param record The session with the hello's id; `undefined` if there is none.
 * @param identity The identity of this connection.
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
