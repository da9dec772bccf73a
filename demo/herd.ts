/**
 * A herd: many clients of one server that dies, comes back, and can take only so many of them a second. Their delays
 * are drawn by the package's own backoff; time is simulated.
 */
import { createBackoff } from '../src/retry/backoff.js'
import type { End } from '../src/machine/state.js'
import type { BackoffOptions } from '../src/options/options.js'

export interface HerdOptions {
  readonly clients: number
  readonly backoff: BackoffOptions
  /** How long the server is down. In s. */
  readonly outage: number
  /** Connections that it accepts in each second after that. The others are refused. */
  readonly capacity: number
  /** Uniform in [0, 1). */
  readonly random: () => number
}

export interface HerdResult {
  /** Dials in each second since the server died. */
  readonly dials: number[]
  /** Those of them that were accepted. */
  readonly accepted: number[]
  /** Dials of the busiest second. */
  readonly peak: number
  /** Dials that came to nothing, for each client. */
  readonly wasted: number
  /** When 99 % of the clients are back; nothing where they are not within the time that is simulated. In s. */
  readonly back: number | undefined
}

/** Longer than that nobody waits for a herd. In s. */
const MOST_SECONDS = 1_800
const TELL_EVERY = 20_000

const lost: End = { by: 'network', code: 1006, reason: '', wasClean: false }

/** Dials in the order of their times: a binary heap. */
class Agenda {
  readonly #heap: (readonly [at: number, client: number])[] = []

  add(at: number, client: number): void {
    const heap = this.#heap
    let i = heap.push([at, client]) - 1
    for (let up = (i - 1) >> 1; i > 0 && heap[up]![0] > at; i = up, up = (i - 1) >> 1) heap[i] = heap[up]!
    heap[i] = [at, client]
  }

  take(): readonly [at: number, client: number] | undefined {
    const heap = this.#heap
    const first = heap[0]
    const last = heap.pop()
    if (!last || !first || heap.length === 0) return first
    let i = 0
    for (;;) {
      let child = 2 * i + 1
      if (child + 1 < heap.length && heap[child + 1]![0] < heap[child]![0]) child++
      if (child >= heap.length || heap[child]![0] >= last[0]) break
      heap[i] = heap[child]!
      i = child
    }
    heap[i] = last
    return first
  }
}

/** Simulates it to the end. `progress` is told now and then which share of the clients is back. */
export function simulateHerd(options: HerdOptions, progress: (share: number) => void = () => {}): HerdResult {
  const { clients, outage, capacity, random } = options
  const backoff = createBackoff(options.backoff)
  const agenda = new Agenda()
  const retries = new Uint32Array(clients)
  const previous = new Float64Array(clients)
  const dials: number[] = []
  const accepted: number[] = []
  const redial = (now: number, client: number): void => {
    const moment = { retry: ++retries[client]!, end: lost, previous: previous[client]!, random }
    const delay = backoff(moment)
    previous[client] = delay
    agenda.add(now + delay / 1_000, client)
  }
  for (let client = 0; client < clients; client++) redial(0, client)

  let back = 0
  let all = 0
  let back99: number | undefined
  for (let next = agenda.take(); next && next[0] < MOST_SECONDS; next = agenda.take()) {
    const [at, client] = next
    const second = Math.floor(at)
    while (dials.length <= second) {
      dials.push(0)
      accepted.push(0)
    }
    dials[second]!++
    if (++all % TELL_EVERY === 0) progress(back / clients)
    if (at < outage || accepted[second]! >= capacity) redial(at, client)
    else {
      accepted[second]!++
      if (++back >= 0.99 * clients) back99 ??= at
    }
  }
  progress(1)
  return {
    dials,
    accepted,
    peak: dials.reduce((most, count) => Math.max(most, count), 0),
    wasted: (all - back) / clients,
    back: back99,
  }
}
