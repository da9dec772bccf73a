/**
 * When each client dials again, as a formula. test/fleet/policies.test.ts drives the libraries themselves and shows that
 * this is what they do.
 */
import { createBackoff } from '../../src/retry/backoff.js'
import type { BackoffOptions } from '../../src/index.js'

/** Uniform in [0, 1). */
export type Random = () => number

/** A client's way to wait. */
export type Waits = (retry: number, previous: number) => number

export interface Policy {
  readonly name: string
  /** How long a connection must last, in ms, until the count of retries begins anew. */
  readonly stableAfter: number
  /** How many retries in a row until it gives up. */
  readonly limit: number
  /** Milliseconds before the n-th retry in a row, from 1. `previous` is the wait before the last one. */
  readonly client: (random: Random) => Waits
  /** Whether each client has a way of its own: some draw a number for all their life. */
  readonly own: boolean
}

const policy = (
  name: string,
  client: (random: Random) => Waits,
  { stableAfter = 0, limit = Infinity, own = false }: Partial<Policy> = {},
): Policy => ({ name, client, stableAfter, limit, own })

/** The curve of this package, by its own code. */
export function everopen(options: BackoffOptions = {}, name = 'everopen'): Policy {
  const curve = createBackoff(options)
  const end = { by: 'network', code: 1006, reason: '', wasClean: false } as const
  return policy(name, (random) => (retry, previous) => curve({ retry, previous, random, end }), {
    stableAfter: 5_000,
  })
}

const after: readonly number[] = [10, 50, 100, 150, 200, 250, 500, 1_000, 2_000]

export const policies: readonly Policy[] = [
  everopen(),
  policy(
    'reconnecting-websocket',
    (random) => {
      // drawn when the module is loaded: once for each page
      const first = 1_000 + 4_000 * random()
      return (retry) => Math.min(10_000, first * 1.3 ** (retry - 1))
    },
    { stableAfter: 5_000, own: true },
  ),
  policy('partysocket', () => (retry) => Math.min(10_000, 3_000 * 1.3 ** (retry - 1)), {
    stableAfter: 5_000,
  }),
  policy('@nktkas/rews', () => (retry) => Math.min(10_000, 150 * 2 ** (retry - 1)), { limit: 3 }),
  // without a backoff it does not dial again; this is the one of its README
  policy('websocket-ts, constant', () => () => 1_000),
  policy('robust-websocket', () => (retry) => [0, 3_000, 10_000][retry - 1]!, { limit: 3 }),
  policy(
    'sturdy-websocket',
    () => (retry) => (retry === 1 ? 0 : Math.min(30_000, 1_000 * 1.5 ** (retry - 2))),
    { stableAfter: 5_000 },
  ),
  policy('@anephenix/sarus', () => () => 1_000),
  policy('socket.io-client', (random) => (retry) => {
    const ms = 1_000 * 2 ** (retry - 1)
    const drawn = random()
    const deviation = Math.floor(drawn * 0.5 * ms)
    // jitter before the cap: in the end all wait exactly 5 s
    return Math.min(5_000, Math.floor(drawn * 10) % 2 === 0 ? ms - deviation : ms + deviation)
  }),
  policy('@microsoft/signalr', () => (retry) => [0, 2_000, 10_000, 30_000][retry - 1]!, { limit: 4 }),
  policy('graphql-ws', (random) => (retry) => 1_000 * 2 ** (retry - 1) + Math.floor(random() * 2_700 + 300), {
    // five retries are meant, but a dial that is refused tells `error` first, after which there are none
    limit: 1,
  }),
  policy('centrifuge', (random) => (retry) => {
    const most = Math.min(20_000, 500 * 2 ** Math.min(31, retry - 1))
    return Math.min(20_000, 500 + Math.floor(random() * (most + 1)))
  }),
  policy('phoenix', () => (retry) => after[retry - 1] ?? 5_000),
]
