/** What both sides of a session do alike with the two streams of a connection. */
import { acknowledge, type AcknowledgeLater, acknowledgeNow } from './acknowledge.js'
import { arrive, type Incoming, mayArrive, take, tell } from './incoming.js'
import {
  acknowledged,
  fill,
  keep,
  mayAcknowledge,
  type Outgoing,
  type Positions,
  type Transmit,
  transmitted,
} from './outgoing.js'
import type { Acknowledge } from './wire.js'

/** The common part of both sides' states. */
export interface Streams {
  /** Largest number of unacknowledged bytes. */
  readonly window: number
  readonly incoming: Incoming
  readonly outgoing: Outgoing
}

/** The next state, and its effects in order. */
export interface Step<State, Effect> {
  readonly state: State
  readonly effects: readonly Effect[]
}

/** Give the arrived message to the application. Its number is `incoming.given`, its position `incoming.givenAt`. */
export interface Deliver {
  readonly type: 'deliver'
}

/** The peer has acknowledged all own messages up to `number`: remove them. */
export interface Forget {
  readonly type: 'forget'
  readonly number: number
}

export type SideEffect = Acknowledge | AcknowledgeLater | Deliver | Forget | Transmit

const ofConnection: ReadonlySet<string> = new Set([
  ...['payload', 'hello', 'welcome', 'acknowledge', 'bye', 'ping', 'malformed'],
  'detached',
])

/** Whether an input belongs to a connection. After the connection has been given up, more of them may arrive. */
export function isOfConnection({ type }: { readonly type: string }): boolean {
  return ofConnection.has(type)
}

/** The differences between the sides. */
export interface Side<State, Effect> {
  /**
   * The state with these streams. An object literal, because it is called per message and a spread costs ten times as
   * much.
   */
  readonly with: (state: State, incoming: Incoming, outgoing: Outgoing) => State
  /** Whether acknowledgements can be sent. */
  readonly hears: (state: State) => boolean
  /** Whether own messages can be transmitted. */
  readonly sends: (state: State) => boolean
  readonly violation: (state: State, problem: string) => Step<State, Effect>
}

/** The steps of one side. */
export interface Steps<State, Effect> {
  /** A payload of `size` bytes arrived; for `count` see `arrive`. */
  readonly payload: (state: State, size: number, count?: number) => Step<State, Effect>
  /** All of the peer's messages up to `number` are processed; for `at` see `take`. */
  readonly taken: (state: State, number: number, at: number) => Step<State, Effect>
  /** Acknowledges everything now. */
  readonly flush: (state: State) => Step<State, Effect>
  /** The peer has acknowledged `number`. */
  readonly acknowledgement: (state: State, number: number, at: Positions) => Step<State, Effect>
  /** This side's store has everything up to `number`. */
  readonly kept: (state: State, number: number, at: Positions) => Step<State, Effect>
  /** Transmits what the window allows, after `effects`. */
  readonly pump: (state: State, at: Positions, effects: readonly Effect[]) => Step<State, Effect>
}

const none: readonly never[] = []
const deliver: readonly Deliver[] = [{ type: 'deliver' }]

export function stepsOf<State extends Streams, Effect>(
  side: Side<State, Effect | SideEffect>,
): Steps<State, Effect | SideEffect> {
  type Effects = readonly (Effect | SideEffect)[]
  type Next = Step<State, Effect | SideEffect>

  /** @param effect Returns the acknowledgement that `now` needs. */
  function told(
    state: State,
    now: Incoming,
    effect: Acknowledge | AcknowledgeLater | undefined,
    effects: Effects,
  ): Next {
    const stream = effect?.type === 'acknowledge' ? tell(now) : now
    return {
      state: side.with(state, stream, state.outgoing),
      effects: effect ? [...effects, effect] : effects,
    }
  }

  function pump(state: State, at: Positions, effects: Effects): Next {
    if (!side.sends(state)) return { state, effects }
    const filled = fill(state.outgoing, state.window, at)
    const transmit = transmitted(state.outgoing, filled)
    if (!transmit) return { state, effects }
    return {
      state: side.with(state, state.incoming, filled),
      effects: effects === none ? [transmit] : [...effects, transmit],
    }
  }

  return {
    payload(state, size, count) {
      const { incoming, window } = state
      if (!mayArrive(incoming, window)) return side.violation(state, 'a message beyond the window')
      const now = arrive(incoming, size, count)
      return told(state, now, acknowledge(incoming, now, window), now.given > incoming.given ? deliver : none)
    },
    taken(state, number, at) {
      const now = take(state.incoming, number, at)
      if (side.hears(state)) return told(state, now, acknowledge(state.incoming, now, state.window), none)
      return { state: side.with(state, now, state.outgoing), effects: none }
    },
    flush(state) {
      const { incoming } = state
      return side.sends(state)
        ? told(state, incoming, acknowledgeNow(incoming), none)
        : { state, effects: none }
    },
    acknowledgement(state, number, at) {
      if (!mayAcknowledge(state.outgoing, number))
        return side.violation(state, 'an acknowledgement of nothing new')
      const next = side.with(state, state.incoming, acknowledged(state.outgoing, number, at))
      return pump(next, at, [{ type: 'forget', number }])
    },
    kept: (state, number, at) =>
      pump(side.with(state, state.incoming, keep(state.outgoing, number)), at, none),
    pump,
  }
}
