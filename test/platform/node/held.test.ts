/** What one packet brings is heard by who awaits the opening. */
import { syncBuiltinESMExports } from 'node:module'
import { mock } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { Held } from '../../../src/platform/node/held.js'
import type { LinkListener } from '../../../src/platform/platform.js'

/** A listener that writes down what it is told. */
function recorder(): { listener: LinkListener; told: unknown[][] } {
  const told: unknown[][] = []
  const write =
    (name: string) =>
    (...args: unknown[]): void =>
      void told.push([name, ...args])
  const names = 'Open Message Pong Report Room Lost Ending Error Close'.split(' ')
  const entries = names.map((name) => [`on${name}`, write(name)])
  return { listener: Object.fromEntries(entries) as LinkListener, told }
}

const ping = Uint8Array.of(1)
const error = new Error('of the platform')
/** All that may come behind the answer to the handshake. */
const events: ((held: Held) => void)[] = [
  (held) => held.onMessage('greeting'),
  (held) => held.onPong(),
  (held) => held.onReport('ping', ping),
  (held) => held.onEnding(),
  (held) => held.onError(error),
  (held) => held.onClose(4_000, 'bye', true),
]
const expected = [
  ['Message', 'greeting'],
  ['Pong'],
  ['Report', 'ping', ping],
  ['Ending'],
  ['Error', error],
  ['Close', 4_000, 'bye', true],
]

test('events pass at once', () => {
  const { listener, told } = recorder()
  const held = new Held(listener)
  for (const tell of events) tell(held)
  expect(told).toEqual(expected)
})

test('those behind hold() come after all promises of its turn, in order; then they pass at once', async () => {
  const { listener, told } = recorder()
  const held = new Held(listener)
  held.hold()
  for (const tell of events) tell(held)
  for (let i = 0; i < 10; i++) await Promise.resolve()
  expect(told).toEqual([])
  await turn()
  expect(told).toEqual(expected)
  held.onMessage('later')
  expect(told.at(-1)).toEqual(['Message', 'later'])
})

test('the opening itself, and what is told of the sending side, is not held', () => {
  const { listener, told } = recorder()
  const held = new Held(listener)
  held.hold()
  held.onOpen()
  held.onRoom()
  held.onLost('data')
  expect(told).toEqual([['Open'], ['Room'], ['Lost', 'data']])
})

test('a test runner that replaces the timers does not keep them back', async () => {
  const { listener, told } = recorder()
  const held = new Held(listener)
  mock.timers.enable({ apis: ['setImmediate'] })
  // as CommonJS sees it
  syncBuiltinESMExports()
  held.hold()
  held.onMessage('greeting')
  mock.timers.reset()
  syncBuiltinESMExports()
  await turn()
  expect(told).toEqual([['Message', 'greeting']])
})
