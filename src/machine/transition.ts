/**
 * The behaviour of the socket as one pure function, with one function per state.
 *
 * Effects are ordered: release, `state`, the event, and then what the new state owns. So a listener always sees the new
 * state and never a resource of the old one.
 */
import type {
  Closed,
  Closing,
  Connecting,
  Deciding,
  Effect,
  End,
  Idle,
  Input,
  Open,
  State,
  Step,
  Verdict,
} from './state.js'

type Ended = Extract<Input, { type: 'ended' }>
type Shutting = Extract<Input, { type: 'close' | 'reconnect' }>
type Settled = Exclude<Verdict, { type: 'ask' }>
/** `undefined` if the state ignores the input. */
type Next = Step | undefined

const userEnd: End = { by: 'user', code: 1006, reason: '', wasClean: false }

/** Maps a state and an input to the next state and its effects. Stale and meaningless inputs change nothing. */
export function transition(state: State, input: Input): Step {
  const stale = 'id' in input && input.id !== state.id
  return (stale ? undefined : next(state, input)) ?? { state, effects: [] }
}

function next(state: State, input: Input): Next {
  switch (state.name) {
    case 'idle':
    case 'closed':
      return atRest(state, input)
    case 'connecting':
      return state.phase === 'deciding' ? deciding(state, input) : connecting(state, input)
    case 'open':
      return open(state, input)
    case 'closing':
      return closing(state, input)
  }
}

function atRest(state: Idle | Closed, input: Input): Next {
  switch (input.type) {
    case 'connect':
    case 'reconnect':
      return prepare(state, 0, 0)
    case 'close':
    case 'terminate':
      return state.name === 'idle' ? close(state, userEnd) : undefined
    default:
      return undefined
  }
}

function connecting(state: Exclude<Connecting, Deciding>, input: Input): Next {
  const { phase, retries, opens } = state
  const greet = { attempt: retries, reconnected: opens > 0 }
  switch (input.type) {
    case 'due':
    case 'wake':
      return phase === 'waiting' ? prepare(state, retries, opens) : undefined
    case 'postpone':
      return phase === 'waiting' ? wait(state, retries, input.delay) : undefined
    case 'prepared':
      return phase === 'preparing'
        ? step(state, { ...state, phase: 'dialing' }, { type: 'dial', target: input.target })
        : undefined
    case 'connected':
      return phase === 'dialing'
        ? step(state, { ...state, phase: 'greeting' }, { type: 'greet', ...greet })
        : undefined
    case 'opened':
      return phase === 'dialing' || phase === 'greeting'
        ? step(
            state,
            { name: 'open', id: state.id, retries, opens: opens + 1 },
            { type: 'open', ...greet },
            { type: 'flush' },
          )
        : undefined
    case 'ended':
      return phase === 'waiting' ? undefined : ended(state, input, 'error')
    case 'reconnect':
      return prepare(state, retries, opens)
    case 'close':
    case 'terminate':
      return close(state, userEnd)
    default:
      return undefined
  }
}

function deciding(state: Deciding, input: Input): Next {
  const settled = (verdict: Settled): Step => settle(state, state.owed, state.retries, state.end, verdict)
  switch (input.type) {
    case 'decided':
      return settled(input.verdict)
    case 'reconnect':
      return settled({ type: 'retry', delay: 0 })
    case 'close':
    case 'terminate':
      return settled({ type: 'stop', end: userEnd })
    default:
      return undefined
  }
}

function open(state: Open, input: Input): Next {
  switch (input.type) {
    case 'ended':
      return ended(state, input, 'close')
    case 'close':
      return shut(state, input, 'closed')
    case 'reconnect':
      return shut(state, input, 'redial', { type: 'hurry' })
    case 'terminate':
      return close(state, userEnd, { type: 'close', end: userEnd })
    default:
      return undefined
  }
}

function closing(state: Closing, input: Input): Next {
  const { next, retries, opens } = state
  switch (input.type) {
    case 'ended': {
      const end: End = { ...input.end, by: 'user' }
      const told: Effect = { type: 'close', end }
      const kept = input.stable ? 0 : retries
      if (next === 'redial')
        return input.verdict.type === 'retry'
          ? wait(state, kept, input.verdict.delay, told)
          : prepare(state, kept, opens, told)
      const closed = close(state, end, told)
      return next === 'restart' ? { ...closed, effects: [{ type: 'connect' }, ...closed.effects] } : closed
    }
    case 'close':
      return next === 'closed' ? undefined : step(state, { ...state, next: 'closed' })
    case 'terminate':
      return close(state, userEnd, { type: 'close', end: userEnd })
    case 'connect':
      return next === 'closed' ? step(state, { ...state, next: 'restart' }) : undefined
    case 'reconnect':
      return next === 'redial' ? undefined : step(state, { ...state, next: 'restart' }, { type: 'hurry' })
    default:
      return undefined
  }
}

/** Starts the closing handshake. */
function shut(state: Open, { code, reason }: Shutting, next: Closing['next'], ...more: Effect[]): Step {
  return step(state, { ...state, name: 'closing', next }, { type: 'shut', code, reason }, ...more)
}

/** An attempt ended by itself: the verdict decides what follows. */
function ended(state: Exclude<Connecting, Deciding> | Open, input: Ended, owed: Deciding['owed']): Step {
  const { end, verdict, stable } = input
  const { id, opens } = state
  const retries = (stable ? 0 : state.retries) + 1
  return verdict.type === 'ask'
    ? leave(
        state,
        { name: 'connecting', phase: 'deciding', id, retries, opens, end, owed },
        { type: 'decide' },
      )
    : settle(state, owed, retries, end, verdict)
}

/** Emits the pending event for the end, and continues as the verdict says. */
function settle(
  state: Connecting | Open,
  owed: Deciding['owed'],
  retries: number,
  end: End,
  verdict: Settled,
): Step {
  const told: Effect = { type: owed, end }
  return verdict.type === 'stop' ? close(state, verdict.end, told) : wait(state, retries, verdict.delay, told)
}

/** Schedules a new attempt after a wait. */
function wait(from: Connecting | Open | Closing, retries: number, delay: number, ...told: Effect[]): Step {
  const { id, opens } = from
  return leave(from, { name: 'connecting', phase: 'waiting', id: id + 1, retries, opens }, ...told, {
    type: 'wait',
    delay,
  })
}

/** Starts a new attempt at once. */
function prepare(from: State, retries: number, opens: number, ...told: Effect[]): Step {
  return leave(from, { name: 'connecting', phase: 'preparing', id: from.id + 1, retries, opens }, ...told, {
    type: 'prepare',
    retries,
  })
}

function close(from: State, end: End, ...told: Effect[]): Step {
  return leave(from, { name: 'closed', id: from.id, end }, ...told)
}

/** Releases what the old state owns. */
function leave(from: State, to: State, ...effects: Effect[]): Step {
  const { state, effects: others } = step(from, to, ...effects)
  return { state, effects: [{ type: 'release' }, ...others] }
}

/** Changes the state; `state` comes first if the name changes. */
function step({ name: from }: State, state: State, ...effects: Effect[]): Step {
  const to = state.name
  return { state, effects: from === to ? effects : [{ type: 'state', from, to }, ...effects] }
}
