import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Message, Outbox } from '../../src/delivery/outbox.js'
import { payloadSize } from '../../src/delivery/payload.js'
import { growth, touched } from '../cost.js'
import { left } from '../heap.js'

const message = (data: Message['data'], expires = Infinity): Message => ({ data, expires })

const limits = (maxMessages = Infinity, maxBytes = Infinity): Outbox => new Outbox({ maxMessages, maxBytes })

describe('bounds', () => {
  test('in count', () => {
    const outbox = limits(2)
    expect(['a', 'b', 'c'].map((data) => outbox.add(message(data)))).toEqual([true, true, false])
    expect(outbox.list()).toEqual(['a', 'b'])
  })

  test('in bytes on the wire', () => {
    const outbox = limits(Infinity, 6)
    expect(outbox.add(message('€'))).toBe(true)
    expect(outbox.add(message('€€'))).toBe(false)
    expect(outbox.add(message(new Int16Array(1)))).toBe(true)
    expect(outbox.bytes).toBe(5)
    expect(outbox.add(message(new Blob(['xy'])))).toBe(false)
    expect(outbox.add(message('x'))).toBe(true)
    expect([outbox.size, outbox.bytes]).toEqual([3, 6])
  })

  test('nothing changes where it does not fit', () => {
    const outbox = limits(1)
    outbox.add(message('a'))
    outbox.add(message('bc'))
    expect([outbox.size, outbox.bytes, outbox.list()]).toEqual([1, 1, ['a']])
  })
})

describe('makeRoom', () => {
  test('takes no more than needed, oldest first', () => {
    const outbox = limits(3, 10)
    for (const data of ['aaa', 'bb', 'cccc']) outbox.add(message(data))
    expect(outbox.makeRoom(message('d')).map(({ data }) => data)).toEqual(['aaa'])
    expect(outbox.makeRoom(message('12345')).map(({ data }) => data)).toEqual(['bb'])
    expect(outbox.list()).toEqual(['cccc'])
  })

  test('takes nothing where there is room', () => {
    const outbox = limits(2, 10)
    outbox.add(message('a'))
    expect(outbox.makeRoom(message('b'))).toEqual([])
  })

  test('takes nothing for what could never fit', () => {
    const outbox = limits(2, 3)
    outbox.add(message('a'))
    expect(outbox.makeRoom(message('bbbb'))).toEqual([])
    expect(limits(0).makeRoom(message('b'))).toEqual([])
    expect(outbox.list()).toEqual(['a'])
  })
})

test('what is put back is in front, and bound by nothing: it had been accepted', () => {
  const outbox = limits(1, 1)
  outbox.add(message('c'))
  outbox.restore([message('aa'), message('bb', 5)])
  expect([outbox.list(), outbox.size, outbox.bytes]).toEqual([['aa', 'bb', 'c'], 3, 5])
  expect(outbox.add(message('d'))).toBe(false)
  expect(outbox.expire(5).map(({ data }) => data)).toEqual(['bb'])
})

test('a message is too old from the moment on that it was given', () => {
  const outbox = limits()
  for (const [data, expires] of [['a', 10] as const, ['b', 5] as const, ['c', Infinity] as const])
    outbox.add(message(data, expires))
  expect(outbox.expire(4)).toEqual([])
  expect(outbox.expire(5).map(({ data }) => data)).toEqual(['b'])
  expect(outbox.list()).toEqual(['a', 'c'])
  expect(outbox.expire(1e300).map(({ data }) => data)).toEqual(['a'])
  expect([outbox.size, outbox.bytes]).toEqual([1, 1])
})

test('an empty one has nothing to give', () => {
  const outbox = limits()
  expect([outbox.next()?.message, outbox.shift(), outbox.list(), outbox.size, outbox.bytes]).toEqual([
    undefined,
    undefined,
    [],
    0,
    0,
  ])
})

test('list() is a copy', () => {
  const outbox = limits()
  outbox.add(message('a'))
  outbox.list().push('b')
  expect(outbox.list()).toEqual(['a'])
})

// the model: an array
type Op =
  | { readonly do: 'add' | 'make room and add'; readonly data: string; readonly expires: number }
  | { readonly do: 'restore'; readonly data: readonly string[] }
  | { readonly do: 'shift' }
  | { readonly do: 'expire'; readonly now: number }

const data = fc.string({ unit: fc.constantFrom('a', 'é', '€', '𝄞'), maxLength: 4 })
const expires = fc.oneof(fc.integer({ min: 0, max: 20 }), fc.constant(Infinity))
const op: fc.Arbitrary<Op> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant('add' as const), data, expires }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('make room and add' as const), data, expires }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('restore' as const), data: fc.array(data, { maxLength: 3 }) }),
  },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('shift' as const) }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('expire' as const), now: fc.integer({ min: 0, max: 20 }) }),
  },
)

test('it is an array with bounds, whatever is done to it', () => {
  const bound = fc.oneof(fc.integer({ min: 0, max: 12 }), fc.constant(Infinity))
  fc.assert(
    fc.property(bound, bound, fc.array(op, { maxLength: 60, size: 'max' }), (maxMessages, maxBytes, ops) => {
      const outbox = new Outbox({ maxMessages, maxBytes })
      let model: Message[] = []
      const bytes = (): number => model.reduce((sum, one) => sum + payloadSize(one.data), 0)
      const fits = (one: string): boolean =>
        model.length < maxMessages && bytes() + payloadSize(one) <= maxBytes
      const names = (messages: readonly Message[]): unknown[] => messages.map((one) => one.data)
      for (const given of ops) {
        if (given.do === 'shift') expect(outbox.shift()?.data).toBe(model.shift()?.data)
        else if (given.do === 'restore') {
          const back = given.data.map((one) => message(one))
          outbox.restore(back)
          model = [...back, ...model]
        } else if (given.do === 'expire') {
          const old = model.filter((one) => one.expires <= given.now)
          expect(names(outbox.expire(given.now))).toEqual(names(old))
          model = model.filter((one) => !old.includes(one))
        } else {
          if (given.do === 'make room and add') {
            const taken: Message[] = []
            const hopeless = maxMessages === 0 || payloadSize(given.data) > maxBytes
            while (!hopeless && !fits(given.data)) taken.push(model.shift()!)
            expect(names(outbox.makeRoom(message(given.data)))).toEqual(names(taken))
          }
          const room = fits(given.data)
          expect(outbox.add(message(given.data, given.expires))).toBe(room)
          if (room) model.push(message(given.data, given.expires))
        }
        expect([outbox.size, outbox.bytes, outbox.list()]).toEqual([model.length, bytes(), names(model)])
        expect(outbox.next()?.message?.data).toBe(model[0]?.data)
      }
    }),
    { numRuns: 300 },
  )
})

test('emptying one twice as long costs twice as much', () => {
  const grows = growth((n) => {
    const outbox = limits()
    for (let i = 0; i < n; i++) outbox.add(message('x'))
    return () => {
      while (outbox.shift());
      expect(outbox.bytes).toBe(0)
    }
  })
  expect(grows).toBeLessThan(2.5)
})

test('what has left does not stay among what gets too old, nor behind what waits for ever', () => {
  const outbox = new Outbox({ maxMessages: 1_000, maxBytes: 1e6 })
  for (let round = 0; round < 3; round++) {
    for (let i = 0; i < 100; i++) outbox.add({ data: 'x', expires: 1e9 + i })
    for (let i = 0; i < 100; i++) outbox.shift()
  }
  expect([outbox.size, outbox.expires]).toEqual([0, Infinity])
  outbox.add({ data: 'first', expires: Infinity })
  for (let i = 0; i < 100; i++) outbox.add({ data: 'x', expires: i })
  expect(outbox.expire(99).length).toBe(100)
  expect(outbox.list()).toEqual(['first'])
})

test('what has left leaves nothing in memory, though it could still get too old, or waits behind one for ever', () => {
  const outbox = limits()
  outbox.add(message('first'))
  const grown = left(() => {
    for (let i = 0; i < 100_000; i++) {
      // one leaves from the front, the other by its age
      outbox.restore([message('a', 1e9)])
      outbox.shift()
      outbox.add(message('b', 0))
      outbox.expire(0)
    }
  })
  expect(outbox.list()).toEqual(['first'])
  expect(grown).toBeLessThan(2e6)
})

test('a message that comes and goes does not make it look through the others', () => {
  const outbox = limits()
  const cost = touched(() => {
    for (let i = 0; i < 1_000; i++) {
      outbox.add(message('x', 1e9))
      outbox.shift()
    }
  })
  expect(cost).toBeLessThan(2_500)
})

test('what is put back gets too old before what has waited, where both do at once', () => {
  const outbox = limits()
  outbox.add(message('c', 5))
  outbox.restore([message('a', 5), message('b', 5)])
  expect(outbox.expire(5).map(({ data }) => data)).toEqual(['a', 'b', 'c'])
})
