import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Expiry } from '../../src/delivery/expiry.js'
import { Queue } from '../../src/delivery/queue.js'
import { touched } from '../cost.js'
import { left } from '../heap.js'

describe('Queue', () => {
  test('does what an array does', () => {
    const op = fc.oneof(
      { weight: 6, arbitrary: fc.record({ do: fc.constant('push' as const), value: fc.nat(9) }) },
      { weight: 5, arbitrary: fc.constant({ do: 'shift' as const }) },
      {
        weight: 1,
        arbitrary: fc.record({ do: fc.constant('unshift' as const), values: fc.array(fc.nat(9)) }),
      },
      { weight: 1, arbitrary: fc.constantFrom({ do: 'keep' as const }, { do: 'clear' as const }) },
    )
    const many = { maxLength: 400, size: 'max' } as const
    fc.assert(
      fc.property(fc.array(op, many), (ops) => {
        const queue = new Queue<number>()
        let model: number[] = []
        for (const one of ops) {
          if (one.do === 'push') {
            queue.push(one.value)
            model.push(one.value)
          } else if (one.do === 'shift') expect(queue.shift()).toBe(model.shift())
          else if (one.do === 'unshift') {
            queue.unshift(one.values)
            model = [...one.values, ...model]
          } else if (one.do === 'keep') {
            queue.keep((value) => value % 2 === 0)
            model = model.filter((value) => value % 2 === 0)
          } else {
            queue.clear()
            model = []
          }
          expect([queue.size, queue.peek()]).toEqual([model.length, model[0]])
        }
        expect([...queue]).toEqual(model)
      }),
    )
  })

  test('moves up when many have left', () => {
    const queue = new Queue<number>()
    for (let i = 0; i < 1_000; i++) queue.push(i)
    for (let i = 0; i < 999; i++) expect(queue.shift()).toBe(i)
    expect([...queue]).toEqual([999])
  })

  test('keeps no places of what has left, though it is never empty', () => {
    const queue = new Queue<number>()
    queue.push(0)
    const grown = left(() => {
      for (let i = 0; i < 1_000_000; i++) {
        queue.push(i)
        queue.shift()
      }
    })
    expect(grown).toBeLessThan(2e6)
  })

  test('does not move up for a few', () => {
    const queue = new Queue<number>()
    const cost = touched(() => {
      for (let i = 0; i < 1_000; i++) {
        queue.push(i)
        queue.shift()
      }
    })
    expect(cost).toBeLessThan(2_000)
  })
})

describe('Expiry', () => {
  test('has nothing at first', () => {
    const expiry = new Expiry()
    expect([expiry.size, expiry.peek(), expiry.shift()]).toEqual([0, undefined, undefined])
  })

  test('gives them by their time, and those of one time in order', () => {
    const entry = fc.record({ expires: fc.nat(20), order: fc.nat() })
    fc.assert(
      fc.property(fc.uniqueArray(entry, { selector: ({ order }) => order }), (entries) => {
        const expiry = new Expiry<(typeof entries)[number]>()
        for (const one of entries) expiry.add(one)
        expiry.keep(({ order }) => order % 3 > 0)
        const sorted = entries
          .filter(({ order }) => order % 3 > 0)
          .sort((a, b) => a.expires - b.expires || a.order - b.order)
        expect(expiry.size).toBe(sorted.length)
        for (const one of sorted) {
          expect(expiry.peek()).toBe(one)
          expect(expiry.shift()).toBe(one)
        }
        expect(expiry.shift()).toBeUndefined()
      }),
    )
  })
})
