/** Exit statuses. Documented in docs/command.md, because scripts rely on them. */

export const exit = {
  /** Success: everything was sent, and the connection was closed regularly. */
  ok: 0,
  /** No connection was opened. */
  neverOpen: 1,
  usage: 2,
  /** An open connection ended for good, unrequested. */
  lost: 3,
  /** Messages were not delivered, or may not have been; whether or not a connection was ever open. */
  undelivered: 4,
  /** The output could not be written. */
  unwritten: 5,
  /** 128 + SIGINT. */
  interrupted: 130,
  /** 128 + SIGPIPE: the reader of the output has gone. */
  broken: 141,
  /** 128 + SIGTERM. */
  terminated: 143,
} as const

/** The result of a run. */
export interface Outcome {
  /** The status of the signal or broken output that ended it, if any. */
  readonly signal: number | undefined
  readonly opened: boolean
  /** Messages that are known not to have been delivered. */
  readonly undelivered: number
  /** Messages that may or may not have been. */
  readonly inDoubt: number
  /** With a session: number of messages that its file keeps for the next run; 0 without a file. */
  readonly kept?: number | undefined
  /** Whether the end was requested: by this side, or by the server's 1000 if no retry was wanted. */
  readonly inOrder: boolean
}

/**
 * The exit status. A signal comes first: its sender expects unfinished work. Undelivered messages come next, however the
 * connection ended: a script must be able to tell whether there is something to send again.
 */
export function statusOf({ signal, opened, undelivered, inDoubt, kept = 0, inOrder }: Outcome): number {
  if (signal !== undefined) return signal
  if (undelivered + inDoubt + kept > 0) return exit.undelivered
  if (inOrder) return exit.ok
  return opened ? exit.lost : exit.neverOpen
}

/** The report about messages, if there is anything to report. */
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
