/**
 * The client's side of a session, as one pure function: no I/O, no clock, no messages, only numbers and bytes. The shell
 * holds the messages and the store, and carries out the effects in order.
 */
import type { AcknowledgeLater } from './acknowledge.js'
import { incoming, type Incoming, rejoin } from './incoming.js'
import { mayResume, outgoing, type Outgoing, type Positions, resume, type Transmit } from './outgoing.js'
import { type Deliver, type Forget, isOfConnection, type Step, stepsOf } from './side.js'
import type { Acknowledge, Bye, Control, Hello, Malformed, SessionName, Welcome } from './wire.js'

/** The client's half of a session. */
export interface ClientState {
  /**
   * - `offline`: no connection.
   * - `greeting`: hello is out.
   * - `naming`: the session's name is on its way into the store, and nothing is transmitted before it is there: a
   *   client that forgot the session would send the same into another one.
   * - `live`: messages flow.
   */
  readonly phase: 'offline' | 'greeting' | 'naming' | 'live'
  /** Missing until a server has given one. */
  readonly session: SessionName | undefined
  /** Whether the store holds the name. */
  readonly name: 'none' | 'pending' | 'stored'
  /** Counts the sessions of this client. What the store says of another one is stale. */
  readonly generation: number
  /** Bytes that may be unacknowledged; the server's word. */
  readonly window: number
  readonly incoming: Incoming
  readonly outgoing: Outgoing
}

export type ClientInput =
  /** A connection is there, with the subprotocol agreed. */
  | { readonly type: 'connected' }
  /** It is not any more, however it ended; all it carried may or may not have arrived. */
  | { readonly type: 'disconnected' }
  /** A payload of `size` bytes came. */
  | { readonly type: 'payload'; readonly size: number }
  | Control
  | Malformed
  /** The store holds the session's name. */
  | { readonly type: 'named'; readonly generation: number }
  /** The store holds all own messages up to `number`: they may be transmitted. */
  | { readonly type: 'kept'; readonly generation: number; readonly number: number }
  /** The store has noted that all of the server's messages up to `number` are taken over; `at`: see `take`. */
  | {
      readonly type: 'taken'
      readonly generation: number
      readonly number: number
      readonly at: number
    }
  /** What is untold is to be acknowledged now: the time is over, or a pause follows. */
  | { readonly type: 'flush' }
  /** The server closed with 4101 or 4102, or the store failed: the session is gone. */
  | { readonly type: 'ended'; readonly reason: 'ended' | 'limits' | 'store' }
  /** The user ends the session. */
  | { readonly type: 'leave' }

/**
 * Why a session was lost. `expired`: the server does not know it any more. `ended`: the server's application has ended it.
 * `limits`: it was over the server's limits. `store`: this client's own store has failed. `left`: by the user's `end()`.
 */
export type LossReason = 'expired' | 'ended' | 'limits' | 'store' | 'left'

export type ClientEffect =
  | Hello
  | Acknowledge
  | AcknowledgeLater
  | Bye
  | Transmit
  | Deliver
  | Forget
  /**
   * The session is gone: report all messages that are held, `from` being the number of the first, and clear the store.
   * Numbers begin anew.
   */
  | { readonly type: 'lost'; readonly reason: LossReason; readonly from: number }
  /** Store the name, then feed `named`. */
  | { readonly type: 'name'; readonly session: SessionName }
  /** The server goes on with the session. `missed` of the own messages have not been taken over: they are sent again. */
  | { readonly type: 'resumed'; readonly missed: number }
  /** The handshake is done: messages flow. */
  | { readonly type: 'live' }
  /** The server broke a rule: end the connection. `problem` holds nothing that the server said. */
  | { readonly type: 'violation'; readonly problem: string }

export type ClientStep = Step<ClientState, ClientEffect>

const none: readonly ClientEffect[] = []

const { payload, taken, flush, acknowledgement, kept, pump } = stepsOf<ClientState, ClientEffect>({
  with({ phase, session, name, generation, window }, incoming, outgoing) {
    return { phase, session, name, generation, window, incoming, outgoing }
  },
  hears: isWelcome,
  sends: ({ phase }) => phase === 'live',
  violation,
})

/**
 * A client's state as its store has it.
 * @param received Last number of the server's messages that is noted as taken over.
 * @param acked Last own number that is forgotten; `kept` the last that is held.
 */
export function clientState(
  session?: SessionName,
  received = 0,
  acked = 0,
  ackedAt = 0,
  kept = acked,
  generation = 0,
): ClientState {
  return {
    phase: 'offline',
    session,
    name: session ? 'stored' : 'none',
    generation,
    window: 0,
    incoming: incoming(received),
    outgoing: outgoing(acked, ackedAt, kept),
  }
}

/**
 * Maps a state and an input to the next state and what the shell must do. Stale and meaningless inputs map to no change.
 * @param at Positions of the own messages that are held.
 */
export function clientTransition(state: ClientState, input: ClientInput, at: Positions): ClientStep {
  if ('generation' in input && input.generation !== state.generation) return stay(state)
  if (state.phase === 'offline' && isOfConnection(input)) return stay(state)
  switch (input.type) {
    case 'payload':
      return isWelcome(state) ? payload(state, input.size) : violation(state, 'a message before the welcome')
    case 'kept':
      return kept(state, input.number, at)
    case 'taken':
      return taken(state, input.number, input.at)
    case 'acknowledge':
      return acknowledgement(state, input.number, at)
    case 'flush':
      return flush(state)
    case 'connected':
      return connected(state)
    case 'disconnected':
      return { state: { ...state, phase: 'offline' }, effects: none }
    case 'welcome':
      return state.phase === 'greeting' ? welcome(state, input, at) : violation(state, 'an unasked welcome')
    case 'named':
      return named(state, at)
    case 'malformed':
      return violation(state, input.problem)
    case 'hello':
    case 'bye':
    case 'ping':
      return violation(state, `a ${input.type} from a server`)
    case 'ended':
      return lose(state, input.reason, none)
    case 'leave':
      return lose(state, 'left', isWelcome(state) ? [{ type: 'bye' }] : none)
  }
}

/** Whether this connection has been welcomed. */
function isWelcome({ phase }: ClientState): boolean {
  return phase === 'live' || phase === 'naming'
}

function connected(state: ClientState): ClientStep {
  const { session } = state
  // what is taken over from here on was not said in this hello: the server counts from what was
  const incoming = rejoin(state.incoming)
  const [received, first] = session ? [incoming.told, state.outgoing.acked + 1] : [0, 1]
  return {
    state: { ...state, phase: 'greeting', incoming },
    effects: [{ type: 'hello', session, received, first }],
  }
}

function welcome(state: ClientState, answer: Welcome, at: Positions): ClientStep {
  const { session, received, resumed, window } = answer
  if (!resumed) return welcomeAnew(state, answer)
  if (session.id !== state.session?.id) return violation(state, 'a welcome back to another session')
  if (received > state.outgoing.kept) return forgotten(state)
  if (!mayResume(state.outgoing, received)) return violation(state, 'a number that is taken back')
  const missed = state.outgoing.kept - received
  const next: ClientState = {
    ...state,
    phase: 'naming',
    window,
    outgoing: resume(state.outgoing, received, at),
  }
  const effects: ClientEffect[] = [{ type: 'resumed', missed }]
  if (received > state.outgoing.acked) effects.unshift({ type: 'forget', number: received })
  return state.name === 'stored' ? live(next, at, effects) : { state: next, effects }
}

/**
 * The server has messages that this client does not know to have sent: its store has lost them, with the power perhaps.
 * What it has numbered since would be taken for those.
 */
function forgotten(state: ClientState): ClientStep {
  const { state: fresh, effects } = lose(state, 'store', none)
  return {
    state: fresh,
    effects: [...effects, { type: 'violation', problem: 'it has messages that this client does not know' }],
  }
}

/** A session that is new. What is held goes into it only where it was never in another one. */
function welcomeAnew(state: ClientState, { session, received, window }: Welcome): ClientStep {
  if (received > 0) return violation(state, 'a new session that has received messages')
  const { state: before, effects } = state.session ? lose(state, 'expired', none) : { state, effects: none }
  return {
    state: { ...before, phase: 'naming', session, name: 'pending', window },
    effects: [...effects, { type: 'name', session }],
  }
}

function named(state: ClientState, at: Positions): ClientStep {
  const next: ClientState = { ...state, name: 'stored' }
  return state.phase === 'naming' ? live(next, at, none) : { state: next, effects: none }
}

function live(state: ClientState, at: Positions, effects: readonly ClientEffect[]): ClientStep {
  return pump({ ...state, phase: 'live' }, at, [...effects, { type: 'live' }])
}

function lose(state: ClientState, reason: LossReason, before: readonly ClientEffect[]): ClientStep {
  const from = state.outgoing.acked + 1
  return {
    state: clientState(undefined, 0, 0, 0, 0, state.generation + 1),
    effects: [...before, { type: 'lost', reason, from }],
  }
}

/** Nothing that comes on this connection counts from here on. */
function violation(state: ClientState, problem: string): ClientStep {
  return { state: { ...state, phase: 'offline' }, effects: [{ type: 'violation', problem }] }
}

function stay(state: ClientState): ClientStep {
  return { state, effects: none }
}
