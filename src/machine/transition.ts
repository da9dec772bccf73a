/**
 * The whole behaviour of the socket as one pure function, a function per state.
 *
 * Effects come in the order release, `state`, the event, and then whatever the new state owns, so that a listener
 * always finds the new state and never a resource of the old one.
 */
import type {
  Closed,
  Closing,
  Connecting,
  Deciding,
  Dialing,
  Effect,
  End,
  Greeting,
  Idle,
  Input,
  Open,
  State,
  Step,
  Verdict,
  Waiting,
} from './state.js'

type Ended = Extract<Input, { type: 'ended' }>
type Shut = Extract<Input, { type: 'close' | 'reconnect' }>

const userEnd: End = { by: 'user', code: 1006, reason: '', wasClean: false }

const release: Effect = { type: 'release' }

/** Maps a state and an input to the next state and what the shell must do. Stale and meaningless inputs map to no change. */
export function transition(state: State, input: Input): Step {
  if ('id' in input && input.id !== state.id) return stay(state)
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

function atRest(state: Idle | Closed, input: Input): Step {
  switch (input.type) {
    case 'connect':
    case 'reconnect':
      return start(state)
    case 'close':
    case 'terminate':
      return state.name === 'idle' ? finish(state, userEnd, []) : stay(state)
    default:
      return stay(state)
  }
}

function connecting(state: Exclude<Connecting, Deciding>, input: Input): Step {
  switch (input.type) {
    case 'due':
      return state.phase === 'waiting' ? redial(state, []) : stay(state)
    case 'wake':
      return state.phase === 'waiting' ? redial(state, [release]) : stay(state)
    case 'postpone':
      return state.phase === 'waiting' ? waitOn(state, input.delay) : stay(state)
    case 'prepared':
      return state.phase === 'preparing'
        ? {
            state: { ...state, phase: 'dialing' },
            effects: [{ type: 'dial', id: state.id, target: input.target }],
          }
        : stay(state)
    case 'connected':
      return state.phase === 'dialing' ? greeting(state) : stay(state)
    case 'opened':
      return state.phase === 'dialing' || state.phase === 'greeting' ? opened(state) : stay(state)
    case 'ended':
      return state.phase === 'waiting' ? stay(state) : failed(state, input, 'dial')
    case 'reconnect':
      return redial(state, [release])
    case 'close':
    case 'terminate':
      return finish(state, userEnd, [release])
    default:
      return stay(state)
  }
}

/** The dial that was scheduled comes at another time. */
function waitOn(state: Waiting, delay: number): Step {
  const id = state.id + 1
  return { state: { ...state, id }, effects: [release, { type: 'wait', id, delay }] }
}

function deciding(state: Deciding, input: Input): Step {
  switch (input.type) {
    case 'decided':
      return settle(state, state.ended, state.end, input.verdict)
    case 'reconnect':
      return settle(state, state.ended, state.end, { type: 'retry', delay: 0 })
    case 'close':
    case 'terminate':
      return settle(state, state.ended, state.end, { type: 'stop', end: userEnd })
    default:
      return stay(state)
  }
}

function open(state: Open, input: Input): Step {
  switch (input.type) {
    case 'ended':
      return failed(state, input, 'connection')
    case 'close':
      return shut(state, input, 'closed')
    case 'reconnect':
      return shut(state, input, 'redial')
    case 'terminate':
      return closed(state, userEnd)
    default:
      return stay(state)
  }
}

function closing(state: Closing, input: Input): Step {
  switch (input.type) {
    case 'ended':
      return shutDown(state, input)
    case 'close':
      return { state: { ...state, next: 'closed' }, effects: [] }
    case 'terminate':
      return closed(state, userEnd)
    case 'connect':
    case 'reconnect':
      return state.next === 'closed' ? { state: { ...state, next: 'restart' }, effects: [] } : stay(state)
    default:
      return stay(state)
  }
}

/** The closing handshake is over, one way or the other. */
function shutDown(state: Closing, input: Ended): Step {
  const end: End = { ...input.end, by: 'user' }
  if (state.next !== 'redial')
    return closed(state, end, state.next === 'restart' ? [{ type: 'connect' }] : [])
  const { opens } = state
  const id = state.id + 1
  const retries = input.stable ? 0 : state.retries
  return {
    state: { name: 'connecting', phase: 'preparing', id, retries, opens },
    effects: [
      release,
      { type: 'state', from: 'closing', to: 'connecting' },
      { type: 'close', end, willRetry: true },
      { type: 'prepare', id, retries },
    ],
  }
}

/** An attempt ended by itself: the verdict says what follows. */
function failed(state: Exclude<Connecting, Deciding> | Open, input: Ended, what: Deciding['ended']): Step {
  const { end, verdict } = input
  const run = { id: state.id, retries: (input.stable ? 0 : state.retries) + 1, opens: state.opens }
  if (verdict.type !== 'ask') return settle({ ...state, ...run }, what, end, verdict)
  return {
    state: { name: 'connecting', phase: 'deciding', ...run, end, ended: what },
    effects: [release, ...named(state, 'connecting'), { type: 'decide', id: run.id }],
  }
}

/** Tells of the end that is still owed, and goes where the verdict says. */
function settle(
  state: Connecting | Open,
  what: Deciding['ended'],
  end: End,
  verdict: Exclude<Verdict, { type: 'ask' }>,
): Step {
  const willRetry = verdict.type === 'retry'
  const told: Effect = what === 'dial' ? { type: 'error', end } : { type: 'close', end, willRetry }
  if (verdict.type === 'stop') return finish(state, verdict.end, [release], [told])
  const id = state.id + 1
  return {
    state: { name: 'connecting', phase: 'waiting', id, retries: state.retries, opens: state.opens },
    effects: [release, ...named(state, 'connecting'), told, { type: 'wait', id, delay: verdict.delay }],
  }
}

function start(state: Idle | Closed): Step {
  const id = state.id + 1
  return {
    state: { name: 'connecting', phase: 'preparing', id, retries: 0, opens: 0 },
    effects: [
      { type: 'state', from: state.name, to: 'connecting' },
      { type: 'prepare', id, retries: 0 },
    ],
  }
}

/** A new attempt within the run, at once. */
function redial(state: Connecting, before: readonly Effect[]): Step {
  const { retries, opens } = state
  const id = state.id + 1
  return {
    state: { name: 'connecting', phase: 'preparing', id, retries, opens },
    effects: [...before, { type: 'prepare', id, retries }],
  }
}

function greeting(state: Dialing): Step {
  const { id, retries, opens } = state
  return {
    state: { ...state, phase: 'greeting' },
    effects: [{ type: 'greet', id, attempt: retries, reconnected: opens > 0 }],
  }
}

function opened(state: Dialing | Greeting): Step {
  const { id, retries, opens } = state
  return {
    state: { name: 'open', id, retries, opens: opens + 1 },
    effects: [
      { type: 'state', from: 'connecting', to: 'open' },
      { type: 'open', attempt: retries, reconnected: opens > 0 },
      { type: 'flush' },
    ],
  }
}

function shut(state: Open, input: Shut, next: 'closed' | 'redial'): Step {
  return {
    state: { ...state, name: 'closing', next },
    effects: [
      { type: 'state', from: 'open', to: 'closing' },
      { type: 'shut', id: state.id, code: input.code, reason: input.reason, next },
    ],
  }
}

/** A connection that was open is gone for good. */
function closed(state: Open | Closing, end: End, before: readonly Effect[] = []): Step {
  return finish(state, end, [release, ...before], [{ type: 'close', end, willRetry: false }])
}

function finish(state: State, end: End, before: readonly Effect[], after: readonly Effect[] = []): Step {
  return {
    state: { name: 'closed', id: state.id, end },
    effects: [...before, { type: 'state', from: state.name, to: 'closed' }, ...after],
  }
}

/** The `state` event, where the name changes. */
function named(state: State, to: State['name']): Effect[] {
  return state.name === to ? [] : [{ type: 'state', from: state.name, to }]
}

function stay(state: State): Step {
  return { state, effects: [] }
}
