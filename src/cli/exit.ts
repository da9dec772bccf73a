/** The exit statuses. They are documented in docs/command.md: a script relies on them. */

export const exit = {
  /** All was done: everything sent has left, and the connection was closed in good order. */
  ok: 0,
  /** No connection was ever open. */
  neverOpen: 1,
  usage: 2,
  /** There was a connection, and it ended for good without being asked to. */
  lost: 3,
  /** Messages were not delivered, or nobody can tell. */
  undelivered: 4,
  /** 128 + SIGINT. */
  interrupted: 130,
  /** 128 + SIGPIPE: nobody reads the output any more. */
  broken: 141,
  /** 128 + SIGTERM. */
  terminated: 143,
} as const

/** What a run came to. */
export interface Outcome {
  /** The status of the signal that ended it, if one did. */
  readonly signal: number | undefined
  readonly opened: boolean
  /** Messages that are known not to have been delivered. */
  readonly undelivered: number
  /** Messages that may or may not have been. */
  readonly inDoubt: number
  /** With a session: messages that its file keeps for the next run; 0 where there is no file. */
  readonly kept?: number | undefined
  /** Whether the end was asked for: by this side, or by the server's 1000 where no retry was wanted. */
  readonly inOrder: boolean
}

/** The status for it. A signal goes first: whoever sent it knows that things were left undone. */
export function statusOf({ signal, opened, undelivered, inDoubt, kept = 0, inOrder }: Outcome): number {
  if (signal !== undefined) return signal
  if (!opened && !inOrder) return exit.neverOpen
  if (undelivered + inDoubt + kept > 0) return exit.undelivered
  return inOrder ? exit.ok : exit.lost
}

/** What to report about messages, if anything. */
export function deliveryReport({
  undelivered,
  inDoubt,
  kept,
}: Pick<Outcome, 'undelivered' | 'inDoubt' | 'kept'>): string | undefined {
  const parts = []
  if (undelivered > 0) parts.push(`${messages(undelivered)} not delivered`)
  if (inDoubt > 0)
    parts.push(
      kept === undefined
        ? `${messages(inDoubt)} on a connection that was lost, and may not have arrived`
        : `${messages(inDoubt)} not acknowledged, and may not have arrived`,
    )
  if (kept)
    parts.push(`${messages(kept)} not acknowledged; the session file keeps ${kept === 1 ? 'it' : 'them'}`)
  return parts.length === 0 ? undefined : parts.join('; ')
}

function messages(count: number): string {
  return count === 1 ? '1 message was' : `${count} messages were`
}
