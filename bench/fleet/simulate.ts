/**
 * Many clients of one service, by simulation: a calendar of dials in slots of 10 ms, each slot a linked list through
 * typed arrays. Its random numbers have a seed: a run is repeated exactly.
 */
import type { Policy, Random, Waits } from './policies.js'

/** Milliseconds that a slot of the calendar spans. */
const SLOT = 10
const SECOND = 1_000 / SLOT

export interface Scenario {
  readonly name: string
  /** How long nothing can be reached, in ms. */
  readonly outage: number
  /** Which share of all clients it accepts in a second from then on. */
  readonly accepts: number
  /** How long after the outage each connection is closed as soon as it is accepted, in ms. */
  readonly closes?: number
  /** So many servers are restarted one by one, so many ms apart; a dial goes to one of those that are up. */
  readonly rolling?: { readonly servers: number; readonly every: number }
}

export interface Outcome {
  /** Dials of the busiest second, as a share of all clients. */
  readonly peak: number
  /** Dials for each client that came to nothing. */
  readonly wasted: number
  /** Milliseconds from the end of the outage until that share of all clients was back; Infinity for never. */
  readonly half: number
  readonly most: number
  readonly all: number
  /** The share that has given up. */
  readonly gaveUp: number
}

/** Marsaglia's xorshift32: fast, and good enough for jitter. */
export function seeded(seed: number): Random {
  let state = seed | 0 || 1
  return () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) / 2 ** 32
  }
}

/** How long a simulation may last beyond its outage, in ms: what is not back then counts as never. */
const HORIZON = 3_600_000

export function simulate(policy: Policy, scenario: Scenario, clients: number, seed = 1): Outcome {
  const random = seeded(seed * 2_654_435_761)
  const { outage, accepts, closes = 0, rolling } = scenario
  const slots = Math.ceil((outage + HORIZON) / SLOT)
  const calendar = new Int32Array(slots).fill(-1)
  const next = new Int32Array(clients)
  const retries = new Uint16Array(clients)
  const previous = new Float64Array(clients)
  const ways: readonly Waits[] = Array.from({ length: policy.own ? clients : 1 }, () => policy.client(random))
  let gone = 0
  const schedule = (client: number, now: number): void => {
    const retry = ++retries[client]!
    if (retry > policy.limit) return void gone++
    const wait = ways[policy.own ? client : 0]!(retry, previous[client]!)
    previous[client] = wait
    // what is due in this slot is dialed in this slot; the loop below looks at its head again
    const slot = Math.max(now, Math.floor((now * SLOT + wait) / SLOT) + (wait >= SLOT ? 0 : 1))
    if (slot >= slots) return void gone++
    next[client] = calendar[slot]!
    calendar[slot] = client
  }
  const restart = rolling?.every ?? 0
  if (!rolling) for (let client = 0; client < clients; client++) schedule(client, 0)
  const perSlot = (accepts * clients) / SECOND
  const begin = outage / SLOT
  let [room, back, wasted] = [0, 0, 0]
  let [half, most, all] = [Infinity, Infinity, Infinity]
  const seconds = new Uint32Array(Math.ceil(slots / SECOND))
  for (let slot = 0; slot < slots && back + gone < clients; slot++) {
    if (rolling && slot % (restart / SLOT) === 0) {
      const server = slot / (restart / SLOT)
      if (server < rolling.servers)
        for (let client = server; client < clients; client += rolling.servers) schedule(client, slot)
    }
    // a whole place must not be missed for the last bit of a sum
    if (slot >= begin) room = Math.min(perSlot * SECOND, room + perSlot) + 1e-9
    for (let client = calendar[slot]!; client >= 0;) {
      const following = next[client]!
      seconds[Math.floor(slot / SECOND)]!++
      if (slot < begin || room < 1) {
        wasted++
        schedule(client, slot)
      } else {
        room--
        if (slot < begin + closes / SLOT) {
          wasted++
          if (policy.stableAfter === 0) retries[client] = 0
          schedule(client, slot)
        } else back++
      }
      client = following
    }
    const since = Math.max(0, slot - begin) * SLOT
    if (half === Infinity && back >= clients * 0.5) half = since
    if (most === Infinity && back >= clients * 0.99) most = since
    if (back >= clients) all = since
  }
  let peak = 0
  for (const count of seconds) peak = Math.max(peak, count)
  return {
    peak: peak / clients,
    wasted: wasted / clients,
    half,
    most,
    all,
    gaveUp: gone / clients,
  }
}

/** One client alone: what it waits after a blip, and from the end of an outage until it is back; the mean of many, in ms. */
export function alone(policy: Policy, outage: number, trials = 2_000, seed = 1): number {
  const random = seeded(seed * 40_503)
  let sum = 0
  for (let trial = 0; trial < trials; trial++) {
    const waits = policy.client(random)
    let [now, wait] = [0, 0]
    for (let retry = 1; now <= outage; retry++) {
      if (retry > policy.limit) return Infinity
      wait = waits(retry, wait)
      now += Math.max(1, wait)
    }
    sum += now - outage
  }
  return sum / trials
}

/** The most dials in any 100 ms, and when all are back, of a herd whose server is down for `outage` ms and then takes all. */
export function herd(
  policy: Policy,
  clients: number,
  outage: number,
  seed = 1,
): { readonly peak: number; readonly back: number } {
  const random = seeded(seed * 69_069)
  const buckets: number[] = []
  let back = 0
  for (let client = 0; client < clients; client++) {
    const waits = policy.client(random)
    let [now, wait] = [0, 0]
    for (let retry = 1; ; retry++) {
      if (retry > policy.limit) {
        back = Infinity
        break
      }
      wait = waits(retry, wait)
      now += wait
      const bucket = Math.floor(now / 100)
      buckets[bucket] = (buckets[bucket] ?? 0) + 1
      if (now >= outage) break
    }
    back = Math.max(back, now - outage)
  }
  return { peak: Math.max(...buckets.filter((count) => count > 0)), back }
}

/** The most dials in any 100 ms where all lose the server a second time in the same instant, before they were stable. */
export function again(policy: Policy, clients: number, seed = 1): number {
  const random = seeded(seed * 7_919)
  const buckets: number[] = []
  for (let client = 0; client < clients; client++) {
    const waits = policy.client(random)
    const first = waits(1, 0)
    const bucket = Math.floor((policy.stableAfter > 0 ? waits(2, first) : first) / 100)
    buckets[bucket] = (buckets[bucket] ?? 0) + 1
  }
  return Math.max(...buckets.filter((count) => count > 0))
}
