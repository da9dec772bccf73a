/** What one run of the fuzz does, all drawn from its seed. */
import { seeded } from '../simulation/clock.js'
import type { Fault } from './proxy.js'
import { type Kind, LEAST } from './payload.js'

export type Transport = 'tcp' | 'tls' | 'unix' | 'proxy'

/** A message, but for its number. */
export interface Sending {
  readonly kind: Kind
  readonly size: number
  readonly how: 'ordinary' | 'volatile' | 'soon too old'
}

export type Step =
  | { readonly do: 'send'; readonly burst: readonly Sending[] }
  | { readonly do: 'wait'; readonly ms: number }
  /** Stands still, so that what happens meanwhile is there to be read all at once. */
  | { readonly do: 'block'; readonly ms: number }
  | { readonly do: 'reconnect' | 'terminate' | 'close' | 'ping' }

export interface Script {
  readonly transport: Transport
  readonly compression: 'none' | 'with context' | 'without context'
  readonly heartbeat: false | { readonly interval: number; readonly timeout: number }
  readonly steps: readonly Step[]
  /** What the client sends from its listeners, each time. */
  readonly reply: readonly Sending[]
  readonly fault: () => Fault
  /** After how many messages the server ends a connection, and how. */
  readonly server: () => { readonly after: number; readonly how: 'close' | 'reset' | 'none' }
  /** Uniform in [0, 1). */
  readonly random: () => number
}

export function script(seed: number): Script {
  const random = seeded(seed)
  const pick = <T>(...from: readonly T[]): T => from[Math.floor(random() * from.length)] as T
  const below = (n: number): number => Math.floor(random() * n)
  const compression = pick('none', 'none', 'none', 'with context', 'without context')
  // some runs are about many small ones, some about few large ones
  const most = pick(100, 5_000, 100_000, 1_048_576)

  const sending = (): Sending => ({
    kind: pick('text', 'text', 'binary', 'binary', 'blob'),
    // as many of one order of magnitude as of another
    size: random() < 0.05 ? 0 : LEAST + Math.floor((most - LEAST) ** random()),
    how: random() < 0.85 ? 'ordinary' : pick('volatile', 'soon too old'),
  })
  const burst = (): Sending[] => {
    const count = pick(1, 1, 2, 3, 1 + below(20), most > 5_000 ? 1 : 1 + below(300))
    const uniform = random() < 0.3 ? sending() : undefined
    return Array.from({ length: count }, () => uniform ?? sending())
  }
  const step = (): Step => {
    const at = random()
    if (at < 0.5) return { do: 'send', burst: burst() }
    if (at < 0.8) return { do: 'wait', ms: pick(0, 1, 2, below(30)) }
    if (at < 0.86) return { do: 'block', ms: below(20) }
    return { do: pick('reconnect', 'terminate', 'close', 'ping', 'ping', 'ping') }
  }
  return {
    transport: pick('tcp', 'tcp', 'tls', 'tls', 'unix', 'proxy'),
    compression,
    heartbeat: pick<Script['heartbeat']>(false, { interval: 20, timeout: 50 }),
    steps: Array.from({ length: 10 + below(30) }, step),
    reply: random() < 0.5 ? [] : Array.from({ length: pick(1, 2, 5) }, sending),
    fault: () => ({
      kind: pick<Fault['kind']>('none', 'reset', 'reset', 'end', 'hang', 'reset at once'),
      after: 200 + Math.floor((4 * most) ** (0.3 + 0.9 * random())),
      slow: pick(0, 0, 0, 2, 10),
    }),
    server: () => ({ after: 1 + below(pick(1, 5, 50)), how: pick('none', 'none', 'close', 'reset') }),
    random,
  }
}
