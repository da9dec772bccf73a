/**
 * The server's side of a session as one pure function, without I/O, clock or messages: only numbers and bytes. A state
 * lives in the node that owns the session, from its claim of the store until the node loses it. The shell holds the
 * messages, the store and the connections, and runs the effects in order.
 */
import type { AcknowledgeLater } from './acknowledge.js'
import { incoming, type Incoming, rejoin } from './incoming.js'
import { mayResume, outgoing, type Outgoing, type Positions, resume, type Transmit } from './outgoing.js'
import { type Deliver, type Forget, isOfConnection, type Step, stepsOf } from './side.js'
import { type Acknowledge, closeCodes, type Control, type Malformed } from './wire.js'

/** The server's state of a session. */
export interface ServerState {
  /**
   * - `detached`: no connection; the session expires unless one comes.
   * - `attached`: one connection.
   * - `gone`: final for this node: the session ended or expired, or another node owns it.
   */
  readonly phase: 'detached' | 'attached' | 'gone'
  /** Largest number of unacknowledged bytes. Constant for the lifetime of this state. */
  readonly window: number
  readonly incoming: Incoming
  readonly outgoing: Outgoing
}

/** The request of a hello that `judge` has accepted. */
export interface Attach {
  readonly type: 'attach'
  /** Whether this is the session that the hello asked for. */
  readonly resumed: boolean
  /** The number in the hello; 0 for a new session. */
  readonly received: number
}

export type ServerInput =
  | Attach
  /** The connection ended. Not fed for a superseded connection. */
  | { readonly type: 'detached' }
  /**
   * A payload of `size` bytes arrived; for `count` see `arrive`. Several have already been given to the application.
   */
  | { readonly type: 'payload'; readonly size: number; readonly count?: number }
  | Control
  | Malformed
  /** The store has all messages of the server up to `number`, whoever wrote them: they can be transmitted. */
  | { readonly type: 'kept'; readonly number: number }
  /**
   * The store has recorded, under this node's epoch, that all messages up to `number` are processed; for `at` see
   * `take`.
   */
  | { readonly type: 'taken'; readonly number: number; readonly at: number }
  /** Acknowledge everything now: the delay is over, or a pause follows. */
  | { readonly type: 'flush' }
  /** The store refused a write: another node has claimed the session. */
  | { readonly type: 'fenced' }
  /** The session has had no connection for its time to live. */
  | { readonly type: 'expire' }
  /** The application ends the session, or it exceeds its limits. */
  | { readonly type: 'end'; readonly reason: 'ended' | 'limits' }

export type ServerEffect =
  /** Close the previous connection with 4100: the session has another one now. */
  | { readonly type: 'supersede' }
  /** Close the new connection with 1002; the previous one stays. Cannot occur if `judge` saw this state's numbers. */
  | { readonly type: 'reject'; readonly problem: string }
  /** Answer the hello with `received` and `resumed`; the shell knows the rest. */
  | { readonly type: 'welcome'; readonly received: number; readonly resumed: boolean }
  | Deliver
  | Transmit
  | Acknowledge
  | AcknowledgeLater
  /** Also trim the store. */
  | Forget
  /** Close the connection. `problem` contains nothing that the client sent. */
  | { readonly type: 'close'; readonly code: number; readonly problem: string }
  /** Feed `expire` after the session's ttl, unless a connection comes first. */
  | { readonly type: 'expire-later' }
  /** Delete the session from the store, and drop everything held. */
  | { readonly type: 'delete' }
  /** Drop everything held. The session in the store belongs to another node. */
  | { readonly type: 'release' }

export type ServerStep = Step<ServerState, ServerEffect>

const none: readonly ServerEffect[] = []

const { payload, taken, flush, acknowledgement, kept, pump } = stepsOf<ServerState, ServerEffect>({
  with: ({ phase, window }, incoming, outgoing) => ({ phase, window, incoming, outgoing }),
  hears: isAttached,
  sends: isAttached,
  violation,
})

/**
 * The server's state as restored from the store, with the claim of it. It is `detached`; the hello that led to the
 * claim follows as `attach`.
 *
 * @param taken Last of the client's messages recorded as processed.
 * @param acked Last trimmed own message; `kept` is the last held one.
 */
export function serverState(window: number, taken = 0, acked = 0, ackedAt = 0, kept = acked): ServerState {
  return {
    phase: 'detached',
    window,
    incoming: incoming(taken),
    outgoing: outgoing(acked, ackedAt, kept),
  }
}

/**
 * Maps a state and an input to the next state and its effects. Stale and meaningless inputs change nothing.
 *
 * @param at Positions of the held own messages.
 */
export function serverTransition(state: ServerState, input: ServerInput, at: Positions): ServerStep {
  if (state.phase === 'gone') return stay(state)
  if (state.phase === 'detached' && isOfConnection(input)) return stay(state)
  switch (input.type) {
    case 'payload':
      return payload(state, input.size, input.count)
    case 'acknowledge':
      return acknowledgement(state, input.number, at)
    case 'kept':
      return kept(state, input.number, at)
    case 'taken':
      return taken(state, input.number, input.at)
    case 'flush':
      return flush(state)
    case 'attach':
      return attach(state, input, at)
    case 'detached':
      return { state: { ...state, phase: 'detached' }, effects: [{ type: 'expire-later' }] }
    case 'hello':
    case 'welcome':
    case 'ping':
      return violation(state, `a ${input.type} where none belongs`)
    case 'malformed':
      return violation(state, input.problem)
    case 'bye':
      return gone(state, [close(1000, 'the client has left the session'), { type: 'delete' }])
    case 'end': {
      const problem = input.reason === 'ended' ? 'session ended' : 'over its limits'
      return gone(state, [...closing(state, closeCodes[input.reason], problem), { type: 'delete' }])
    }
    case 'expire':
      return state.phase === 'detached' ? gone(state, [{ type: 'delete' }]) : stay(state)
    case 'fenced':
      return gone(state, [
        ...closing(state, closeCodes.takenOver, 'session taken over by another connection'),
        { type: 'release' },
      ])
  }
}

function isAttached({ phase }: ServerState): boolean {
  return phase === 'attached'
}

function attach(state: ServerState, { resumed, received }: Attach, at: Positions): ServerStep {
  if (!mayResume(state.outgoing, received))
    return { state, effects: [{ type: 'reject', problem: 'a number that was never sent' }] }
  const next: ServerState = {
    ...state,
    phase: 'attached',
    incoming: rejoin(state.incoming),
    outgoing: resume(state.outgoing, received, at),
  }
  const effects: ServerEffect[] = [{ type: 'welcome', received: state.incoming.taken, resumed }]
  if (isAttached(state)) effects.unshift({ type: 'supersede' })
  if (received > state.outgoing.acked) effects.push({ type: 'forget', number: received })
  return pump(next, at, effects)
}

/** The session can still be resumed. */
function violation(state: ServerState, problem: string): ServerStep {
  return {
    state: { ...state, phase: 'detached' },
    effects: [close(closeCodes.violation, problem), { type: 'expire-later' }],
  }
}

function gone(state: ServerState, effects: readonly ServerEffect[]): ServerStep {
  return { state: { ...state, phase: 'gone' }, effects }
}

function closing(state: ServerState, code: number, problem: string): ServerEffect[] {
  return isAttached(state) ? [close(code, problem)] : []
}

function close(code: number, problem: string): ServerEffect {
  return { type: 'close', code, problem }
}

function stay(state: ServerState): ServerStep {
  return { state, effects: none }
}
