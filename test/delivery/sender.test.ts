import fc from 'fast-check'
import { describe, expect, test, vi } from 'vitest'
import type { Connection } from '../../src/connection/connection.js'
import { NotOpenError, OutboxFullError } from '../../src/diagnostics/errors.js'
import type { OutboxOptions } from '../../src/options/options.js'
import type { Message } from '../../src/delivery/outbox.js'
import { type Sent, Sender } from '../../src/delivery/sender.js'
import { readSettings } from '../../src/options/settings.js'
import { settled, SimClock } from '../sim/clock.js'
import { URL_A } from '../sim/socket.js'
import { payloadSize, type Sendable } from '../../src/delivery/payload.js'
import type { SendOptions } from '../../src/delivery/sender.js'

/** The part of a connection that a sender uses. */
class FakeConnection {
  doubtful = false
  congested = false
  ready = true
  /** Of what was written, in bytes: as much as the network does not take. */
  held = 0
  stalled = false
  readonly written: Message[] = []

  send(message: Message): boolean {
    if (!this.ready) return false
    this.written.push(message)
    if (this.stalled) this.held += payloadSize(message.data)
    return true
  }
}

function start(outbox: false | OutboxOptions = {}) {
  const clock = new SimClock()
  const drops: string[] = []
  const taken = vi.fn<() => void>()
  const sender = new Sender(readSettings(URL_A, { outbox }).outbox, clock, {
    dropped: ({ data, reason }) => drops.push(`${String(data)}: ${reason}`),
    taken,
  })
  const connection = new FakeConnection()
  const by = connection as unknown as Connection
  return {
    clock,
    sender,
    connection,
    drops,
    taken,
    written: () => connection.written.map(({ data }) => data),
    open: (data: Sendable, options: SendOptions = {}): Sent => sender.send(data, options, by),
    closed: (data: Sendable, options: SendOptions = {}): Sent => sender.send(data, options, undefined),
    flush: () => sender.flush(by),
  }
}

describe('send()', () => {
  test('tells of nothing in its middle, so that what a listener sends in answer does not overtake it', () => {
    const connection = new FakeConnection()
    const clock = new SimClock()
    // a millisecond passes whenever somebody looks
    const ticking = Object.assign(Object.create(clock) as SimClock, {
      time: 0,
      now(this: { time: number }) {
        return this.time++
      },
    })
    const sender: Sender = new Sender(readSettings(URL_A, { outbox: { maxMessages: 2 } }).outbox, ticking, {
      dropped: () => sender.send('answer', {}, connection),
      taken() {},
    })
    connection.doubtful = true
    // too old from the second look of the send() of `next` on, of which the first has found nothing
    sender.send('old', { maxAge: 2 }, connection)
    sender.send('young', {}, connection)
    sender.send('next', {}, connection)
    connection.doubtful = false
    sender.flush(connection)
    expect(connection.written.map(({ data }) => data)).toEqual(['old', 'young', 'next'])
  })

  test('writes at once where a connection is open', () => {
    const { open, written, sender } = start()
    expect(open('a')).toBe('sent')
    expect([written(), sender.view.size]).toEqual([['a'], 0])
  })

  test('keeps it where none is', () => {
    const { closed, sender } = start()
    expect([closed('a'), closed('b')]).toEqual(['queued', 'queued'])
    expect([sender.view.list(), sender.bytes]).toEqual([['a', 'b'], 2])
  })

  test('keeps a copy of what can change', () => {
    const { closed, sender } = start()
    const data = Uint8Array.of(1, 2)
    closed(data)
    data.fill(9)
    expect(sender.view.list()).toEqual([Uint8Array.of(1, 2)])
  })

  test('keeps it while a ping is unanswered, and where the platform would not transmit', () => {
    const { open, connection } = start()
    connection.doubtful = true
    expect(open('a')).toBe('queued')
    const other = start()
    other.connection.ready = false
    expect(other.open('a')).toBe('queued')
  })

  test('keeps it behind what waits', () => {
    const { closed, open, flush, written } = start()
    closed('a')
    expect(open('b')).toBe('queued')
    expect(flush()).toBe(true)
    expect(written()).toEqual(['a', 'b'])
    expect(open('c')).toBe('sent')
  })

  test('volatile is sent now or dropped', () => {
    const { open, closed, drops, connection, sender } = start()
    expect(open('a', { volatile: true })).toBe('sent')
    expect(closed('b', { volatile: true })).toBe('dropped')
    connection.doubtful = true
    expect(open('c', { volatile: true })).toBe('sent')
    connection.congested = true
    expect(open('d', { volatile: true })).toBe('dropped')
    expect(drops).toEqual(['b: volatile', 'd: volatile'])
    expect(sender.view.size).toBe(0)
  })
})

test('lose() reports what a connection took and cannot send', () => {
  const { sender, drops } = start()
  sender.lose('a')
  expect(drops).toEqual(['a: unreadable'])
})

describe('without an outbox', () => {
  test('what cannot be sent now is refused, and nothing is kept', () => {
    const { open, closed, sender, connection, drops } = start(false)
    expect(open('a')).toBe('sent')
    expect(() => closed('b')).toThrow(NotOpenError)
    connection.ready = false
    expect(() => open('c')).toThrow(NotOpenError)
    expect(closed('d', { volatile: true })).toBe('dropped')
    sender.restore([{ data: 'e', expires: Infinity }])
    expect([sender.view.size, drops]).toEqual([0, ['d: volatile', 'e: unsent']])
  })

  test('a doubtful connection is better than none', () => {
    const { open, connection } = start(false)
    connection.doubtful = true
    expect(open('a')).toBe('sent')
  })
})

describe('a full outbox', () => {
  const full = (overflow: NonNullable<OutboxOptions['overflow']>) => {
    const started = start({ maxMessages: 2, maxBytes: 5, overflow })
    started.closed('a')
    started.closed('b')
    return started
  }

  test('throw: refused', () => {
    const { closed, sender, drops } = full('throw')
    expect(() => closed('c')).toThrow(OutboxFullError)
    expect([sender.view.list(), drops]).toEqual([['a', 'b'], []])
  })

  test('drop-newest: dropped', () => {
    const { closed, sender, drops } = full('drop-newest')
    expect(closed('c')).toBe('dropped')
    expect([sender.view.list(), drops]).toEqual([['a', 'b'], ['c: overflow']])
  })

  test('drop-oldest: room is made', () => {
    const { closed, sender, drops } = full('drop-oldest')
    expect(closed('c')).toBe('queued')
    expect([sender.view.list(), drops]).toEqual([['b', 'c'], ['a: overflow']])
  })

  test('drop-oldest: what a drop listener sends comes behind, and drops what is oldest then', () => {
    const told: string[] = []
    const { outbox } = readSettings(URL_A, { outbox: { maxMessages: 2, overflow: 'drop-oldest' } })
    const sender = new Sender(outbox, new SimClock(), {
      dropped({ data }) {
        told.push(String(data))
        if (told.length === 1) sender.send('note', {}, undefined)
      },
      taken() {},
    })
    for (const data of ['a', 'b', 'c']) expect(sender.send(data, {}, undefined)).toBe('queued')
    expect([told, sender.view.list()]).toEqual([
      ['a', 'b'],
      ['c', 'note'],
    ])
  })

  test('drop-oldest: each of a great many that make room for one is told', () => {
    const many = 200_000
    const { closed, drops } = start({ maxMessages: Infinity, maxBytes: many, overflow: 'drop-oldest' })
    for (let i = 0; i < many; i++) closed('a')
    expect(closed('b'.repeat(many))).toBe('queued')
    expect(drops).toHaveLength(many)
  })

  test('drop-oldest: what could never fit is itself dropped', () => {
    const { closed, sender, drops } = full('drop-oldest')
    expect(closed('cccccc')).toBe('dropped')
    expect([sender.view.list(), drops]).toEqual([['a', 'b'], ['cccccc: overflow']])
  })

  test.each(['throw', 'drop-newest', 'drop-oldest'] as const)(
    '%s: a connection that is there takes all of it rather',
    (overflow) => {
      const { open, connection, sender, written, drops } = full(overflow)
      connection.doubtful = connection.congested = true
      expect(open('c')).toBe('sent')
      expect([written(), sender.view.size, drops]).toEqual([['a', 'b', 'c'], 0, []])
    },
  )

  test('what is too old makes room', () => {
    const { closed, sender, drops, clock } = start({ maxMessages: 2, maxAge: 100 })
    closed('a')
    closed('b', { maxAge: 1_000 })
    clock.sleep(100)
    expect(closed('c')).toBe('queued')
    expect([sender.view.list(), drops]).toEqual([['b', 'c'], ['a: expired']])
  })
})

describe('a peer that reads nothing', () => {
  const stalled = (outbox: OutboxOptions) => {
    const started = start({ maxBytes: 10, ...outbox })
    started.connection.stalled = true
    return started
  }

  test('throw: what the platform holds is bounded as what waits is', () => {
    const { open, connection, written, sender } = stalled({})
    expect([open('aaaaa'), open('bbbbb')]).toEqual(['sent', 'sent'])
    expect(() => open('c')).toThrow(OutboxFullError)
    expect([written(), sender.view.size]).toEqual([['aaaaa', 'bbbbb'], 0])
    connection.held = 4
    expect([open('cccccc'), connection.held]).toEqual(['sent', 10])
    expect(() => open('d')).toThrow(OutboxFullError)
  })

  test('drop-newest: dropped', () => {
    const { open, drops, written } = stalled({ overflow: 'drop-newest' })
    expect([open('aaaaaaaaa'), open('bb'), open('c')]).toEqual(['sent', 'dropped', 'sent'])
    expect([drops, written()]).toEqual([['bb: overflow'], ['aaaaaaaaa', 'c']])
  })

  test('drop-oldest: what waits makes room, and the latest always waits', () => {
    const { open, drops, sender, connection, written, flush } = stalled({ overflow: 'drop-oldest' })
    expect([open('aaaaaaaaa'), open('bb'), open('cc')]).toEqual(['sent', 'queued', 'queued'])
    expect([drops, sender.view.list()]).toEqual([['bb: overflow'], ['cc']])
    connection.held = 6
    expect([open('dd'), open('e')]).toEqual(['queued', 'queued'])
    expect([drops, sender.view.list()]).toEqual([
      ['bb: overflow', 'cc: overflow'],
      ['dd', 'e'],
    ])
    expect([flush(), written()]).toEqual([true, ['aaaaaaaaa', 'dd', 'e']])
  })

  test('what waits counts with what the platform holds', () => {
    const { open, connection, sender } = stalled({})
    open('aaaa')
    connection.doubtful = true
    expect(open('bbbb')).toBe('queued')
    expect(() => open('ccc')).toThrow(OutboxFullError)
    expect(open('cc')).toBe('queued')
    expect(sender.view.list()).toEqual(['bbbb', 'cc'])
  })

  test.each(['throw', 'drop-newest', 'drop-oldest'] as const)(
    '%s: without a limit, everything waits beside a connection that does not send it',
    (overflow) => {
      const { open, closed, connection, drops, sender } = stalled({ maxBytes: Infinity, overflow })
      expect(open('aaaa')).toBe('sent')
      connection.doubtful = true
      expect([open('b'), closed('c'), open('d')]).toEqual(['queued', 'queued', 'queued'])
      connection.doubtful = connection.ready = false
      expect([open('e'), sender.view.list(), drops]).toEqual(['queued', ['b', 'c', 'd', 'e'], []])
    },
  )

  test('nothing that is too much is handed over to make room either', () => {
    const { open, closed, connection, sender, written } = stalled({})
    for (const data of ['aaaa', 'bbbb']) closed(data)
    connection.doubtful = true
    connection.held = 5
    expect(() => open('ccc')).toThrow(OutboxFullError)
    expect([written(), sender.view.list()]).toEqual([[], ['aaaa', 'bbbb']])
  })

  test('what is too many is handed over as far as it may be', () => {
    const { open, closed, connection, sender, written } = stalled({ maxMessages: 2 })
    for (const data of ['a', 'b']) closed(data)
    connection.doubtful = true
    connection.held = 7
    expect([open('c'), connection.held, written()]).toEqual(['sent', 10, ['a', 'b', 'c']])
    expect(() => open('d')).toThrow(OutboxFullError)
    expect(sender.view.size).toBe(0)
  })

  test('a flush for room ends where the platform holds enough', () => {
    const { open, sender, written } = stalled({})
    sender.restore(['aaaaaa', 'bbbbbb', 'cc'].map((data) => ({ data, expires: Infinity })))
    expect(() => open('d')).toThrow(OutboxFullError)
    expect([written(), sender.view.list()]).toEqual([['aaaaaa'], ['bbbbbb', 'cc']])
  })

  test('a message of any size goes to a platform that holds nothing', () => {
    const { open } = stalled({})
    expect(open('a message of more than ten bytes')).toBe('sent')
    expect(() => open('b')).toThrow(OutboxFullError)
  })

  test('empty messages have headers', () => {
    const { open, connection } = stalled({})
    connection.held = 11
    expect(() => open('')).toThrow(OutboxFullError)
  })

  test('binary data counts by its bytes', () => {
    const { open } = stalled({})
    expect([open(new Uint8Array(8)), open(new ArrayBuffer(2))]).toEqual(['sent', 'sent'])
    expect(() => open(new Uint8Array(1))).toThrow(OutboxFullError)
  })

  test('a new connection begins with nothing, and what a flush gave it counts', () => {
    const { open, closed, sender, connection, flush } = stalled({})
    open('aaaaaaaaaa')
    sender.restore([])
    connection.held = 0
    closed('bbbbbbbb')
    flush()
    expect(open('cc')).toBe('sent')
    expect(() => open('d')).toThrow(OutboxFullError)
  })

  test('is looked at only when it may hold too much', () => {
    const { sender, connection } = start({ maxBytes: 3_000 })
    let looks = 0
    const counting = {
      doubtful: false,
      congested: false,
      get held() {
        looks++
        return connection.held
      },
      send: (message: Message) => connection.send(message),
    }
    for (let i = 0; i < 900; i++) sender.send('x', {}, counting)
    expect(looks).toBeLessThan(10)
  })

  test('text counts by its bytes', () => {
    const { open, connection } = start({ maxBytes: 100 })
    connection.stalled = true
    const text = '€'.repeat(10)
    expect([open(text), open(text), open(text)]).toEqual(['sent', 'sent', 'sent'])
    expect(() => open(text)).toThrow(OutboxFullError)
  })

  test('without an outbox there is no bound', () => {
    const { open, connection } = start(false)
    connection.stalled = true
    expect([open('a'.repeat(1e6)), open('b'.repeat(1e6)), connection.held]).toEqual(['sent', 'sent', 2e6])
  })
})

describe('maxAge', () => {
  test('of the message comes before that of the outbox', () => {
    const { closed, sender, drops, clock } = start({ maxAge: 100 })
    closed('a')
    closed('b', { maxAge: 50 })
    closed('c', { maxAge: Infinity })
    clock.sleep(50)
    expect(sender.view.size).toBe(2)
    clock.sleep(50)
    expect(sender.view.list()).toEqual(['c'])
    expect(drops).toEqual(['b: expired', 'a: expired'])
  })

  test('is over before anything is written', () => {
    const { closed, flush, written, drops, clock } = start()
    closed('a', { maxAge: 10 })
    closed('b')
    clock.sleep(10)
    expect(flush()).toBe(true)
    expect([written(), drops]).toEqual([['b'], ['a: expired']])
  })

  test('0 is for this moment alone', () => {
    const { open, closed, sender } = start()
    expect(open('a', { maxAge: 0 })).toBe('sent')
    expect(closed('b', { maxAge: 0 })).toBe('queued')
    expect(sender.view.size).toBe(0)
  })
})

describe('while a run is on', () => {
  test('what gets too old is told when it does, and no timer is left behind', async () => {
    const { closed, sender, drops, clock } = start()
    sender.start()
    closed('never')
    expect(clock.pending).toBe(0)
    closed('later', { maxAge: 20 })
    closed('sooner', { maxAge: 10 })
    expect(clock.timers).toEqual([10])
    await clock.advance(9)
    expect(drops).toEqual([])
    await clock.advance(1)
    expect(drops).toEqual(['sooner: expired'])
    await clock.advance(10)
    expect([drops, clock.pending]).toEqual([['sooner: expired', 'later: expired'], 0])
  })

  test('what comes back too old is told at once, and else in time', async () => {
    const { sender, drops, clock } = start()
    sender.start()
    await clock.advance(5)
    sender.restore([
      { data: 'old', expires: 5 },
      { data: 'young', expires: 8 },
    ])
    expect(drops).toEqual(['old: expired'])
    await clock.advance(3)
    expect(drops).toEqual(['old: expired', 'young: expired'])
  })

  test('before and after it nothing is timed, nor told of what comes back', async () => {
    const { closed, sender, drops, clock } = start()
    closed('before', { maxAge: 10 })
    sender.restore([{ data: 'back', expires: 0 }])
    expect([clock.pending, drops]).toEqual([0, []])
    sender.start()
    expect(clock.timers).toEqual([0])
    sender.stop()
    closed('after', { maxAge: 10 })
    expect([clock.pending, drops]).toEqual([0, []])
    expect(sender.size).toBe(3)
  })
})

describe('a Blob that comes back', () => {
  const file = (read: () => Promise<unknown>): Sendable =>
    Object.assign(new Blob(['x']), { slice: () => ({ arrayBuffer: read }) })
  const gone = (): Promise<never> => Promise.reject(new Error('the file has changed'))
  const back = (sender: Sender, ...all: Sendable[]): void =>
    sender.restore(all.map((data) => ({ data, expires: Infinity })))

  test('is dropped if it cannot be read: each connection would end with it', async () => {
    const { sender, drops, written, flush } = start()
    back(sender, file(gone), 'a')
    expect(sender.view.size).toBe(2)
    await settled()
    expect([drops, sender.view.list()]).toEqual([['[object Blob]: unreadable'], ['a']])
    flush()
    expect(written()).toEqual(['a'])
  })

  test('waits like any other if it can, and where nobody can tell', async () => {
    const strange = Object.assign(new Blob(['x']), { slice: () => ({}) })
    const stranger = Object.assign(new Blob(['x']), { slice: undefined }) as unknown as Sendable
    for (const data of [file(() => Promise.resolve()), new Blob(['x']), strange, stranger]) {
      const { sender, drops } = start()
      back(sender, data)
      await settled()
      expect([drops, sender.view.list()]).toEqual([[], [data]])
    }
  })

  test('is left to the connection that has it by the time that this is known', async () => {
    const { sender, drops, written, flush } = start()
    const data = file(gone)
    back(sender, data)
    flush()
    await settled()
    expect([drops, written()]).toEqual([[], [data]])
  })

  test('is not looked at where others are sent before it: the engine has not come to it', async () => {
    const { sender, drops } = start()
    back(sender, 'a', file(gone))
    await settled()
    expect([drops, sender.view.size]).toEqual([[], 2])
  })
})

describe('a volatile message', () => {
  test('is handed over as one, so that it never waits again', () => {
    const { open, connection } = start()
    open('now', { volatile: true })
    expect(connection.written).toEqual([{ data: 'now', expires: Infinity, volatile: true }])
  })

  test('that comes back is told, among others that wait', () => {
    const { sender, drops } = start()
    sender.restore([
      { data: 'now', expires: Infinity, volatile: true },
      { data: 'then', expires: Infinity },
    ])
    expect([drops, sender.view.list()]).toEqual([['now: volatile'], ['then']])
  })
})

describe('flush()', () => {
  test.each(['doubtful', 'congested'] as const)('waits while the connection is %s', (what) => {
    const { closed, flush, written, connection } = start()
    closed('a')
    connection[what] = true
    expect([flush(), written()]).toEqual([false, []])
    connection[what] = false
    expect([flush(), written()]).toEqual([true, ['a']])
  })

  test('leaves what the platform would not transmit', () => {
    const { closed, flush, sender, connection } = start()
    closed('a')
    connection.ready = false
    expect([flush(), sender.view.list()]).toEqual([false, ['a']])
  })

  test.each(['flush', 'room for one more'])(
    'takes what was sent, if its connection ends meanwhile and something else comes back: by %s',
    (how) => {
      const { closed, open, flush, written, sender, connection } = start({ maxMessages: 2 })
      for (const data of ['b', 'c']) closed(data)
      const { send } = connection
      connection.send = (message) => {
        const sent = send.call(connection, message)
        if (connection.ready) sender.restore([{ data: 'a', expires: Infinity }])
        connection.ready = false
        return sent
      }
      if (how === 'flush') expect(flush()).toBe(false)
      else expect(() => open('d')).toThrow(OutboxFullError)
      expect([written(), sender.view.list(), sender.view.bytes]).toEqual([['b'], ['a', 'c'], 2])
    },
  )

  test('leaves what a listener has taken out meanwhile', () => {
    const { closed, flush, written, sender, connection } = start()
    for (const data of ['a', 'b']) closed(data)
    const { send } = connection
    connection.send = (message) => {
      sender.view.drain()
      return send.call(connection, message)
    }
    expect([flush(), written(), sender.view.size, sender.view.bytes]).toEqual([true, ['a'], 0, 0])
  })

  test('of nothing is done', () => {
    expect(start().flush()).toBe(true)
  })
})

test('what a connection did not transmit comes first again, with its own age', () => {
  const { closed, sender, clock, drops } = start()
  closed('b')
  sender.restore([
    { data: 'a', expires: 10 },
    { data: 'x', expires: 5 },
  ])
  expect(sender.view.list()).toEqual(['a', 'x', 'b'])
  clock.sleep(5)
  expect(sender.view.list()).toEqual(['a', 'b'])
  expect(drops).toEqual(['x: expired'])
})

describe('the view', () => {
  test('counts nothing that is too old', () => {
    for (const look of ['size', 'bytes', 'list', 'drain'] as const) {
      const { closed, sender, clock, drops } = start({ maxAge: 10 })
      closed('abc')
      clock.sleep(10)
      const seen = sender.view[look]
      expect(typeof seen === 'function' ? seen() : seen).toEqual(typeof seen === 'function' ? [] : 0)
      expect(drops).toEqual(['abc: expired'])
    }
  })

  test('list() copies what can change', () => {
    const { closed, flush, sender, written } = start()
    const blob = new Blob(['x'])
    for (const data of [Uint8Array.of(1), Uint8Array.of(2).buffer, blob, 'a']) closed(data)
    const [view, buffer, ...others] = sender.view.list() as [Uint8Array, ArrayBuffer, ...Sendable[]]
    view.fill(9)
    new Uint8Array(buffer).fill(9)
    expect(others).toEqual([blob, 'a'])
    flush()
    expect(written()).toEqual([Uint8Array.of(1), Uint8Array.of(2).buffer, blob, 'a'])
  })

  test('drain() hands all over, oldest first, and says so', () => {
    const { closed, sender, drops, taken } = start()
    closed('a')
    closed('b')
    expect(taken).not.toHaveBeenCalled()
    expect(sender.view.drain()).toEqual(['a', 'b'])
    expect(taken).toHaveBeenCalledOnce()
    expect([sender.view.size, sender.view.bytes, sender.bytes, drops]).toEqual([0, 0, 0, []])
  })
})

describe('law 8: exact accounts, whatever happens', () => {
  type Op =
    | { readonly do: 'send'; readonly open: boolean; readonly size: number; readonly options: SendOptions }
    | { readonly do: 'flush' }
    | { readonly do: 'drain' }
    | { readonly do: 'sleep' }
    | { readonly do: 'doubtful' | 'congested' | 'ready'; readonly to: boolean }
  const options = fc.record(
    { maxAge: fc.constantFrom(0, 5, 50, Infinity), volatile: fc.boolean() },
    { requiredKeys: [] },
  )
  const op: fc.Arbitrary<Op> = fc.oneof(
    {
      weight: 8,
      arbitrary: fc.record({
        do: fc.constant('send' as const),
        open: fc.boolean(),
        size: fc.integer({ min: 0, max: 6 }),
        options,
      }),
    },
    { weight: 2, arbitrary: fc.constant({ do: 'flush' as const }) },
    { weight: 1, arbitrary: fc.constant({ do: 'drain' as const }) },
    { weight: 1, arbitrary: fc.constant({ do: 'sleep' as const }) },
    {
      weight: 3,
      arbitrary: fc.record({
        do: fc.constantFrom('doubtful' as const, 'congested' as const, 'ready' as const),
        to: fc.boolean(),
      }),
    },
  )

  test.each(['throw', 'drop-oldest', 'drop-newest'] as const)('%s', (overflow) => {
    const bound = fc.integer({ min: 0, max: 8 })
    fc.assert(
      fc.property(bound, bound, fc.array(op, { maxLength: 50, size: 'max' }), (maxMessages, bytes, ops) => {
        const maxBytes = bytes * 6
        const { sender, connection, drops, clock, written, open, closed, flush } = start({
          maxMessages,
          maxBytes,
          overflow,
        })
        const accepted: string[] = []
        const drained: Sendable[] = []
        for (const [i, given] of ops.entries()) {
          if (given.do === 'flush') flush()
          else if (given.do === 'drain') drained.push(...sender.view.drain())
          else if (given.do === 'sleep') clock.sleep(10)
          else if (given.do !== 'send') connection[given.do] = given.to
          else {
            // numbers of equal length, filled up to the size
            const data = String(i).padStart(2, '0').padEnd(given.size, '.')
            const before = sender.view.list()
            const droppedBefore = drops.length
            let result: Sent | 'refused'
            try {
              result = (given.open ? open : closed)(data, given.options)
            } catch (error) {
              expect(error).toBeInstanceOf(OutboxFullError)
              result = 'refused'
            }
            const news = drops.slice(droppedBefore)
            if (result === 'refused') {
              expect(overflow).toBe('throw')
              expect(given.options.volatile).not.toBe(true)
            } else accepted.push(data)
            if (result === 'sent') expect(written().at(-1)).toBe(data)
            if (result === 'dropped') expect(news.at(-1)?.split(':')[0]).toBe(data)
            const overflown = news.filter((drop) => drop.endsWith('overflow'))
            if (result !== 'dropped') {
              expect(overflown.length === 0 || overflow === 'drop-oldest').toBe(true)
              expect(overflown).toEqual(
                before.slice(0, overflown.length).map((old) => `${String(old)}: overflow`),
              )
            }
            if (result === 'queued') {
              const { size, bytes: waiting } = sender.view
              expect(size).toBeLessThanOrEqual(maxMessages)
              expect(waiting).toBeLessThanOrEqual(maxBytes)
            }
          }
          const waiting = sender.view.list()
          const dropped = drops.map((drop) => drop.split(':')[0] as string)
          expect([...written(), ...waiting, ...dropped, ...drained].sort()).toEqual([...accepted].sort())
          expect([...written(), ...waiting]).toEqual([...written(), ...waiting].sort())
        }
      }),
      { numRuns: 150 },
    )
  })
})
