/**
 * The vocabulary of the machine: what a socket can be (`State`), what can happen to it (`Input`) and what it
 * asks its shell to do (`Effect`). Plain data throughout, so that a test can enumerate all of it.
 */

/** How an attempt, or the whole socket, came to its end. Codes are those of RFC 6455 section 7.4. */
export interface End {
  /**
   * Who ended it: `user` through `close()`, `reconnect()`, `terminate()` or the abort signal; `client` when this
   * side alone judged the connection dead; `peer` by a Close frame; `network` for everything that may have hit
   * every client at once: a refused dial, FIN, RST, silence, a handshake that failed.
   */
  readonly by: 'user' | 'client' | 'peer' | 'network'
  /** The peer's close code; 1005 for a Close frame without one, 1006 for no Close frame at all. */
  readonly code: number
  /** The peer's reason, at most 123 bytes; empty when it gave none. */
  readonly reason: string
  /** Whether the closing handshake was completed. */
  readonly wasClean: boolean
  /**
   * Whether the platform reported an error with it, as it does where it fails a connection: a refused dial, a broken
   * protocol. A connection that is merely lost has none.
   */
  readonly failed?: true
  /** The typed error, unless the end was in order. */
  readonly cause?: Error & { readonly code: string }
}

/** What comes after an end. `ask` means that the user's own `decide` has yet to answer. */
export type Verdict =
  | { readonly type: 'retry'; readonly delay: number }
  | { readonly type: 'stop'; readonly end: End }
  | { readonly type: 'ask' }

/** Where an attempt goes: one endpoint, resolved and validated, with what its providers gave for this attempt. */
export interface Target {
  readonly url: string
  readonly protocols: readonly string[] | undefined
  readonly headers?: Readonly<Record<string, string>> | undefined
}

/** One run: from `connect()` to `closed`. */
interface Run {
  /** Identity of the current attempt. Never reused: an input that carries another one is stale. */
  readonly id: number
  /** Dials in a row since `connect()` or the last stable connection, the first one not counted. */
  readonly retries: number
  /** Connections opened in this run. */
  readonly opens: number
}

/** Never started, by `autoConnect: false`. Owns nothing. */
export interface Idle {
  readonly name: 'idle'
  readonly id: number
}

/** The next dial is scheduled. Owns one timer. */
export interface Waiting extends Run {
  readonly name: 'connecting'
  readonly phase: 'waiting'
}

/** URL, protocols or headers are being provided. Owns the attempt: an AbortController and the connect deadline. */
export interface Preparing extends Run {
  readonly name: 'connecting'
  readonly phase: 'preparing'
}

/** The handshake is under way. Owns the attempt: one platform socket and the connect deadline. */
export interface Dialing extends Run {
  readonly name: 'connecting'
  readonly phase: 'dialing'
}

/** The handshake is done and the application's `hello` is under way. Owns what `dialing` does. */
export interface Greeting extends Run {
  readonly name: 'connecting'
  readonly phase: 'greeting'
}

/** An attempt has ended and an asynchronous `decide` is out. Owns the deadline for its answer. */
export interface Deciding extends Run {
  readonly name: 'connecting'
  readonly phase: 'deciding'
  readonly end: End
  /** The event that is still owed: `close` for a connection, `error` for a dial. */
  readonly owed: 'close' | 'error'
}

/** One connection is live. Owns it and its heartbeat. */
export interface Open extends Run {
  readonly name: 'open'
}

/** The closing handshake is under way. Owns the connection and the close deadline. */
export interface Closing extends Run {
  readonly name: 'closing'
  /**
   * What follows: `closed`; `redial` after `reconnect()`, within the same run; `restart` after `close()` and then
   * `connect()`, which reaches `closed` first and begins a new run from there.
   */
  readonly next: 'closed' | 'redial' | 'restart'
}

/** Over, with the reason kept. Owns nothing. */
export interface Closed {
  readonly name: 'closed'
  readonly id: number
  readonly end: End
}

export type Connecting = Waiting | Preparing | Dialing | Greeting | Deciding
export type State = Idle | Connecting | Open | Closing | Closed

/** What can happen. Inputs with an `id` speak of one attempt and change nothing once it has been released. */
export type Input =
  | { readonly type: 'connect' }
  | { readonly type: 'reconnect'; readonly code?: number | undefined; readonly reason?: string | undefined }
  | { readonly type: 'close'; readonly code?: number | undefined; readonly reason?: string | undefined }
  | { readonly type: 'terminate' }
  /** Something says that now is a good moment to dial: the network is back, the page is visible again. */
  | { readonly type: 'wake' }
  /** The dial that is scheduled comes `delay` ms from now instead. */
  | { readonly type: 'postpone'; readonly delay: number }
  /** The wait before the dial is over. */
  | { readonly type: 'due'; readonly id: number }
  | { readonly type: 'prepared'; readonly id: number; readonly target: Target }
  /** The handshake is done, and a `hello` is to follow. */
  | { readonly type: 'connected'; readonly id: number }
  /** The handshake is done, and so is the `hello` where there is one. */
  | { readonly type: 'opened'; readonly id: number }
  /** The attempt is over, whatever the cause: failed, closed, timed out. `stable` resets the count of retries. */
  | {
      readonly type: 'ended'
      readonly id: number
      readonly end: End
      readonly verdict: Verdict
      readonly stable: boolean
    }
  /** The answer of an asynchronous `decide`, or of the deadline that stands in for it. */
  | { readonly type: 'decided'; readonly id: number; readonly verdict: Exclude<Verdict, { type: 'ask' }> }

/** What the shell must do, in order. What speaks of an attempt means that of the new state. */
export type Effect =
  /** Undo whatever is held: timers, providers, the platform socket. */
  | { readonly type: 'release' }
  /** Feed `connect`, before anything that a listener sets off. */
  | { readonly type: 'connect' }
  /** Tell the listeners. `close` says whether there is a next dial, which the new state knows. */
  | { readonly type: 'state'; readonly from: State['name']; readonly to: State['name'] }
  | { readonly type: 'open'; readonly attempt: number; readonly reconnected: boolean }
  | { readonly type: 'error' | 'close'; readonly end: End }
  /** Feed `due` after `delay` ms. */
  | { readonly type: 'wait'; readonly delay: number }
  /** Ask the providers, under the connect deadline; feed `prepared` or `ended`. */
  | { readonly type: 'prepare'; readonly retries: number }
  /** Open a platform socket; feed `connected`, `opened` or `ended`. */
  | { readonly type: 'dial'; readonly target: Target }
  /** Run the `hello`, still under the connect deadline; feed `opened` or `ended`. */
  | { readonly type: 'greet'; readonly attempt: number; readonly reconnected: boolean }
  /** Await the user's `decide`, under a deadline; feed `decided`. */
  | { readonly type: 'decide' }
  /** Start the closing handshake, under the close deadline, or a much shorter one where a dial is next; feed `ended`. */
  | {
      readonly type: 'shut'
      readonly code: number | undefined
      readonly reason: string | undefined
      readonly next: 'closed' | 'redial'
    }
  /** Write what waits in the outbox. */
  | { readonly type: 'flush' }

export interface Step {
  readonly state: State
  readonly effects: readonly Effect[]
}

/** Something in the world that makes now a good moment: to dial or probe, to probe only, or to let go for a while. */
export type Hint = 'wake' | 'probe' | 'suspend'
