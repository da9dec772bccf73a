import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Message, Outbox } from '../src/outbox.js'

const message = (data: string, expires = Infinity): Message => ({ data, expires })

type Op =
  | { readonly op: 'add' | 'makeRoom'; readonly size: number; readonly expires: number }
  | { readonly op: 'shift' | 'restore' }
  | { readonly op: 'expire'; readonly now: number }

const op: fc.Arbitrary<Op> = fc.oneof(
  fc.record({
    op: fc.constantFrom('add' as const, 'makeRoom' as const),
    size: fc.nat(6),
    expires: fc.constantFrom(5, Infinity),
  }),
  fc.record({ op: fc.constantFrom('shift' as const, 'restore' as const) }),
  fc.record({ op: fc.constant('expire' as const), now: fc.nat(10) }),
)

test('it is a bounded queue: against the plainest one there is', () => {
  fc.assert(
    fc.property(fc.nat(4), fc.nat(12), fc.array(op, { maxLength: 60 }), (maxMessages, maxBytes, ops) => {
      const outbox = new Outbox({ maxMessages, maxBytes })
      let model: Message[] = []
      let taken: Message[] = []
      const bytes = (): number => model.reduce((sum, { data }) => sum + (data as string).length, 0)
      const plain = ({ data, expires }: Message): Message => ({ data, expires })
      ops.forEach((one, index) => {
        if (one.op === 'add') {
          const next = message(String(index % 10).repeat(one.size), one.expires)
          const fits = model.length < maxMessages && bytes() + one.size <= maxBytes
          expect(outbox.add(next)).toBe(fits)
          if (fits) model.push(next)
        } else if (one.op === 'makeRoom') {
          const next = message('x'.repeat(one.size))
          const gone: Message[] = []
          if (maxMessages > 0 && one.size <= maxBytes)
            while (model.length >= maxMessages || bytes() + one.size > maxBytes) gone.push(model.shift()!)
          expect(outbox.makeRoom(next).map(plain)).toEqual(gone)
        } else if (one.op === 'shift') {
          const next = model.shift()
          if (next) taken.push(next)
          const got = outbox.shift()
          expect(got && plain(got)).toEqual(next)
        } else if (one.op === 'restore') {
          outbox.restore(taken)
          model = [...taken, ...model]
          taken = []
        } else if (one.op === 'expire') {
          const old = model.filter(({ expires }) => expires <= one.now)
          model = model.filter(({ expires }) => expires > one.now)
          expect(outbox.expire(one.now).map(plain)).toEqual(old)
        }
        expect([outbox.size, outbox.bytes]).toEqual([model.length, bytes()])
        expect(outbox.list()).toEqual(model.map(({ data }) => data))
        expect(outbox.peek()?.data).toBe(model[0]?.data)
      })
    }),
  )
})
