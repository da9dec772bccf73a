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
  /** Messages that arrived at the server, in order. */
  readonly received: readonly string[]
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

export function summarize(seen: readonly Seen[], { sent, received }: Books): Summary {
  const count = (type: Seen['type']) => seen.filter((event) => event.type === type).length
  const arrived = new Set(received)
  return {
    opens: count('open'),
    closes: count('close'),
    errors: count('error'),
    sent: sent.length,
    received: received.length,
    lost: sent.filter((message) => !arrived.has(message)).length,
    duplicates: received.length - arrived.size,
  }
}

/** Each law that was broken, in a sentence. To be called when the socket is closed. */
export function brokenLaws(seen: readonly Seen[], books: Books): string[] {
  const broken: string[] = []
  const { lost, duplicates } = summarize(seen, books)
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
  if (lost > 0) broken.push(`${lost} messages were lost`)
  if (duplicates > 0) broken.push(`${duplicates} messages arrived twice`)
  const order = books.received.map((message) => books.sent.indexOf(message))
  if (order.some((at, i) => i > 0 && at < (order[i - 1] as number)))
    broken.push('messages arrived out of order')
  return broken
}
