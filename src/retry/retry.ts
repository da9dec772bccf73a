/** Whether and when to retry: applies the user's retry options to each end. */
import { CloseCodeError, RetryLimitError } from '../diagnostics/errors.js'
import type { End, Verdict } from '../machine/state.js'
import type { Decision } from '../options/options.js'
import type { Clock } from '../time/clock.js'
import { type Backoff, readBackoff } from './backoff.js'
import { reportError } from '../diagnostics/report.js'
import { delay } from '../options/rules.js'
import type { Settings } from '../options/settings.js'
import type { Endpoints } from './endpoints.js'
import { type IsFinal, type Meaning, read, type ReadAnswer } from './verdict.js'
import { MAX_DELAY } from '../time/clock.js'

export type Settled = Exclude<Verdict, { type: 'ask' }>

/** The decision after an end: the end to report, the verdict, and for `ask` the pending answer. */
export interface Judgement {
  readonly end: End
  readonly verdict: Verdict
  readonly answer?: Promise<Settled>
  /** The verdict if the answer does not come. */
  readonly fallback?: () => Settled
}

/** The part of the platform that is needed. */
interface World {
  readonly clock: Clock
  /** Uniform in [0, 1). */
  readonly random: () => number
  readonly readAnswer?: ReadAnswer
  readonly isFinal?: IsFinal
}

/** Wake-ups come in groups (network, page, clock); each group moves one attempt. */
const FLOCK = 5_000
/** After a stable connection, this many consecutive refusals are final. */
const REFUSALS = 3

export class Retry {
  readonly #settings: Settings
  readonly #platform: World
  readonly #curve: Backoff
  readonly #endpoints: Endpoints
  /** Moved on by the time in which a connection was open; Infinity while the page is suspended. */
  #outageSince = 0
  #delay = 0
  /** The meaning of the last end. */
  #last: Meaning | undefined
  #wokenAt = -Infinity
  /** Whether a connection of this run has been stable. If so, some refusals are considered temporary at first. */
  #standing: 'unproven' | 'proven' = 'unproven'
  /** Consecutive refusals of that kind. */
  #refusals = 0
  /** Whether an endpoint of this round failed in a way that may pass: then the round is no final answer. */
  #round: 'refused' | 'failed' = 'refused'

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

  /** Resets what counts consecutive ends. */
  #forget(): void {
    this.#endpoints.begin()
    this.#refusals = 0
    this.#round = 'refused'
    this.#outageSince = this.#platform.clock.now()
    this.#delay = 0
    this.#last = undefined
  }

  /** Whether a wake-up is the first of its group; the others have no effect. */
  wakes(): boolean {
    const now = this.#platform.clock.now()
    if (now - this.#wokenAt < FLOCK) return false
    this.#wokenAt = now
    this.#outageSince = Math.min(this.#outageSince, now)
    return true
  }

  /** Makes the next wake-up count, however soon it comes; the outage begins with it. */
  sleep(): void {
    this.#wokenAt = -Infinity
    this.#outageSince = Infinity
  }

  /**
   * A connection has ended that was open for so long: no outage, in any case. Returns whether it was stable, which
   * resets what counts consecutive ends.
   */
  lasted(lived: number): boolean {
    const stable = lived >= (this.#settings.retry?.stableAfter ?? 0)
    this.#outageSince += lived
    if (stable) {
      this.#standing = 'proven'
      this.#forget()
    }
    return stable
  }

  /** Judges the end of an attempt; `retry` is the number of the next retry, from 1. */
  judge(given: End, retry: number, stable: boolean): Judgement {
    const { retry: options, url, protocols, node, hello } = this.#settings
    const { meaning, mayPass, asked } = read(given, this.#platform.readAnswer)
    const refreshable = [url, protocols, node.headers, node.cookie, hello].some(
      (provider) => typeof provider === 'function',
    )
    const refresh = meaning === 'refresh' && refreshable && this.#last !== 'refresh'
    const refused = meaning === 'stop' || meaning === 'refresh'
    // 0 within a round: the next endpoint is tried at once, whatever this one answered
    const round =
      stable && (!refused || refresh || mayPass) ? this.#endpoints.lost() : this.#endpoints.failed()
    if (!mayPass) this.#refusals = 0
    else if (round > 0) this.#refusals++
    const passing = this.#standing === 'proven' && this.#refusals > 0 && this.#refusals < REFUSALS
    if (!refused) this.#round = 'failed'
    const final = round > 0 && !refresh && !passing && this.#round === 'refused'
    if (round > 0) this.#round = 'refused'
    const end = final && given.by === 'peer' ? { ...given, cause: new CloseCodeError(given.code) } : given
    this.#last = meaning
    const stop = { type: 'stop', end } as const
    if (!options) return { end, verdict: stop }

    if (retry > options.limit) return { end, verdict: this.#giveUp(end, 'limit') }
    if (this.#elapsed() >= options.maxElapsed) return { end, verdict: this.#giveUp(end, 'maxElapsed') }

    const dial = (delay: number): Settled => {
      // do not start a wait that ends after the limit
      if (this.#elapsed() + delay > options.maxElapsed) return this.#giveUp(end, 'maxElapsed')
      // a dial of the next endpoint within a round says nothing about the pace
      if (delay > 0) this.#delay = delay
      return { type: 'retry', delay }
    }
    const { random } = this.#platform
    const backoff = (): Settled =>
      dial(round === 0 ? 0 : this.#curve({ retry: round, end, previous: this.#delay, random }))
    const own = this.#platform.isFinal?.(end, retry)
    const fallback = (): Settled => {
      if (own || final) return stop
      if (round === 0) return dial(0)
      if (asked !== undefined) return dial(this.#heed(asked))
      // a new attempt asks the providers again, and waiting would not improve their answer
      if (refresh) return dial(0)
      return meaning === 'restart' ? dial(5_000 + 25_000 * random()) : backoff()
    }
    const settle = (decision: Decision): Settled => {
      if (decision === undefined) return fallback()
      if (decision === 'stop' || decision === false) return stop
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
      // any object may be a promise, of any kind and any realm
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

  /**
   * The delay requested by the server, limited, with jitter upwards: all clients received the same value and must not
   * return together.
   */
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
}
