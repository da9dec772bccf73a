/** What is to follow the end of an attempt, judged with the state of that moment; and the waits that come of it. */
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

/** Whose ends they are. */
interface Court {
  readonly settings: Settings
  readonly platform: Platform
  readonly endpoints: Endpoints
  readonly status: Status
  readonly log: Log
  feed(input: Input): void
}

export class Judge {
  readonly #court: Court
  readonly #retry: Retry
  /** For a wait, or a decision. */
  readonly #alarm: Alarm
  #judgement: Judgement | undefined
  #openedAt = 0

  constructor(court: Court) {
    this.#court = court
    this.#retry = new Retry(court.settings, court.platform, court.endpoints)
    this.#alarm = new Alarm(court.platform.clock)
  }

  /** A run starts. */
  begin(): void {
    this.#retry.begin()
  }

  /** A connection is open. */
  opened(): void {
    this.#openedAt = this.#court.platform.clock.now()
  }

  /** Whether a wake-up is the first of its flock: the others move nothing. */
  wakes(): boolean {
    return this.#retry.wakes()
  }

  /** An attempt has ended. */
  ended(state: State, given: End): Input {
    const stable = this.#isStable(state)
    if (state.name === 'closing') {
      if (stable) this.#retry.prove()
      this.#court.status.lastEnd = { ...given, by: 'user' }
      return { type: 'ended', id: state.id, end: given, verdict: { type: 'stop', end: given }, stable }
    }
    const retries = 'retries' in state && !stable ? state.retries : 0
    this.#judgement = this.#retry.judge(given, retries + 1, stable)
    return this.#end(state, this.#judgement.end, this.#judgement.verdict, stable)
  }

  /** The page goes into the back/forward cache: the dial comes with the next `wake`, and no earlier. */
  suspended(state: State): Input | undefined {
    const verdict = { type: 'retry', delay: MAX_DELAY } as const
    this.#retry.sleep()
    if (state.name === 'connecting') {
      if (state.phase === 'waiting') return { type: 'postpone', delay: MAX_DELAY }
      if (state.phase === 'deciding') return { type: 'decided', id: state.id, verdict }
    } else if (state.name !== 'open') return undefined
    const cause = new ConnectionError('the page was suspended')
    const end: End = { by: 'client', code: 1006, reason: '', wasClean: false, cause }
    const then: Verdict = this.#court.settings.retry ? verdict : { type: 'stop', end }
    return this.#end(state, end, then, this.#isStable(state))
  }

  /** Awaits an asynchronous `decide`, under a deadline of `connectTimeout`. */
  decide(id: number): void {
    const { connectTimeout } = this.#court.settings
    const { answer, fallback } = this.#judgement!
    const decided = (verdict: Settled): void => this.#court.feed({ type: 'decided', id, verdict })
    this.#alarm.set(connectTimeout, () => decided(fallback!()))
    void answer!.then(decided)
  }

  /** Waits for the next dial. */
  wait(id: number, delay: number): void {
    const { platform } = this.#court
    const due = platform.clock.now() + delay
    this.#alarm.set(delay, () => {
      // the process stood still, and with it every other socket that waited: not all of them now
      const late = platform.punctual && platform.clock.now() - due > LATE
      this.#court.feed(late ? { type: 'postpone', delay: platform.random() * SPREAD } : { type: 'due', id })
    })
  }

  /** Waits for nothing any more. */
  stop(): void {
    this.#alarm.stop()
  }

  #end({ id }: State, end: End, verdict: Verdict, stable: boolean): Input {
    this.#court.status.lastEnd = end
    this.#court.log(() => endEntry(end, verdict.type))
    return { type: 'ended', id, end, verdict, stable }
  }

  /** Whether there is a connection that has lasted long enough to forget the retries before it. */
  #isStable({ name }: State): boolean {
    return (
      (name === 'open' || name === 'closing') &&
      this.#retry.isStable(this.#court.platform.clock.now() - this.#openedAt)
    )
  }
}
