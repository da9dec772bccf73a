/** What the demo checks of what it saw: the laws that can be seen from outside. */

/** One event of the socket, as the demo noted it. */
export interface Seen {
  readonly type: 'state' | 'open' | 'close' | 'error'
  /** The new state, of a `state`. */
  readonly to?: string
  readonly willRetry?: boolean
}

export interface Books {
  /** Messages given to `send()`, in order. */
  readonly sent: readonly string[]
  /** Messages that arrived at the server, in order, by the server's own count. */
  readonly received: readonly string[]
  /** Messages that are still in the outbox: not sent, and not lost either. */
  readonly waiting: readonly string[]
  /** Dials that reached the server. */
  readonly dials: number
}

export interface Summary {
  readonly opens: number
  readonly closes: number
  readonly errors: number
  readonly sent: number
  readonly received: number
  readonly lost: number
  readonly duplicates: number
}

export function summarize(seen: readonly Seen[], { sent, received, waiting }: Books): Summary {
  const count = (type: Seen['type']) => seen.filter((event) => event.type === type).length
  const arrived = new Set(received)
  const safe = new Set(waiting)
  return {
    opens: count('open'),
    closes: count('close'),
    errors: count('error'),
    sent: sent.length,
    received: received.length,
    lost: sent.filter((message) => !arrived.has(message) && !safe.has(message)).length,
    duplicates: received.length - arrived.size,
  }
}

/** The laws, in the order in which they are checked. */
export const laws = [
  'each open is followed by exactly one close before the next',
  'close() ends in closed',
  'each failed dial gives exactly one error',
  'no message is lost',
  'no message arrives twice',
  'messages arrive in the order of send()',
] as const

/** Each law that was broken, in a sentence. To be called when the socket is closed. */
export function brokenLaws(seen: readonly Seen[], books: Books): string[] {
  const broken: string[] = []
  const { opens, errors, lost, duplicates } = summarize(seen, books)
  let open = 0
  for (const { type } of seen) {
    if (type === 'open' && open++ > 0)
      broken.push('an open came before the close of the connection before it')
    if (type === 'close' && open-- < 1) broken.push('a close came without an open')
    open = Math.max(0, Math.min(1, open))
  }
  if (open > 0) broken.push('the last open has no close')
  if (seen.findLast(({ type }) => type === 'state')?.to !== 'closed')
    broken.push('close() did not reach closed')
  // the server counts the dials, and so knows how many of them cannot have opened
  const failed = books.dials - opens
  if (errors !== failed) broken.push(`${failed} dials failed, and ${errors} error events told of them`)
  if (lost > 0) broken.push(`${lost} of ${books.sent.length} messages were lost`)
  if (duplicates > 0) broken.push(`${duplicates} messages arrived twice`)
  if (books.waiting.length > 0)
    broken.push(`${books.waiting.length} of ${books.sent.length} messages still wait in the outbox`)
  const places = books.received.map((message) => books.sent.indexOf(message))
  const order = places.filter((at) => at >= 0)
  if (order.length < places.length) broken.push('a message arrived that nobody sent')
  if (order.some((at, i) => i > 0 && at < (order[i - 1] as number)))
    broken.push('messages arrived out of order')
  return broken
}
