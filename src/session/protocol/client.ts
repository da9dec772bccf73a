/**
 * The client's side of a session as one pure function, without I/O, clock or messages: only numbers and bytes. The
 * shell holds the messages and the store, and runs the effects in order.
 */
import type { AcknowledgeLater } from './acknowledge.js'
import { incoming, type Incoming, rejoin } from './incoming.js'
import { outgoing, type Outgoing, type Positions, resume, type Transmit } from './outgoing.js'
import { type Deliver, type Forget, isOfConnection, type Step, stepsOf } from './side.js'
import type { Acknowledge, Bye, Control, Hello, Malformed, SessionName, Welcome } from './wire.js'

/** The client's state of a session. */
export interface ClientState {
  /**
   * - `offline`: no connection.
   * - `greeting`: the hello has been sent.
   * - `naming`: the session's id and token are being stored. Until then nothing is transmitted: a client that lost them
   *   would send the same messages in another session.
   * - `live`: messages are exchanged.
   */
  readonly phase: 'offline' | 'greeting' | 'naming' | 'live'
  /** Missing until the server has assigned one. */
  readonly session: SessionName | undefined
  /** Whether the store has the id and token. */
  readonly name: 'none' | 'pending' | 'stored'
  /** Number of the client's current session. Results of the store for an earlier one are stale. */
  readonly generation: number
  /** Largest number of unacknowledged bytes; set by the server. */
  readonly window: number
  readonly incoming: Incoming
  readonly outgoing: Outgoing
}

export type ClientInput =
  /** A connection opened, with the subprotocol. */
  | { readonly type: 'connected' }
  /** The connection ended; messages in transit may or may not have arrived. */
  | { readonly type: 'disconnected' }
  /** A payload of `size` bytes arrived. */
  | { readonly type: 'payload'; readonly size: number }
  | Control
  | Malformed
  /** The store has the session's id and token. */
  | { readonly type: 'named'; readonly generation: number }
  /** The store has all own messages up to `number`: they can be transmitted. */
  | { readonly type: 'kept'; readonly generation: number; readonly number: number }
  /** The store has recorded that all of the server's messages up to `number` are processed; for `at` see `take`. */
  | {
      readonly type: 'taken'
      readonly generation: number
      readonly number: number
      readonly at: number
    }
  /** Acknowledge everything now: the delay is over, or a pause follows. */
  | { readonly type: 'flush' }
  /** The server closed with 4101 or 4102, or the store failed: the session is lost. */
  | { readonly type: 'ended'; readonly reason: 'ended' | 'limits' | 'store' }
  /** The user ends the session. */
  | { readonly type: 'leave' }

/**
 * Why a session was lost. `expired`: the server no longer knows it. `ended`: the server's application ended it.
 * `limits`: it exceeded the server's limits. `store`: this client's store failed, or has lost messages. `left`: the user
 * called `end()`.
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
   * The session is lost: report all held messages, the first of which has number `from`, and clear the store. Numbers
   * restart.
   */
  | { readonly type: 'lost'; readonly reason: LossReason; readonly from: number }
  /** Store the id and token, then feed `named`. */
  | { readonly type: 'name'; readonly session: SessionName }
  /** The server resumed the session. `missed` own messages were not processed and are sent again. */
  | { readonly type: 'resumed'; readonly missed: number }
  /** The handshake is done: messages can be exchanged. */
  | { readonly type: 'live' }
  /** The server violated the protocol: end the connection. `problem` contains nothing that the server sent. */
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
 * The client's state as restored from its store.
 *
 * @param received Last of the server's messages recorded as processed.
 * @param acked Last removed own message; `kept` is the last held one.
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
 * Maps a state and an input to the next state and its effects. Stale and meaningless inputs change nothing.
 *
 * @param at Positions of the held own messages.
 */
export function clientTransition(state: ClientState, input: ClientInput, at: Positions): ClientStep {
  const { generation = state.generation } = input as { readonly generation?: number }
  if (generation !== state.generation) return stay(state)
  if (state.phase === 'offline' && isOfConnection(input)) return stay(state)
  switch (input.type) {
    case 'payload':
      return isWelcome(state) ? payload(state, input.size) : violation(state, 'a message before the welcome')
    case 'kept':
      return kept(state, input.number, at)
    case 'taken':
      return taken(state, input.number, input.at)
    case 'acknowledge':
      return isWelcome(state)
        ? acknowledgement(state, input.number, at)
        : violation(state, 'an acknowledgement before the welcome')
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
    case 'ended':
      return lose(state, input.reason, none)
    case 'leave':
      return lose(state, 'left', isWelcome(state) ? [{ type: 'bye' }] : none)
    default:
      return violation(state, `a ${input.type} from a server`)
  }
}

/** Whether the server has answered the hello on this connection. */
function isWelcome({ phase }: ClientState): boolean {
  return phase === 'live' || phase === 'naming'
}

function connected(state: ClientState): ClientStep {
  const { session, outgoing } = state
  // messages processed from now on are not in this hello, and the server counts from what is
  const incoming = rejoin(state.incoming)
  return {
    state: { ...state, phase: 'greeting', incoming },
    effects: [{ type: 'hello', session, received: incoming.told, first: outgoing.acked + 1 }],
  }
}

function welcome(state: ClientState, answer: Welcome, at: Positions): ClientStep {
  const { session, received, resumed, window } = answer
  if (!resumed) return welcomeAnew(state, answer)
  if (session.id !== state.session?.id) return violation(state, 'a welcome back to another session')
  if (received > state.outgoing.kept) return forgotten(state)
  if (received < state.outgoing.acked) return violation(state, 'a number that is taken back')
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
 * The server has messages that this client does not remember sending: its store lost them, perhaps in a power failure.
 * New messages would get the same numbers and be taken for those.
 */
function forgotten(state: ClientState): ClientStep {
  const { state: fresh, effects } = lose(state, 'store', none)
  return {
    state: fresh,
    effects: [...effects, { type: 'violation', problem: 'it has messages that this client does not know' }],
  }
}

/** A new session. Held messages are sent in it only if they were never in another one. */
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

/** Ignores everything else on this connection. */
function violation(state: ClientState, problem: string): ClientStep {
  return { state: { ...state, phase: 'offline' }, effects: [{ type: 'violation', problem }] }
}

function stay(state: ClientState): ClientStep {
  return { state, effects: none }
}
