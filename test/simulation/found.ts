/** Scripts that once broke a law. They are run before any random one. */
import type { Script } from './script.js'

export const found: readonly Script[] = [
  // the dial after a reconnect() was taken for a call of the user's, and a close() that drained was forgotten
  {
    seed: 0,
    options: {
      heartbeat: { interval: 5_000, timeout: 2_000 },
      outbox: { maxMessages: 3, overflow: 'throw', highWaterMark: 3, maxAge: 3_000 },
      autoConnect: false,
      connectTimeout: 500,
      closeTimeout: 300,
      readAhead: 1,
      retry: { stableAfter: 0 },
    },
    decide: 'none',
    url: 'string',
    hello: 'none',
    codec: 'none',
    farewell: 3_000,
    link: 'simulated',
    commands: [
      { do: 'connect' },
      { do: 'wait', ms: 1 },
      { do: 'close' },
      { do: 'send' },
      { do: 'reconnect' },
    ],
  },
  // a `drop` in the middle of a flush was answered by terminate(), and the flush started a timer
  {
    seed: 458907118,
    options: {
      heartbeat: { interval: 5_000, timeout: 2_000 },
      outbox: { maxMessages: 1_000, overflow: 'throw', highWaterMark: 3, maxAge: 3_000 },
      autoConnect: true,
      connectTimeout: 500,
      closeTimeout: 300,
      readAhead: 1,
      retry: { stableAfter: 0 },
    },
    decide: 'none',
    url: 'array',
    hello: 'none',
    codec: 'none',
    farewell: 0,
    link: 'simulated',
    commands: [
      { do: 'wait', ms: 29_946 },
      { do: 'wait', ms: 37_687 },
      { do: 'terminate' },
      { do: 'send', maxAge: 2_897, volatile: false },
      { do: 'arm', event: 'drop', call: 'terminate' },
      { do: 'send' },
      { do: 'connect' },
      { do: 'wait', ms: 3_017 },
    ],
  },
  // terminate() as soon as it was open, and the turn was waited for after which what the hello had left would be told
  {
    seed: 1737601180,
    options: {
      autoConnect: true,
      connectTimeout: 500,
      closeTimeout: 300,
      heartbeat: { interval: 5_000, timeout: 2_000 },
      readAhead: 1,
      outbox: { maxMessages: 0, maxBytes: 5, overflow: 'throw', highWaterMark: 3, maxAge: 3_000 },
      retry: { stableAfter: 0 },
    },
    decide: 'none',
    url: 'string',
    hello: 'late',
    codec: 'none',
    farewell: 0,
    link: 'simulated',
    commands: [
      { do: 'arm', event: 'open', call: 'terminate' },
      { do: 'wait', ms: 15_144 },
    ],
  },
]
