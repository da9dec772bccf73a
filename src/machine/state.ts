/**
 * The machine's types: what a socket can be (`State`), what can happen to it (`Input`), and what the shell must do
 * (`Effect`). All plain data, so that tests can enumerate it.
 */

/** How an attempt, or the whole socket, ended. Codes are those of RFC 6455 section 7.4. */
export interface End {
  /**
   * Who ended it: `user` by `close()`, `reconnect()`, `terminate()` or the abort signal; `client` if only this side
   * considered the connection dead; `peer` by a Close frame; `network` for everything that may have affected all
   * clients at once: a refused connection, FIN, RST, silence, a failed handshake.
   */
  readonly by: 'user' | 'client' | 'peer' | 'network'
  /** The peer's close code; 1005 for a Close frame without a code, 1006 if there was no Close frame. */
  readonly code: number
  /** The peer's close reason, at most 123 bytes; empty if there is none. */
  readonly reason: string
  /** Whether the closing handshake was completed. */
  readonly wasClean: boolean
  /**
   * Whether the platform reported an error, as it does if it fails the connection: a refused connection, a protocol
   * error. A connection that is merely lost has none.
   */
  readonly failed?: true
  /** The error, unless the end was regular. */
  readonly cause?: Error & { readonly code: string }
}

/** What follows an end. `ask` means that the user's `decide` has not answered yet. */
export type Verdict =
  | { readonly type: 'retry'; readonly delay: number }
  | { readonly type: 'stop'; readonly end: End }
  | { readonly type: 'ask' }

/** Where an attempt connects to: one endpoint, resolved and validated, with the results of its providers. */
export interface Target {
  readonly url: string
  readonly protocols: readonly string[] | undefined
  readonly headers?: Readonly<Record<string, string>> | undefined
}

/** One run: from `connect()` to `closed`. */
interface Run {
  /** Identity of the current attempt. Never reused; an input with another one is stale. */
  readonly id: number
  /** Consecutive retries since `connect()` or the last stable connection; the first attempt does not count. */
  readonly retries: number
  /** Connections opened in this run. */
  readonly opens: number
}

/** Never started, because of `autoConnect: false`. Owns nothing. */
export interface Idle {
  readonly name: 'idle'
  readonly id: number
}

/** The next attempt is scheduled. Owns one timer. */
export interface Waiting extends Run {
  readonly name: 'connecting'
  readonly phase: 'waiting'
}

/** The providers are being asked. Owns the attempt: an AbortController and the connect deadline. */
export interface Preparing extends Run {
  readonly name: 'connecting'
  readonly phase: 'preparing'
}

/** The handshake is under way. Owns the attempt: one platform socket and the connect deadline. */
export interface Dialing extends Run {
  readonly name: 'connecting'
  readonly phase: 'dialing'
}

/** The handshake is done, and the application's `hello` is under way. Owns the same as `dialing`. */
export interface Greeting extends Run {
  readonly name: 'connecting'
  readonly phase: 'greeting'
}

/** An attempt has ended, and an asynchronous `decide` has not answered yet. Owns the deadline for its answer. */
export interface Deciding extends Run {
  readonly name: 'connecting'
  readonly phase: 'deciding'
  readonly end: End
  /** The event to emit afterwards: `close` for a connection, `error` for an attempt that did not open. */
  readonly owed: 'close' | 'error'
}

/** A connection is open. Owns it and its heartbeat. */
export interface Open extends Run {
  readonly name: 'open'
}

/** The closing handshake is under way. Owns the connection and the close deadline. */
export interface Closing extends Run {
  readonly name: 'closing'
  /**
   * What follows: `closed`; `redial`, in the same run, after `reconnect()`; `restart` after `close()` and then
   * `connect()`: `closed` first, then a new run.
   */
  readonly next: 'closed' | 'redial' | 'restart'
}

/** Closed, with the reason. Owns nothing. */
export interface Closed {
  readonly name: 'closed'
  readonly id: number
  readonly end: End
}

export type Connecting = Waiting | Preparing | Dialing | Greeting | Deciding
export type State = Idle | Connecting | Open | Closing | Closed

/** What can happen. Inputs with an `id` belong to one attempt and have no effect after it has been released. */
export type Input =
  | { readonly type: 'connect' }
  | { readonly type: 'reconnect'; readonly code?: number | undefined; readonly reason?: string | undefined }
  | { readonly type: 'close'; readonly code?: number | undefined; readonly reason?: string | undefined }
  | { readonly type: 'terminate' }
  /** A good moment to dial: the network is back, or the page is visible again. */
  | { readonly type: 'wake' }
  /** The scheduled attempt is to start `delay` ms from now. */
  | { readonly type: 'postpone'; readonly delay: number }
  /** The wait before the attempt is over. */
  | { readonly type: 'due'; readonly id: number }
  | { readonly type: 'prepared'; readonly id: number; readonly target: Target }
  /** The handshake is done, and a `hello` follows. */
  | { readonly type: 'connected'; readonly id: number }
  /** The handshake is done, and so is the `hello`, if there is one. */
  | { readonly type: 'opened'; readonly id: number }
  /**
   * The attempt has ended for whatever reason. `stable` resets the retry count. When closing before a redial, the
   * verdict only says whether that waits (`retry`).
   */
  | {
      readonly type: 'ended'
      readonly id: number
      readonly end: End
      readonly verdict: Verdict
      readonly stable: boolean
    }
  /** The answer of an asynchronous `decide`, or the fallback after its deadline. */
  | { readonly type: 'decided'; readonly id: number; readonly verdict: Exclude<Verdict, { type: 'ask' }> }

/** What the shell must do, in this order. Effects about an attempt mean that of the new state. */
export type Effect =
  /** Clean up everything held: timers, providers, the platform socket. */
  | { readonly type: 'release' }
  /** Feed `connect` before any input that a listener causes. */
  | { readonly type: 'connect' }
  /** Emit events. For `close`, the new state says whether an attempt follows. */
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
  /** Start the closing handshake, under the close deadline; feed `ended`. */
  | { readonly type: 'shut'; readonly code: number | undefined; readonly reason: string | undefined }
  /** A dial is waiting for the end of the closing handshake: shorten its deadline. */
  | { readonly type: 'hurry' }
  /** Send what is in the outbox. */
  | { readonly type: 'flush' }

export interface Step {
  readonly state: State
  readonly effects: readonly Effect[]
}

/** A hint from outside: dial or probe now; probe now; or close the connection until the next `wake`. */
export type Hint = 'wake' | 'probe' | 'suspend'
