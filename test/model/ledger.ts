/** What a socket owns and owes, kept by the effects alone, and compared with what its state says. */
import { isDeepStrictEqual } from 'node:util'
import type { Effect, Input, State, Step } from '../../src/machine/state.js'

export interface Ledger {
  /** Timers: of the wait before a dial, of a decision. By attempt. */
  readonly wait?: number
  readonly decision?: number
  /** The attempt that holds providers or a platform socket, how far it is, and whether a deadline runs on it. */
  readonly attempt?: {
    readonly id: number
    readonly at: 'preparing' | 'dialing' | 'greeting' | 'open' | 'closing'
  }
  /** An event that must still come: `close` after an `open`, `error` for a failed attempt. */
  readonly owed?: 'close' | 'error'
}

export const emptyLedger: Ledger = {}

/** The order of effects within a step: what was is released, then told, then what will be is acquired. */
const order: Readonly<Record<Effect['type'], number>> = {
  connect: 0,
  release: 1,
  state: 2,
  open: 3,
  error: 3,
  close: 3,
  wait: 4,
  prepare: 4,
  dial: 4,
  greet: 4,
  decide: 4,
  shut: 4,
  hurry: 5,
  flush: 5,
}

/** Applies the effects of a step. Returns what law they break, in words, where they do. */
export function applyEffects(
  from: { state: State; ledger: Ledger },
  input: Input,
  step: Step,
): Ledger | string {
  let ledger = from.ledger
  let name: string = from.state.name
  let last = 0
  // a timer that fired is owned no more
  if (input.type === 'due' && input.id === ledger.wait) ledger = emptyLedger
  const failed = 'retries' in from.state && input.type === 'ended' && step.effects.length > 0
  if (failed && from.state.name === 'connecting') ledger = { ...ledger, owed: 'error' }
  for (const effect of step.effects) {
    if (order[effect.type] < last) return `${effect.type} comes too late`
    last = order[effect.type]
    if (effect.type === 'state') {
      if (effect.from !== name || effect.to === name)
        return `state event ${effect.from} → ${effect.to} in ${name}`
      name = effect.to
    }
    const next = apply(ledger, effect, step.state.id)
    if (typeof next === 'string') return next
    ledger = next
  }
  return name === step.state.name ? ledger : `no state event for ${step.state.name}`
}

function apply(ledger: Ledger, effect: Effect, id: number): Ledger | string {
  const { attempt, owed, ...rest } = ledger
  const keep = { ...rest, ...(owed && { owed }) }
  switch (effect.type) {
    case 'release':
      return owed ? { owed } : {}
    case 'wait':
      return ledger.wait === undefined ? { ...ledger, wait: id } : 'a second timer'
    case 'decide':
      return ledger.decision === undefined ? { ...ledger, decision: id } : 'a second decision'
    case 'prepare':
      return attempt
        ? 'a second attempt beside a live one (law 1)'
        : { ...keep, attempt: { id, at: 'preparing' } }
    case 'dial':
      return attempt?.at === 'preparing' ? { ...keep, attempt: { id, at: 'dialing' } } : 'dials unprepared'
    case 'greet':
      return attempt?.at === 'dialing' ? { ...keep, attempt: { id, at: 'greeting' } } : 'greets undialed'
    case 'open':
      if (owed) return 'open before the close that is owed (law 3)'
      return attempt?.at === 'dialing' || attempt?.at === 'greeting'
        ? { ...rest, attempt: { ...attempt, at: 'open' }, owed: 'close' }
        : 'opens undialed'
    case 'shut':
      return attempt?.at === 'open' ? { ...keep, attempt: { id, at: 'closing' } } : 'shuts what is not open'
    case 'hurry':
      return attempt?.at === 'closing' ? ledger : 'hurries what is not closing'
    case 'close':
      return owed === 'close' ? { ...rest, ...(attempt && { attempt }) } : 'close without open (law 3)'
    case 'error':
      return owed === 'error'
        ? { ...rest, ...(attempt && { attempt }) }
        : 'error without a failed attempt (law 4)'
    case 'flush':
      return attempt?.at === 'open' ? ledger : 'flushes what is not open'
    default:
      return ledger
  }
}

/** What each state may own, and must: every state but idle and closed owns something that ends in an input (law 2). */
export function ownershipProblem(state: State, ledger: Ledger): string | undefined {
  return isDeepStrictEqual(ledger, ownership(state))
    ? undefined
    : `in ${state.name} it owns or owes ${JSON.stringify(ledger)} (laws 2, 3, 4, 6)`
}

function ownership(state: State): Ledger {
  const { id } = state
  switch (state.name) {
    case 'idle':
    case 'closed':
      return {}
    case 'open':
      return { attempt: { id, at: 'open' }, owed: 'close' }
    case 'closing':
      return { attempt: { id, at: 'closing' }, owed: 'close' }
    case 'connecting':
      if (state.phase === 'waiting') return { wait: id }
      if (state.phase === 'deciding') return { decision: id, owed: state.owed }
      return { attempt: { id, at: state.phase } }
  }
}
