/**
 * Unconfirmed messages of members that have gone, as far as this member knows them: it hands them over if it becomes
 * the leader.
 */
import type { Sendable } from '../delivery/payload.js'
import type { Bye } from './words.js'

/** Per member: the messages from number `seq` on; those before are confirmed. */
export type Wills = Map<string, { readonly seq: number; readonly left: readonly Sendable[] }>

/** A member has left `left` behind. Some of it may have been confirmed meanwhile; of nothing, nothing is remembered. */
export function leaves(wills: Wills, { from, seq, left }: Pick<Bye, 'from' | 'seq' | 'left'>): void {
  if (left.length === 0) return void wills.delete(from)
  const first = Math.max(seq, wills.get(from)?.seq ?? 0)
  wills.set(from, { seq: first, left: left.slice(first - seq) })
}

/** The messages of a member up to number `seq` are confirmed. */
export function confirmed(wills: Wills, from: string, seq: number): void {
  const will = wills.get(from)
  const first = Math.max(seq + 1, will?.seq ?? 0)
  wills.set(from, { seq: first, left: will?.left.slice(first - will.seq) ?? [] })
}
