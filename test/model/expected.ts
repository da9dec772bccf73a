/** The behaviour of the machine as a table: where each input leads from each kind of state. What is not named changes nothing. */
import { isDeepStrictEqual } from 'node:util'
import type { Effect, End, Input, State, Step } from '../../src/machine/state.js'
import { nameOf } from './walk.js'

const table: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  idle: { connect: 'preparing', reconnect: 'preparing', close: 'closed', terminate: 'closed' },
  waiting: {
    due: 'preparing',
    wake: 'preparing',
    postpone: 'waiting',
    reconnect: 'preparing',
    close: 'closed',
    terminate: 'closed',
  },
  preparing: {
    prepared: 'dialing',
    'ended:retry': 'waiting',
    'ended:stop': 'closed',
    'ended:ask': 'deciding',
    reconnect: 'preparing',
    close: 'closed',
    terminate: 'closed',
  },
  dialing: {
    connected: 'greeting',
    opened: 'open',
    'ended:retry': 'waiting',
    'ended:stop': 'closed',
    'ended:ask': 'deciding',
    reconnect: 'preparing',
    close: 'closed',
    terminate: 'closed',
  },
  greeting: {
    opened: 'open',
    'ended:retry': 'waiting',
    'ended:stop': 'closed',
    'ended:ask': 'deciding',
    reconnect: 'preparing',
    close: 'closed',
    terminate: 'closed',
  },
  deciding: {
    'decided:retry': 'waiting',
    'decided:stop': 'closed',
    reconnect: 'waiting',
    close: 'closed',
    terminate: 'closed',
  },
  open: {
    'ended:retry': 'waiting',
    'ended:stop': 'closed',
    'ended:ask': 'deciding',
    close: 'closing→closed',
    reconnect: 'closing→redial',
    terminate: 'closed',
  },
  'closing→closed': {
    'ended:retry': 'closed',
    'ended:stop': 'closed',
    'ended:ask': 'closed',
    connect: 'closing→restart',
    reconnect: 'closing→restart',
    terminate: 'closed',
  },
  'closing→redial': {
    'ended:retry': 'waiting',
    'ended:stop': 'preparing',
    'ended:ask': 'preparing',
    close: 'closing→closed',
    terminate: 'closed',
  },
  'closing→restart': {
    'ended:retry': 'closed',
    'ended:stop': 'closed',
    'ended:ask': 'closed',
    reconnect: 'closing→restart',
    close: 'closing→closed',
    terminate: 'closed',
  },
  closed: { connect: 'preparing', reconnect: 'preparing' },
}

/** A state's name, with its phase or with what comes next. */
export function kindOf(state: State): string {
  if (state.name === 'connecting') return state.phase
  return state.name === 'closing' ? `closing→${state.next}` : state.name
}

/** Compares a step with the table, and what it carries with the input. Says in words what is wrong. */
export function expected(from: State, input: Input, { state: to, effects }: Step): string | undefined {
  const stale = 'id' in input && input.id !== from.id
  const kind = kindOf(from)
  const target = stale ? undefined : table[kind]?.[nameOf(input)]
  if (target === undefined)
    return effects.length > 0 || !isDeepStrictEqual(from, to)
      ? `changes something, to ${kindOf(to)} (law 10)`
      : undefined
  if (kindOf(to) !== target) return `leads to ${kindOf(to)}, not ${target}`
  return countProblem(from, input, to) ?? detailProblem(from, input, to, effects)
}

/** Identities and counts. */
function countProblem(from: State, input: Input, to: State): string | undefined {
  if (to.name === 'idle' || to.name === 'closed') return undefined
  const fresh = to.name === 'connecting' && (to.phase === 'waiting' || to.phase === 'preparing')
  if (to.id !== from.id + (fresh ? 1 : 0)) return `attempt ${from.id} became ${to.id}`
  if (!('retries' in from))
    return to.retries === 0 && to.opens === 0 ? undefined : 'a new run starts with old counts (law 7)'
  const kept = input.type === 'ended' && input.stable ? 0 : from.retries
  const retries = kept + (input.type === 'ended' && from.name !== 'closing' ? 1 : 0)
  if (to.retries !== retries) return `retries went from ${from.retries} to ${to.retries}, not ${retries}`
  const opens = from.opens + (input.type === 'opened' ? 1 : 0)
  return to.opens === opens ? undefined : `opens went from ${from.opens} to ${to.opens}`
}

/** What effects and the final state carry. */
function detailProblem(from: State, input: Input, to: State, effects: readonly Effect[]): string | undefined {
  for (const effect of effects) {
    if (!isDeepStrictEqual(effect, detail(effect, from, input, to)))
      return `wrong details: ${JSON.stringify(effect)}`
  }
  const restart = from.name === 'closing' && from.next === 'restart' && input.type === 'ended'
  if (restart !== effects.some(({ type }) => type === 'connect'))
    return 'connects when it should not, or the reverse'
  const hurried = input.type === 'reconnect' && to.name === 'closing'
  if (hurried !== effects.some(({ type }) => type === 'hurry'))
    return 'hurries when it should not, or the reverse'
  if (to.name === 'open' && !effects.some(({ type }) => type === 'flush')) return 'opens without a flush'
  if (to.name === 'closed' && !isDeepStrictEqual(to.end, finalEnd(from, input))) return 'keeps the wrong end'
  return undefined
}

const userEnd: End = { by: 'user', code: 1006, reason: '', wasClean: false }

function finalEnd(from: State, input: Input): End {
  if (input.type === 'ended' && from.name === 'closing') return { ...input.end, by: 'user' }
  return 'verdict' in input && input.verdict.type === 'stop' ? input.verdict.end : userEnd
}

/** The end that is told: the attempt's own. */
function toldEnd(from: State, input: Input): End {
  if (from.name === 'connecting' && from.phase === 'deciding') return from.end
  if (input.type !== 'ended') return userEnd
  return from.name === 'closing' ? { ...input.end, by: 'user' } : input.end
}

function detail(effect: Effect, from: State, input: Input, to: State): Effect {
  const retries = 'retries' in to ? to.retries : 0
  switch (effect.type) {
    case 'wait': {
      const asked = 'verdict' in input && input.verdict.type === 'retry' ? input.verdict.delay : 0
      return { type: 'wait', delay: input.type === 'postpone' ? input.delay : asked }
    }
    case 'prepare':
      return { type: 'prepare', retries }
    case 'dial':
      return input.type === 'prepared' ? { type: 'dial', target: input.target } : { type: 'release' }
    case 'greet':
      return {
        type: 'greet',
        attempt: retries,
        reconnected: 'opens' in from && from.opens > 0,
      }
    case 'decide':
      return { type: 'decide' }
    case 'shut':
      return input.type === 'close' || input.type === 'reconnect'
        ? { type: 'shut', code: input.code, reason: input.reason }
        : { type: 'release' }
    case 'state':
      return { type: 'state', from: from.name, to: to.name }
    case 'open':
      return { type: 'open', attempt: retries, reconnected: 'opens' in from && from.opens > 0 }
    case 'error':
      return { type: 'error', end: toldEnd(from, input) }
    case 'close':
      return { type: 'close', end: toldEnd(from, input) }
    default:
      return { type: effect.type }
  }
}
