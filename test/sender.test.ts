import { expect, test } from 'vitest'
import type { Connection } from '../src/connection.js'
import type { DropDetail } from '../src/events.js'
import type { OutboxOptions } from '../src/options.js'
import type { Message } from '../src/outbox.js'
import { Sender } from '../src/sender.js'
import { readSettings } from '../src/settings.js'
import { VirtualClock } from './simulation/clock.js'

/** Of a connection, what a sender uses. */
class Wire {
  readonly written: unknown[] = []
  doubtful = false
  congested = false
  takes = true

  send({ data }: Message): boolean {
    if (this.takes) this.written.push(data)
    return this.takes
  }

  get connection(): Connection {
    return this as unknown as Connection
  }
}

function make(outbox: OutboxOptions | false = {}) {
  const clock = new VirtualClock()
  const drops: DropDetail[] = []
  const sender = new Sender(readSettings('ws://a.test/', { outbox }).outbox, clock, (detail) =>
    drops.push(detail),
  )
  const send = (data: string, wire?: Wire, options = {}) => sender.send(data, options, wire?.connection)
  return { clock, drops, sender, send, wire: new Wire() }
}

test('an open connection takes it at once', () => {
  const { send, wire, sender } = make()
  expect(send('a', wire)).toBe('sent')
  expect([wire.written, sender.view.size]).toEqual([['a'], 0])
})

test('without a connection it waits, and is flushed in order', () => {
  const { send, wire, sender } = make()
  expect([send('a'), send('b')]).toEqual(['queued', 'queued'])
  expect([sender.view.list(), sender.view.bytes, sender.bytes]).toEqual([['a', 'b'], 2, 2])
  expect(sender.flush(wire.connection)).toBe(true)
  expect(wire.written).toEqual(['a', 'b'])
})

test('what is sent while something waits goes behind it', () => {
  const { send, wire, sender } = make()
  send('a')
  expect(send('b', wire)).toBe('queued')
  sender.flush(wire.connection)
  expect(wire.written).toEqual(['a', 'b'])
})

test('a connection that does not take it loses nothing', () => {
  const { send, wire, sender } = make()
  wire.takes = false
  expect(send('a', wire)).toBe('queued')
  expect(sender.flush(wire.connection)).toBe(false)
  expect(sender.view.list()).toEqual(['a'])
})

test('while a ping is unanswered messages wait; so do they while the platform holds enough', () => {
  const { send, wire, sender } = make()
  wire.doubtful = true
  expect([send('a', wire), sender.flush(wire.connection)]).toEqual(['queued', false])
  wire.doubtful = false
  wire.congested = true
  expect([sender.flush(wire.connection), wire.written]).toEqual([false, []])
  wire.congested = false
  expect([sender.flush(wire.connection), wire.written]).toEqual([true, ['a']])
})

test('a full outbox beside an open connection is written rather than refused', () => {
  const { send, wire } = make({ maxMessages: 1 })
  wire.doubtful = true
  expect([send('a', wire), send('b', wire), wire.written]).toEqual(['queued', 'sent', ['a', 'b']])
})

test('overflow: throw accepts nothing', () => {
  const { send, sender, drops } = make({ maxMessages: 1 })
  send('a')
  expect(() => send('b')).toThrow(expect.objectContaining({ code: 'ERR_OUTBOX_FULL' }) as Error)
  expect([sender.view.list(), drops]).toEqual([['a'], []])
})

test('overflow: drop-oldest makes room, and tells what for', () => {
  const { send, sender, drops } = make({ maxBytes: 3, overflow: 'drop-oldest' })
  send('a')
  send('bb')
  expect([send('cc'), sender.view.list(), drops]).toEqual([
    'queued',
    ['cc'],
    [
      { data: 'a', reason: 'overflow' },
      { data: 'bb', reason: 'overflow' },
    ],
  ])
  // nothing is dropped for what can never fit
  expect([send('dddd'), sender.view.list()]).toEqual(['dropped', ['cc']])
})

test('overflow: drop-newest drops the message itself', () => {
  const { send, sender, drops } = make({ maxMessages: 1, overflow: 'drop-newest' })
  send('a')
  expect([send('b'), sender.view.list(), drops]).toEqual([
    'dropped',
    ['a'],
    [{ data: 'b', reason: 'overflow' }],
  ])
})

test('a volatile message is sent now or dropped', () => {
  const { send, wire, drops } = make()
  expect([send('a', wire, { volatile: true }), send('b', undefined, { volatile: true })]).toEqual([
    'sent',
    'dropped',
  ])
  expect(drops).toEqual([{ data: 'b', reason: 'volatile' }])
})

test('a message that waited too long is dropped instead of sent', async () => {
  const { send, wire, sender, drops, clock } = make({ maxAge: 100 })
  send('a')
  send('b', undefined, { maxAge: 300 })
  send('c', undefined, { maxAge: Infinity })
  await clock.advance(200, () => Promise.resolve())
  sender.flush(wire.connection)
  expect([wire.written, drops]).toEqual([['b', 'c'], [{ data: 'a', reason: 'expired' }]])
})

test('outbox: false refuses while not open', () => {
  const { send, wire, sender } = make(false)
  expect(() => send('a')).toThrow(expect.objectContaining({ code: 'ERR_NOT_OPEN' }) as Error)
  expect(send('b', wire)).toBe('sent')
  sender.restore([{ data: 'b', expires: Infinity }])
  expect(sender.view.size).toBe(0)
})

test('what was not transmitted goes back to the front; drain() takes everything out', () => {
  const { send, sender } = make()
  send('c')
  sender.restore([
    { data: 'a', expires: Infinity },
    { data: 'b', expires: Infinity },
  ])
  sender.restore([])
  expect(sender.view.list()).toEqual(['a', 'b', 'c'])
  expect(sender.view.drain()).toEqual(['a', 'b', 'c'])
  expect([sender.view.size, sender.bytes]).toEqual([0, 0])
})
