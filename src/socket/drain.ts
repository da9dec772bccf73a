/** Waits until all messages have left the process. */
import { onAbort } from '#platform'
import { DrainError } from '../diagnostics/errors.js'
import type { Input } from '../machine/state.js'
import type { AbortSignalLike } from '../options/provider.js'
import { abortSignal, age, fields } from '../options/rules.js'
import type { Clock, Timer } from '../time/clock.js'
import type { SocketState } from '../diagnostics/log.js'
import type { Snapshot } from './events.js'

/** How long `drain()` may take. */
export interface DrainOptions {
  /** Time limit in ms. Default: none. */
  readonly timeout?: number | undefined
  /** Stops the wait when it is aborted. Default: none. */
  readonly signal?: AbortSignalLike | undefined
}

/** Queued messages, and bytes that are queued or in the platform's buffer. */
export interface Left {
  readonly messages: number
  readonly bytes: number
  /** What they wait for. Default `sent`. */
  readonly until?: 'acknowledged'
}

/** What `drain()` needs of its socket. */
export interface Drained {
  readonly platform: { readonly clock: Clock }
  left(): Left
  /** Calls back once no listener is running: one may have called connect(). */
  whenAtRest(callback: () => void): void
  /** Why nothing can be sent. */
  readonly status: { readonly snapshot: Pick<Snapshot, 'state' | 'lastEnd'> }
}

/** Polling interval in ms, because no platform reports when its buffer is empty. */
const PACE = 20

/** Inputs that cancel a `close()` that is draining. */
export const overrules: ReadonlySet<Input['type']> = new Set(['connect', 'close', 'reconnect', 'terminate'])

const check = fields<DrainOptions>({ timeout: age, signal: abortSignal })

/**
 * Resolves when nothing is left to send. Rejects with DrainError, which says how much is left; throws
 * InvalidArgumentError.
 */
export function drain(source: Drained, options: DrainOptions): Promise<void> {
  check('options', options)
  const { timeout = Infinity, signal } = options
  const { clock } = source.platform
  const end = clock.now() + timeout
  return new Promise((resolve, reject) => {
    let timer: Timer
    const look = (): void => {
      clock.clearTimeout(timer)
      const left = source.left()
      const { state, lastEnd } = source.status.snapshot
      const fail = (why: string): void => {
        undo?.()
        const cause = state === 'open' ? undefined : lastEnd?.cause
        reject(new DrainError(why, left, stateProblem(state), cause, left.until))
      }
      if (left.messages === 0 && left.bytes === 0) {
        undo?.()
        resolve()
      } else if (signal?.aborted) fail('aborted')
      else if (state === 'closed') fail('the socket is closed')
      else if (clock.now() >= end) fail(`timed out after ${timeout} ms`)
      else timer = clock.setTimeout(look, Math.min(PACE, end - clock.now()))
    }
    const undo = signal && onAbort(signal, look)
    source.whenAtRest(look)
  })
}

/** Why nothing can be sent in that state. */
function stateProblem(state: SocketState): string {
  return state === 'idle'
    ? 'the socket is idle; call connect()'
    : state === 'closed'
      ? 'connect() sends the rest'
      : state === 'open'
        ? ''
        : 'no connection is open'
}
