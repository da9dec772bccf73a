/** Random users: what they configure, what they call, and what they call from inside their listeners. */
import fc from 'fast-check'
import type { Options } from '../../src/options/options.js'
import type { LinkKind } from './network.js'

export const events = [
  'open',
  'message',
  'close',
  'error',
  'state',
  'drop',
  'heartbeat',
  'undecodable',
  '*',
  'watch',
] as const
export const calls = ['send', 'close', 'connect', 'reconnect', 'terminate', 'throw', 'drain'] as const

export type Call = (typeof calls)[number]

export type Command =
  | { readonly do: Call }
  | { readonly do: 'send'; readonly maxAge: number; readonly volatile: boolean }
  | { readonly do: 'wait'; readonly ms: number }
  | { readonly do: 'drained' | 'close drained'; readonly ms: number }
  | { readonly do: 'hint'; readonly hint: 'wake' | 'probe' | 'suspend' }
  | { readonly do: 'arm'; readonly event: (typeof events)[number]; readonly call: Call }
  | { readonly do: 'iterate' | 'consume' | 'abort' }

/** One run, complete: the same script does the same again. */
export interface Script {
  readonly seed: number
  readonly options: Omit<Options, 'retry' | 'outbox'> & {
    readonly retry:
      false | { readonly limit?: number; readonly stableAfter: number; readonly maxElapsed?: number }
    readonly outbox: false | Exclude<Options['outbox'], boolean | undefined>
  }
  readonly decide: 'none' | 'sync' | 'async' | 'throw' | 'reject' | 'never'
  readonly url: 'string' | 'array' | 'sync' | 'async' | 'throw' | 'reject' | 'never'
  /** `silent`: a message that nobody answers. `late`: done long after it was answered. `slow`: says nothing at first. */
  readonly hello: 'none' | 'silent' | 'exchange' | 'late' | 'slow' | 'throw' | 'never'
  /** `strict`: there is a codec, and servers say what it cannot decode. */
  readonly codec: 'none' | 'strict'
  /** How long the last `close()` may drain. */
  readonly farewell: number
  /** What is under the socket: a simulated link, or the real one over a simulated WebSocket. */
  readonly link: LinkKind
  readonly commands: readonly Command[]
}

const call = fc.constantFrom(...calls)

const command: fc.Arbitrary<Command> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('wait' as const),
      ms: fc.oneof(fc.nat(50), fc.nat(2_000), fc.nat(40_000)),
    }),
  },
  { weight: 5, arbitrary: fc.constant<Command>({ do: 'send' }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('send' as const), maxAge: fc.nat(5_000), volatile: fc.boolean() }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constantFrom('close', 'connect', 'connect', 'reconnect', 'terminate', 'drain'),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant('arm' as const), event: fc.constantFrom(...events), call }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('hint' as const),
      hint: fc.constantFrom('wake', 'probe', 'suspend'),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom('iterate', 'consume', 'consume') }) },
  { weight: 1, arbitrary: fc.constant<Command>({ do: 'abort' }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constantFrom('drained', 'drained', 'close drained'),
      ms: fc.oneof(fc.nat(100), fc.nat(40_000), fc.constant(2 ** 31 - 1)),
    }),
  },
) as fc.Arbitrary<Command>

const outbox = fc.oneof(
  fc.constant(false as const),
  fc.record({
    maxMessages: fc.constantFrom(0, 1, 3, 1_000),
    // a message has six
    maxBytes: fc.constantFrom(5, 20, ...Array<number>(6).fill(1_048_576)),
    overflow: fc.constantFrom('throw', 'drop-oldest', 'drop-newest'),
    highWaterMark: fc.constantFrom(3, 65_536),
    maxAge: fc.constantFrom(3_000, Infinity),
  }),
)

const retry = fc.oneof(
  { weight: 1, arbitrary: fc.constant(false as const) },
  { weight: 5, arbitrary: fc.record({ stableAfter: fc.constantFrom(0, 5_000) }) },
  { weight: 1, arbitrary: fc.record({ stableAfter: fc.constant(5_000), limit: fc.nat(4) }) },
  { weight: 1, arbitrary: fc.record({ stableAfter: fc.constant(5_000), maxElapsed: fc.nat(60_000) }) },
)

export const script: fc.Arbitrary<Script> = fc.record({
  seed: fc.nat(),
  options: fc.record({
    autoConnect: fc.boolean(),
    connectTimeout: fc.constantFrom(500, 10_000),
    closeTimeout: fc.constantFrom(300, 5_000),
    heartbeat: fc.oneof(fc.constant(false), fc.constant({ interval: 5_000, timeout: 2_000 })),
    readAhead: fc.constantFrom(1, 3, 1_000),
    outbox,
    retry,
  }),
  decide: fc.constantFrom('none', 'none', 'none', 'sync', 'async', 'throw', 'reject', 'never'),
  url: fc.constantFrom('string', 'string', 'array', 'sync', 'async', 'throw', 'reject', 'never'),
  hello: fc.constantFrom('none', 'none', 'none', 'silent', 'exchange', 'slow', 'late', 'throw', 'never'),
  codec: fc.constantFrom('none', 'none', 'strict'),
  farewell: fc.constantFrom(0, 0, 3_000),
  link: fc.constantFrom('simulated', 'whatwg'),
  commands: fc.array(command, { maxLength: 40, size: 'max' }),
}) as fc.Arbitrary<Script>
