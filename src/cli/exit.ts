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
  /** Whether the end was asked for: by this side, or by the server's 1000 where no retry was wanted. */
  readonly inOrder: boolean
}

/** The status for it. A signal goes first: whoever sent it knows that things were left undone. */
export function statusOf({ signal, opened, undelivered, inDoubt, inOrder }: Outcome): number {
  if (signal !== undefined) return signal
  if (!opened && !inOrder) return exit.neverOpen
  if (undelivered + inDoubt > 0) return exit.undelivered
  return inOrder ? exit.ok : exit.lost
}

/** What is to be said of messages, if anything. */
export function deliveryReport({
  undelivered,
  inDoubt,
}: Pick<Outcome, 'undelivered' | 'inDoubt'>): string | undefined {
  const parts = []
  if (undelivered > 0) parts.push(`${messages(undelivered)} not delivered`)
  if (inDoubt > 0) parts.push(`${messages(inDoubt)} on a connection that was lost, and may not have arrived`)
  return parts.length === 0 ? undefined : parts.join('; ')
}

function messages(count: number): string {
  return count === 1 ? '1 message was' : `${count} messages were`
}
