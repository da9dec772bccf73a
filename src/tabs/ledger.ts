/** The messages that one member has sent in one term, and their progress: posted, handed to the platform, sent. */
import type { Sendable } from '../delivery/payload.js'

interface Entry {
  readonly data: Sendable
  readonly size: number
  /** The message is sent once the platform has sent this many bytes. */
  at: number
}

export interface Ledger {
  /** Unsent messages start at `first`: shift() on a long array moves all the rest. */
  entries: Entry[]
  first: number
  /** Size of the unsent messages in bytes. */
  bytes: number
  /** Number of messages that have been sent, and that have been handed over. */
  sent: number
  handed: number
}

export const newLedger = (): Ledger => ({ entries: [], first: 0, bytes: 0, sent: 0, handed: 0 })

export function add(ledger: Ledger, data: Sendable, size: number): void {
  ledger.entries.push({ data, size, at: 0 })
  ledger.bytes += size
}

/** The messages up to number `seq` have been handed over, and are sent once the platform has sent `at` bytes. */
export function confirm(ledger: Ledger, seq: number, at: number): void {
  const { entries, first, sent } = ledger
  // a wrong `seq` must do no harm: messages that were never posted cannot have been handed over
  const most = Math.min(seq, sent + entries.length - first)
  while (ledger.handed < most) entries[first + ledger.handed++ - sent]!.at = at
}

/** The platform has sent `at` bytes. */
export function flow(ledger: Ledger, at: number): void {
  for (let next; ledger.sent < ledger.handed && (next = ledger.entries[ledger.first]!).at <= at;) {
    ledger.sent++
    ledger.first++
    ledger.bytes -= next.size
  }
  if (ledger.first * 2 >= ledger.entries.length) {
    ledger.entries.splice(0, ledger.first)
    ledger.first = 0
  }
}

/** The messages that have not been handed over; the first is number `handed + 1`. */
export const rest = ({ entries, first, handed, sent }: Ledger): Sendable[] =>
  entries.slice(first + handed - sent).map(({ data }) => data)
