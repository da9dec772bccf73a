/**
 * Unconfirmed messages of members that have gone, as far as this member knows them: it hands them over if it becomes
 * the leader.
 */
import type { Sendable } from '../delivery/payload.js'
import type { Bye } from './words.js'

/** Per member: the messages from number `seq` on; those before are confirmed. */
export type Wills = Map<string, { readonly seq: number; readonly rest: readonly Sendable[] }>

/** A member has left `rest` behind. Some of it may have been confirmed meanwhile; of nothing, nothing is remembered. */
export function leaves(wills: Wills, { from, seq, rest }: Pick<Bye, 'from' | 'seq' | 'rest'>): void {
  if (rest.length === 0) return void wills.delete(from)
  const first = Math.max(seq, wills.get(from)?.seq ?? 0)
  wills.set(from, { seq: first, rest: rest.slice(first - seq) })
}

/** The messages of a member up to number `seq` are confirmed. */
export function confirmed(wills: Wills, from: string, seq: number): void {
  const will = wills.get(from)
  const first = Math.max(seq + 1, will?.seq ?? 0)
  wills.set(from, { seq: first, rest: will?.rest.slice(first - will.seq) ?? [] })
}
