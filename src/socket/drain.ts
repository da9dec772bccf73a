/** Waits until all messages have left the process. */
import { DrainError } from '../diagnostics/errors.js'
import type { Input } from '../machine/state.js'
import type { AbortSignalLike } from '../options/provider.js'
import { abortSignal, delay, fields } from '../options/rules.js'
import type { Clock, Timer } from '../time/clock.js'
import type { SocketState } from '../diagnostics/log.js'
import type { Snapshot } from './events.js'
import { onAbort } from './abort.js'

/** How long `drain()` may take. */
export interface DrainOptions {
  /** Time limit in ms. Default: none. */
  readonly timeout?: number | undefined
  readonly signal?: AbortSignalLike | undefined
}

/** What `drain()` needs of its socket. */
export interface Drained {
  readonly clock: Clock
  /** Queued messages, and bytes that are queued or in the platform's buffer. */
  left(): { readonly messages: number; readonly bytes: number }
  /** Why nothing can be sent. */
  snapshot(): Pick<Snapshot, 'state' | 'lastEnd'>
}

/** Polling interval in ms, because no platform reports when its buffer is empty. */
const PACE = 20

/** What overrules a `close()` that waits. */
export const overrules: ReadonlySet<Input['type']> = new Set(['connect', 'close', 'reconnect', 'terminate'])

const check = fields<DrainOptions>({ timeout: delay, signal: abortSignal })

/** Resolves when nothing is left. Rejects with DrainError, which says how much is left; throws InvalidArgumentError. */
export function drain(source: Drained, options: DrainOptions): Promise<void> {
  check('options', options)
  const { timeout = Infinity, signal } = options
  const { clock } = source
  const end = clock.now() + timeout
  return new Promise((resolve, reject) => {
    let timer: Timer
    const look = (): void => {
      clock.clearTimeout(timer)
      const left = source.left()
      const { state, lastEnd } = source.snapshot()
      const more = [left, stateProblem(state), state === 'open' ? undefined : lastEnd?.cause] as const
      if (left.messages === 0 && left.bytes === 0) settle(resolve)
      else if (signal?.aborted) fail(new DrainError('it was aborted', ...more))
      else if (state === 'closed') fail(new DrainError('the socket is closed', ...more))
      else if (clock.now() >= end) fail(new DrainError('the time is over', ...more))
      else timer = clock.setTimeout(look, Math.min(PACE, end - clock.now()))
    }
    const fail = (error: DrainError): void => settle(() => reject(error))
    const settle = (how: () => void): void => {
      undo?.()
      how()
    }
    const undo = signal && onAbort(signal, look)
    look()
  })
}

/** Why nothing is sent. */
function stateProblem(state: SocketState): string {
  return state === 'idle'
    ? 'the socket is idle, call connect()'
    : state === 'open' || state === 'closed'
      ? ''
      : 'no connection is open'
}
