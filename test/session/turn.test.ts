/** What is sent in one turn goes out together, at its end. */
import { expect, test } from 'vitest'
import { closeCodes, decode, encode } from '../../src/session/protocol/wire.js'
import { type Owner, SessionShell } from '../../src/session/shell.js'
import { systemClock } from '../../src/time/clock.js'
import type { OpenStore, SessionStore } from '../../src/session/store.js'

const welcome = encode({
  type: 'welcome',
  session: { id: 'i', token: 't' },
  received: 0,
  resumed: false,
  ttl: 1_000,
  window: 1_000_000,
})

/** A shell that is live, and what it has transmitted since. */
function live(store?: SessionStore): { shell: SessionShell; out: unknown[]; lost: unknown[] } {
  const out: unknown[] = []
  const lost: unknown[] = []
  const owner: Owner = {
    clock: systemClock,
    transmit: (data) => out.push(data),
    deliver: () => {},
    lost: ({ messages }) => lost.push(...messages),
    resumed: () => {},
    live: () => {},
    violation: (problem) => expect.fail(`${closeCodes.clientViolation}: ${problem}`),
  }
  const shell = new SessionShell(owner, store)
  void shell.open()
  shell.feed({ type: 'connected' })
  shell.feed(decode(welcome) as never)
  out.length = 0
  return { shell, out, lost }
}

/** A store whose operations are done at once, or with a promise each. */
function store(done: () => Promise<void> | void): SessionStore {
  const open: OpenStore = {
    saved: { session: undefined, received: 0, acked: 0, messages: [] },
    append: done,
    forget: done,
    received: done,
    name: () => {},
    clear: done,
    close: done,
  }
  return { open: () => open }
}

for (const [name, given] of [
  ['in memory', undefined],
  ['in a store that is as fast', store(() => {})],
  ['in a store that takes its time', store(() => Promise.resolve())],
] as const)
  test(`${name}: nothing before the turn is over, and then all of it in order`, async () => {
    const { shell, out } = live(given)
    for (const data of ['a', 'b', 'c']) shell.send(data, 1)
    expect(out).toEqual([])
    await Promise.resolve().then(() => {})
    await new Promise(setImmediate)
    expect(out).toEqual(['a', 'b', 'c'])
    shell.send('d', 1)
    await new Promise(setImmediate)
    expect(out).toEqual(['a', 'b', 'c', 'd'])
  })

test('a pause waits for no turn: what was sent goes out before', () => {
  const { shell, out } = live()
  shell.send('a', 1)
  shell.flush()
  expect(out).toEqual(['a'])
})

test('what was sent into a session that was lost in the same turn does not go into the next one', async () => {
  const { shell, out, lost } = live()
  shell.send('a', 1)
  shell.feed({ type: 'ended', reason: 'ended' })
  shell.feed({ type: 'disconnected' })
  shell.send('b', 1)
  shell.feed({ type: 'connected' })
  shell.feed(decode(welcome) as never)
  await new Promise(setImmediate)
  expect(lost).toMatchObject([{ data: 'a' }])
  expect(out.filter((data) => !(data as string).startsWith('\u0001'))).toEqual(['b'])
})

test('what a store has noted for a session that was lost lets nothing out of the next one', async () => {
  const noted: (() => void)[] = []
  const pending = { append: (): Promise<void> => new Promise((resolve) => noted.push(resolve)) }
  const { shell, out } = live({
    open: () => ({ ...(store(() => {}).open(undefined as never) as OpenStore), ...pending }),
  })
  for (const data of ['a', 'b', 'c']) shell.send(data, 1)
  await new Promise(setImmediate)
  const old = noted.splice(0)
  expect([old.length > 0, out]).toEqual([true, []])
  shell.feed({ type: 'ended', reason: 'ended' })
  shell.feed({ type: 'disconnected' })
  shell.feed({ type: 'connected' })
  shell.feed(decode(welcome) as never)
  out.length = 0
  shell.send('d', 1)
  await new Promise(setImmediate)
  for (const done of old) done()
  await new Promise(setImmediate)
  expect(out).toEqual([])
  for (const done of noted.splice(0)) done()
  await new Promise(setImmediate)
  expect(out).toEqual(['d'])
})

test('what a store has noted of a session that was lost is not noted again of the next one', async () => {
  const noted: number[] = []
  const pending: (() => void)[] = []
  const received = (number: number): Promise<void> => {
    noted.push(number)
    return new Promise((resolve) => pending.push(resolve))
  }
  const { shell } = live({
    open: () => ({ ...(store(() => {}).open(undefined as never) as OpenStore), received }),
  })
  shell.feed({ type: 'payload', size: 1, data: 'a' })
  await new Promise(setImmediate)
  shell.feed({ type: 'ended', reason: 'ended' })
  shell.feed({ type: 'disconnected' })
  shell.feed({ type: 'connected' })
  shell.feed(decode(welcome) as never)
  shell.feed({ type: 'payload', size: 1, data: 'b' })
  await new Promise(setImmediate)
  expect(noted).toEqual([1, 1])
  pending.shift()!()
  await new Promise(setImmediate)
  expect(noted).toEqual([1, 1])
  pending.shift()!()
  await new Promise(setImmediate)
  expect(shell.state.incoming.taken).toBe(1)
})

test('many messages that weigh next to nothing are acknowledged at once, as are few that weigh much', () => {
  const { shell, out } = live()
  for (let number = 1; number < 1_024; number++) shell.feed({ type: 'payload', size: 1, data: 'x' })
  expect(out).toEqual([])
  shell.feed({ type: 'payload', size: 1, data: 'x' })
  expect(out).toEqual([encode({ type: 'acknowledge', number: 1_024 })])
  shell.feed({ type: 'payload', size: 250_000, data: 'y' })
  expect(out).toHaveLength(2)
  // nothing of it is left for the timer
  shell.feed({ type: 'disconnected' })
})
