/** When to dial again, and whether: the user's retry options applied to each end. */
import { CloseCodeError, RetryLimitError } from '../diagnostics/errors.js'
import type { End, Verdict } from '../machine/state.js'
import type { Decision } from '../options/options.js'
import type { Clock } from '../time/clock.js'
import { type Backoff, readBackoff } from './backoff.js'
import { reportError } from '../diagnostics/report.js'
import { delay } from '../options/rules.js'
import type { Settings } from '../options/settings.js'
import type { Endpoints } from './endpoints.js'
import { type Meaning, read, type ReadAnswer } from './verdict.js'
import { MAX_DELAY } from '../time/clock.js'

export type Settled = Exclude<Verdict, { type: 'ask' }>

/** What is to become of an end: the end as it is told, the verdict, and the answer that an `ask` waits for. */
export interface Judgement {
  readonly end: End
  readonly verdict: Verdict
  readonly answer?: Promise<Settled>
  /** The verdict in place of an answer that does not come. */
  readonly fallback?: () => Settled
}

/** The part of the platform that is used. */
interface World {
  readonly clock: Clock
  /** Uniform in [0, 1). */
  readonly random: () => number
  readonly readAnswer?: ReadAnswer
}

/** Wake-ups come in flocks (network, page, clock): one dial for each flock. */
const FLOCK = 5_000
/** How many refusals in a row, after a connection that was stable, are final. */
const REFUSALS = 3

export class Retry {
  readonly #settings: Settings
  readonly #platform: World
  readonly #curve: Backoff
  readonly #endpoints: Endpoints
  #outageSince = 0
  #delay = 0
  /** What the last end meant. */
  #last: Meaning | undefined
  #wokenAt = -Infinity
  /** Whether a connection of this run has been stable: then some refusals are taken for passing at first. */
  #standing: 'unproven' | 'proven' = 'unproven'
  /** Such refusals in a row. */
  #refusals = 0

  constructor(settings: Settings, platform: World, endpoints: Endpoints) {
    this.#settings = settings
    this.#platform = platform
    this.#endpoints = endpoints
    this.#curve = readBackoff(settings.retry?.backoff)
  }

  /** A run starts. */
  begin(): void {
    this.#standing = 'unproven'
    this.#forget()
  }

  /** A stable connection has ended. */
  prove(): void {
    this.#standing = 'proven'
    this.#forget()
  }

  /** What was before does not count any more. */
  #forget(): void {
    this.#endpoints.begin()
    this.#refusals = 0
    this.#outageSince = this.#platform.clock.now()
    this.#delay = 0
    this.#last = undefined
  }

  /** Whether a wake-up is the first of its flock: the others move nothing. */
  wakes(): boolean {
    const now = this.#platform.clock.now()
    if (now - this.#wokenAt < FLOCK) return false
    this.#wokenAt = now
    return true
  }

  /** The next wake-up counts, however soon it comes. */
  sleep(): void {
    this.#wokenAt = -Infinity
  }

  /** Whether a connection of that age resets the count of retries. */
  isStable(lived: number): boolean {
    return lived >= (this.#settings.retry?.stableAfter ?? 0)
  }

  /** Judges the end of an attempt; `retry` is the number, from 1, that the next dial would have. */
  judge(given: End, retry: number, stable: boolean): Judgement {
    const { retry: options, url, protocols, node, hello } = this.#settings
    const { meaning, mayPass, asked } = read(given, this.#platform.readAnswer)
    const refreshable = [url, protocols, node.headers, node.cookie, hello].some(
      (provider) => typeof provider === 'function',
    )
    if (stable) this.prove()
    // 0 within a round: there is another endpoint to try at once, whatever this one said
    const round = stable ? this.#endpoints.lost() : this.#endpoints.failed()
    if (!mayPass) this.#refusals = 0
    else if (round > 0) this.#refusals++
    const passing = this.#standing === 'proven' && this.#refusals > 0 && this.#refusals < REFUSALS
    const refresh = meaning === 'refresh' && refreshable && this.#last !== 'refresh'
    const final = round > 0 && !refresh && !passing && (meaning === 'stop' || meaning === 'refresh')
    const end = final && given.by === 'peer' ? { ...given, cause: new CloseCodeError(given.code) } : given
    this.#last = meaning
    if (!options) return { end, verdict: { type: 'stop', end } }

    const limit = this.#limit(retry)
    if (limit) return { end, verdict: this.#giveUp(end, limit) }

    const dial = (delay: number): Settled => {
      // a wait that ends after the limit is not begun
      if (this.#elapsed() + delay > options.maxElapsed) return this.#giveUp(end, 'maxElapsed')
      return { type: 'retry', delay: (this.#delay = delay) }
    }
    const backoff = (): Settled => dial(round === 0 ? 0 : this.#backoff(end, round))
    const fallback = (): Settled => {
      if (final) return { type: 'stop', end }
      if (round === 0) return dial(0)
      if (asked !== undefined) return dial(this.#heed(asked))
      // what a provider brings now is as good as what it would bring later
      if (refresh) return dial(0)
      return meaning === 'restart' ? dial(5_000 + 25_000 * this.#platform.random()) : backoff()
    }
    const settle = (decision: Decision): Settled => {
      if (decision === undefined) return fallback()
      if (decision === 'stop' || decision === false) return { type: 'stop', end }
      if (decision === 'retry' || decision === true) return backoff()
      delay('retry.decide()', decision)
      return dial(decision)
    }
    const failed = (error: unknown): Settled => {
      reportError(error)
      return fallback()
    }
    try {
      const decision = options.decide?.(end, retry)
      // a promise of whatever kind, and of whatever realm
      if (Object(decision) === decision)
        return {
          end,
          verdict: { type: 'ask' },
          answer: Promise.resolve(decision).then(settle).catch(failed),
          fallback,
        }
      return { end, verdict: settle(decision as Decision) }
    } catch (error) {
      return { end, verdict: failed(error) }
    }
  }

  #backoff(end: End, retry: number): number {
    const { random } = this.#platform
    return this.#curve({ retry, end, previous: this.#delay, random })
  }

  /** What the server asks for, bounded, and jittered upwards: a fleet that is told the same must not return as one. */
  #heed(asked: number): number {
    const ms = Math.min(asked, this.#settings.retry!.maxRetryAfter)
    return Math.min(MAX_DELAY, ms + this.#platform.random() * Math.max(ms / 2, 4_000))
  }

  #elapsed(): number {
    return this.#platform.clock.now() - this.#outageSince
  }

  #giveUp(end: End, limit: 'limit' | 'maxElapsed'): Settled {
    return { type: 'stop', end: { ...end, cause: new RetryLimitError(limit, end.cause) } }
  }

  #limit(retry: number): 'limit' | 'maxElapsed' | undefined {
    const { limit, maxElapsed } = this.#settings.retry!
    if (retry > limit) return 'limit'
    return this.#elapsed() >= maxElapsed ? 'maxElapsed' : undefined
  }
}
