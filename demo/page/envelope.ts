/** Between which bounds the delay before each dial may lie: by the package's own backoff, at its least and its most. */
import type { LogRecord } from 'everopen'
import { createBackoff } from '../../src/retry/backoff.js'
import { Endpoints } from '../../src/retry/endpoints.js'
import { read } from '../../src/retry/verdict.js'
import type { BackoffOptions } from '../../src/options/options.js'

/** The delay before a dial, and its bounds. In ms. */
export interface Delay {
  readonly drawn: number
  readonly least: number
  readonly most: number
}

export interface EnvelopeOptions {
  readonly backoff: BackoffOptions
  readonly stableAfter: number
  /** How many there are. */
  readonly endpoints: number
  /** What `retry.decide` answers to a close code. */
  readonly decided: (code: number) => number | undefined
  /** In ms, by the clock that the package measures connections with: those of the log are rounded, and may jump. */
  readonly now: () => number
}

export class Envelope {
  readonly #options: EnvelopeOptions
  readonly #endpoints = new Endpoints()
  #openSince: number | undefined
  #bounds: { readonly least: number; readonly most: number } | undefined
  #previous = 0

  constructor(options: EnvelopeOptions) {
    this.#options = options
    this.#endpoints.pick(Array(options.endpoints).fill(0) as [0])
  }

  /** To be called first of all when there is a connection: from here on the package counts, too. */
  opened(): void {
    this.#openSince = this.#options.now()
  }

  /** Reads the next record of the log. Returns the delay where one begins. */
  read(record: LogRecord): Delay | undefined {
    if (record.type === 'end' && record.verdict === 'retry') this.#bounds = this.#judge(record)
    if (record.type !== 'transition') return undefined
    if (record.from === 'closed') this.#endpoints.begin()
    if (record.from === 'open') this.#openSince = undefined
    if (record.dialIn === undefined || !this.#bounds) return undefined
    const delay = { drawn: record.dialIn, ...this.#bounds }
    if (record.dialIn > 0) this.#previous = record.dialIn
    this.#bounds = undefined
    return delay
  }

  #judge({ by, code }: Extract<LogRecord, { type: 'end' }>): { least: number; most: number } {
    const { backoff, stableAfter, decided, now } = this.#options
    const stable = this.#openSince !== undefined && now() - this.#openSince >= stableAfter
    if (stable) this.#endpoints.begin()
    const end = { by, code, reason: '', wasClean: false }
    const { meaning, mayPass } = read(end)
    // a final answer of an endpoint leaves the others to be tried
    const tried = stable && (mayPass || meaning === 'retry' || meaning === 'restart')
    const retry = tried ? this.#endpoints.lost() : this.#endpoints.failed()
    const fixed = decided(code) ?? (retry === 0 ? 0 : undefined)
    if (fixed !== undefined) return { least: fixed, most: fixed }
    // what 1013 asks for, unless the close reason asks for something else
    if (code === 1013) return { least: 5_000, most: 30_000 }
    const at01 = (share: number): number =>
      createBackoff(backoff)({ retry, end, previous: stable ? 0 : this.#previous, random: () => share })
    return { least: at01(0), most: at01(1) }
  }
}
