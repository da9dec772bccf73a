/** What one member has sent in one term, and how far it has come: posted, handed to the platform, sent by it. */
import type { Sendable } from '../delivery/payload.js'

interface Entry {
  readonly data: Sendable
  readonly size: number
  /** It is sent when the platform has sent so many bytes. */
  at: number
}

export interface Ledger {
  /** What is not sent, from `first` on: shift() on a long array moves all the rest. */
  entries: Entry[]
  first: number
  /** Its bytes. */
  bytes: number
  /** How many messages have been sent, and handed over. */
  sent: number
  handed: number
}

export const newLedger = (): Ledger => ({ entries: [], first: 0, bytes: 0, sent: 0, handed: 0 })

export function add(ledger: Ledger, data: Sendable, size: number): void {
  ledger.entries.push({ data, size, at: 0 })
  ledger.bytes += size
}

/** The messages to number `seq` have been handed over; the platform will have sent them when it has sent `at` bytes. */
export function confirm(ledger: Ledger, seq: number, at: number): void {
  const { entries, first, sent } = ledger
  // not to be believed blindly: what was never sent cannot have been handed over
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

/** What has not been handed over, the first of it being number `handed + 1`. */
export const rest = ({ entries, first, handed, sent }: Ledger): Sendable[] =>
  entries.slice(first + handed - sent).map(({ data }) => data)
