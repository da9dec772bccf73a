/**
 * One member of a group of tabs that share a connection: a pure machine, without clock, lock, channel or socket. The
 * shell feeds it inputs and runs the effects, in order.
 *
 *     waiting ─ lead ─→ following ─ over, or another term ─→ gone
 *        │                  └──── granted ──→ keeping ──→ gone
 *        └── granted ──→ leading ─── ended ──→ keeping
 *                           └── close ──→ closing ──→ gone
 *
 * A member lives as long as one connection. What it leaves behind in `keeping` is the lock, for the next one of its
 * tab: so a tab that dials again goes on leading, and the others need not dial.
 */
import type { Sendable } from '../delivery/payload.js'
import type { Effect, Following, Input, Leading, State, Step } from './state.js'
import type { Answer, Lead, Request } from './words.js'

/** How long after its last message a leader may still hand over messages of others, in ms. Less than `PATIENCE`. */
export const LEASE = 2_000
/** A leader is deposed after this much silence, in ms … */
const PATIENCE = 3_000
/** … and this many unanswered questions: the silence may be due to this tab. */
const QUESTIONS = 2
/** A leader whose last message is no older than this, in ms, need not be asked. */
const FRESH = 1_000
/** How long the lock is kept for the tab's next member, in ms: longer than the longest wait of the default backoff. */
const KEEP = 15_000
/** The same after the connection was abandoned, possibly for good. */
const KEEP_ABANDONED = 5_000

/** A new member, in a tab that knows of `term`. */
export const start = (term: number, now: number): State => ({ name: 'waiting', term, heard: now, asked: 0 })

/** The answer to a question, with `at` bytes sent so far. */
export function leadOf(state: State, at: number, again: boolean): Lead {
  const {
    term,
    phase,
    n = 0,
    protocol = '',
    extensions = '',
  } = state as Pick<State, 'term'> & Partial<Leading>
  return { kind: 'lead', term, open: phase === 'open', n, at, again, protocol, extensions }
}

/** Releases everything. */
const quit = ({ term }: State, ...effects: Effect[]): Step => [
  { name: 'gone', term },
  [...effects, ['release']],
]
const lostConnection = (at?: number): Effect => ['end', 1006, '', false, at]

/** Handles `input` of member `id`; `now` is in ms of a monotonic clock. */
export function transition(id: string, state: State, input: Input, now: number): Step {
  const { name, term } = state
  switch (input.type) {
    case 'granted':
      return granted(state, Math.max(term + 1, input.date), now)
    case 'deposed':
      return depose(state)
    case 'tick':
      return tick(id, state, now)
    case 'word':
      return 'from' in input.word ? requested(state, input.word, now) : answered(id, state, input.word, now)
    case 'send':
      if (name === 'following') {
        const seq = state.seq + 1
        return [{ ...state, seq }, [['post', { kind: 'send', from: id, term, seq, data: input.data }]]]
      }
      return name === 'leading' ? hand(state, id, (state.last[id] ?? 0) + 1, [input.data]) : [state, []]
    case 'opened': {
      const { protocol, extensions } = input
      return name === 'leading'
        ? [{ ...state, phase: 'greeting', protocol, extensions }, [['open', protocol, extensions]]]
        : [state, []]
    }
    case 'greeted':
      return name === 'leading' && state.phase === 'greeting'
        ? [{ ...speak(state, now), phase: 'open' }, [['lead', false], ['wills']]]
        : [state, []]
    case 'received': {
      if (name !== 'leading') return [state, []]
      const { data } = input
      const n = state.n + 1
      return [
        { ...speak(state, now), n },
        [
          ['post', { kind: 'data', term, n, data }],
          ['deliver', data],
        ],
      ]
    }
    case 'ended': {
      const { code, reason, clean, at } = input
      const end: Effect = ['end', code, reason, clean, at]
      if (name === 'closing') return quit(state, end)
      if (name !== 'leading') return [state, []]
      // refused: the others need not wait for this tab to be told the same, or to be let in
      if (state.phase === 'greeting' && (code === 1008 || code >= 3_000)) return quit(state, end)
      return [{ name: 'keeping', term, until: now + KEEP }, [...over(state, input), end]]
    }
    case 'leave':
      return leave(id, state, input, now)
    case 'verified':
      return name === 'leading' ? [{ ...state, spoke: now }, [['lead', true], ['wills']]] : [state, []]
    case 'lost':
      return [state, name === 'leading' ? [['left', input.from]] : []]
    case 'inherited':
      return [{ name: 'gone', term }, []]
  }
}

function granted(state: State, term: number, now: number): Step {
  switch (state.name) {
    case 'waiting':
      return [
        { name: 'leading', term, phase: 'dialing', n: 0, spoke: now, last: {}, protocol: '', extensions: '' },
        [['lead', false], ['dial']],
      ]
    case 'following':
      return [{ name: 'keeping', term, until: now + KEEP }, [['lead', false], lostConnection()]]
    case 'gone':
    case 'closing':
      return [state, [['release']]]
    default:
      return [state, []]
  }
}

/** Another member leads: releases everything that this one holds. */
function depose(state: State): Step {
  if (state.name === 'leading') return quit(state, ['close', undefined, ''], lostConnection())
  return state.name === 'keeping' ? quit(state) : [state, []]
}

function tick(id: string, state: State, now: number): Step {
  if (state.name === 'keeping' && now >= state.until) return quit(state)
  if ((state.name !== 'waiting' && state.name !== 'following') || now - state.heard < FRESH)
    return [state, []]
  if (state.asked >= QUESTIONS && now - state.heard >= PATIENCE) return [{ ...state, asked: 0 }, [['steal']]]
  const seq = state.name === 'following' ? state.seq : 0
  return [{ ...state, asked: state.asked + 1 }, [['post', { kind: 'ask', from: id, term: state.term, seq }]]]
}

/**
 * Whether it certainly leads: a leader that sent something this recently is not deposed. After a sleep it cannot know,
 * and its successor may deliver the same messages again.
 */
const isCertain = ({ spoke }: Leading, now: number): boolean => now - spoke <= LEASE

/** Records that it sends something to all. */
const speak = (state: Leading, now: number): Leading =>
  isCertain(state, now) ? { ...state, spoke: now } : state

function over(
  { term, phase }: Leading,
  end: { readonly code: number; readonly reason: string; readonly clean: boolean; readonly at: number },
): Effect[] {
  const { code, reason, clean, at } = end
  return phase === 'open' ? [['post', { kind: 'over', term, code, reason, clean, at }]] : []
}

/** Handles a message of a follower, or of a member that wants to follow. */
function requested(state: State, word: Request, now: number): Step {
  const { name, term } = state
  const { kind, from, seq } = word
  const will: Effect[] = kind === 'bye' ? [['will', word]] : []
  if (name === 'keeping' && kind === 'ask' && now < state.until) return [state, [['lead', false]]]
  if (name !== 'leading') return [state, will]
  const certain = isCertain(state, now)
  const next = speak(state, now)
  if (kind === 'ask') {
    const last = state.last[from] ?? 0
    const missing = certain && word.term === term && seq > last
    return [
      next,
      missing
        ? [
            ['lead', false],
            ['post', { kind: 'ack', to: from, term, seq: last, again: true, at: 0 }],
          ]
        : [[certain ? 'lead' : 'verify', false]],
    ]
  }
  // a new leader takes over unconfirmed messages that were addressed to the previous one
  if (state.phase !== 'open' || word.term > term || (kind === 'send' && word.term < term))
    return [state, will]
  if (!certain) return [state, [...will, ['verify', false]]]
  if (kind === 'send') return hand(next, from, seq, [word.data])
  if (word.left.length === 0) {
    // not to be remembered for as long as this tab leads
    const { [from]: _, ...last } = state.last
    return [{ ...next, last }, [...will, ['left', from]]]
  }
  // it may have sent messages to the leader of another term before
  const last = { ...state.last, [from]: state.last[from] ?? seq - 1 }
  const [after, effects] = hand({ ...next, last }, from, seq, word.left)
  return [after, [...will, ...effects, ['left', from]]]
}

/** Messages from number `seq` on: hands over the next ones, and confirms earlier ones again. */
function hand(state: Leading, to: string, seq: number, messages: readonly Sendable[]): Step {
  const { term } = state
  let last = state.last[to] ?? 0
  const effects: Effect[] = last === 0 ? [['watch', to]] : []
  for (const data of messages) {
    if (seq === last + 1)
      effects.push(['hand', { kind: 'ack', to, term, seq: ++last, again: false, at: 0 }, data])
    else effects.push(['post', { kind: 'ack', to, term, seq: last, again: seq > last, at: 0 }])
    seq++
  }
  return [{ ...state, last: { ...state.last, [to]: last } }, effects]
}

/** Handles a message of a leader or former leader. */
function answered(id: string, state: State, word: Answer, now: number): Step {
  const { name } = state
  const { kind, term } = word
  const heard: Effect[] = kind === 'ack' ? [['acked', word]] : []
  if (name === 'gone' || name === 'closing' || term < state.term) return [state, heard]
  if (name === 'leading' || name === 'keeping') return term > state.term ? depose(state) : [state, heard]
  const next = { ...state, term, heard: now, asked: 0 }
  if (next.name === 'waiting')
    return kind === 'lead' && word.open
      ? [{ ...next, name: 'following', n: word.n, seq: 0 }, [['open', word.protocol, word.extensions]]]
      : [next, heard]
  if (term > state.term) return quit(next, lostConnection())
  if (kind === 'ack') return [next, word.again && word.to === id ? [...heard, ['resend']] : heard]
  if (kind === 'over') return quit(next, ['end', word.code, word.reason, word.clean, word.at])
  if (kind === 'data' && word.n === next.n + 1) return [{ ...next, n: word.n }, [['deliver', word.data]]]
  // the end of the leader's connection was missed
  if (kind === 'lead' && !word.open) return quit(next, lostConnection())
  // a message of the server was missed
  if (word.n > next.n) return [next, [['hidden']]]
  if (kind === 'data') return [next, []]
  return [next, [['sent', word.at], ...(word.again ? [['resend'] as const] : [])]]
}

/** @param left The last of its messages. */
function bye(from: string, { term, seq }: Following, left: readonly Sendable[]): Effect {
  return ['post', { kind: 'bye', from, term, seq: seq - left.length + 1, left }]
}

function leave(id: string, state: State, input: Extract<Input, { type: 'leave' }>, now: number): Step {
  const { how, code, reason, at } = input
  switch (state.name) {
    case 'waiting':
      return quit(state, lostConnection())
    case 'following': {
      const end: Effect = how === 'closed' ? ['end', code ?? 1005, reason, true, undefined] : lostConnection()
      return quit(state, bye(id, state, input.left), end)
    }
    case 'leading': {
      const { term } = state
      const effects: Effect[] = [
        ...over(state, { code: 1006, reason: '', clean: false, at }),
        ['close', code, reason],
      ]
      if (how === 'closed') return [{ name: 'closing', term }, [...effects, ['release']]]
      const end = lostConnection(at)
      if (how === 'hidden') return quit(state, ...effects, end)
      return [{ name: 'keeping', term, until: now + KEEP_ABANDONED }, [...effects, end]]
    }
    case 'keeping':
      return how === 'hidden' ? quit(state) : [state, []]
    default:
      return [state, []]
  }
}
