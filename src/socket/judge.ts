/** Decides what follows the end of an attempt, given the current state; and runs the waits that result. */
import { ConnectionError } from '../diagnostics/errors.js'
import { endEntry, type Log } from '../diagnostics/log.js'
import type { End, Input, State, Verdict } from '../machine/state.js'
import type { Settings } from '../options/settings.js'
import type { Platform } from '../platform/platform.js'
import type { Endpoints } from '../retry/endpoints.js'
import { type Judgement, Retry, type Settled } from '../retry/retry.js'
import { Alarm } from '../time/alarm.js'
import { LATE, MAX_DELAY, SPREAD } from '../time/clock.js'
import type { Status } from './status.js'

/** The socket that the ends belong to. */
interface Court {
  readonly settings: Settings
  readonly platform: Platform
  readonly endpoints: Endpoints
  readonly status: Status
  readonly log: Log
  feed(input: Input): void
}

export class Judge extends Retry {
  readonly #court: Court
  /** For the wait, or the pending decision. */
  readonly #alarm: Alarm
  #judgement: Judgement | undefined
  #openedAt = 0
  /** Identity of the attempt whose wait has been spread. */
  #spread: number | undefined

  constructor(court: Court) {
    super(court.settings, court.platform, court.endpoints)
    this.#court = court
    this.#alarm = new Alarm(court.platform.clock)
  }

  /** A connection is open. */
  opened(): void {
    this.#openedAt = this.#court.platform.clock.now()
  }

  /** An attempt has ended. */
  ended(state: State, given: End): Input {
    const stable = this.#wasStable(state)
    if (state.name === 'closing') {
      this.#court.status.lastEnd = { ...given, by: 'user' }
      return { type: 'ended', id: state.id, end: given, verdict: { type: 'stop', end: given }, stable }
    }
    const retries = 'retries' in state && !stable ? state.retries : 0
    this.#judgement = this.judge(given, retries + 1, stable)
    return this.#end(state, this.#judgement.end, this.#judgement.verdict, stable)
  }

  /** The page enters the back/forward cache: the next attempt starts with the next `wake`, not before. */
  suspended(state: State): Input | undefined {
    const verdict = { type: 'retry', delay: MAX_DELAY } as const
    const closing = state.name === 'closing'
    const stable = this.#wasStable(state)
    this.sleep()
    if (state.name === 'connecting') {
      if (state.phase === 'waiting') return { type: 'postpone', delay: MAX_DELAY }
      if (state.phase === 'deciding') return { type: 'decided', id: state.id, verdict }
    } else if (state.name !== 'open' && !closing) return undefined
    const cause = new ConnectionError('the page was suspended')
    const end: End = { by: closing ? 'user' : 'client', code: 1006, reason: '', wasClean: false, cause }
    const then: Verdict = closing || this.#court.settings.retry ? verdict : { type: 'stop', end }
    return this.#end(state, end, then, stable)
  }

  /** Awaits an asynchronous `decide`, under a deadline of `connectTimeout`. */
  decide(id: number): void {
    const { connectTimeout } = this.#court.settings
    const { answer, fallback } = this.#judgement!
    const decided = (verdict: Settled): void => this.#court.feed({ type: 'decided', id, verdict })
    this.#alarm.set(connectTimeout, () => decided(fallback!()))
    void answer!.then(decided)
  }

  /** Waits for the next attempt. */
  wait(id: number, delay: number): void {
    const { platform } = this.#court
    const due = platform.clock.now() + delay
    this.#alarm.set(delay, () => {
      // the process was suspended, with all its waiting sockets: they must not all dial now. Only once, because a process
      // that is always busy would never dial
      const late = platform.punctual && id !== this.#spread && platform.clock.now() - due > LATE
      if (late) this.#spread = id + 1
      this.#court.feed(late ? { type: 'postpone', delay: platform.random() * SPREAD } : { type: 'due', id })
    })
  }

  /** Cancels the wait. */
  stop(): void {
    this.#alarm.stop()
  }

  #end({ id }: State, end: End, verdict: Verdict, stable: boolean): Input {
    this.#court.status.lastEnd = end
    this.#court.log(() => endEntry(end, verdict.type))
    return { type: 'ended', id, end, verdict, stable }
  }

  /** The attempt ends. Returns whether there was a connection that lasted long enough to reset the retry count. */
  #wasStable({ name }: State): boolean {
    return (
      (name === 'open' || name === 'closing') &&
      this.lasted(this.#court.platform.clock.now() - this.#openedAt)
    )
  }
}
