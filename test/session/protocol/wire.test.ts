import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  type Control,
  decode,
  encode,
  escape,
  isControl,
  MAX_CONTROL,
  MAX_NAME,
  unescape,
} from '../../../src/session/protocol/wire.js'

const text = fc.oneof(
  fc.string({ unit: fc.constantFrom('\u0001', 'a', 'h', '{', '\u0000') }),
  fc.string({ unit: 'binary' }),
)

test('every text passes as it is, and none of them for control', () => {
  fc.assert(
    fc.property(text, (payload) => {
      const wire = escape(payload)
      expect(isControl(wire)).toBe(false)
      expect(unescape(wire)).toBe(payload)
      expect(wire.length - payload.length).toBe(payload.startsWith('\u0001') ? 1 : 0)
    }),
  )
})

const name = fc.string({ minLength: 1, maxLength: MAX_NAME, unit: 'grapheme-ascii' })
const session = fc.record({ id: name, token: name })
const number = fc.maxSafeNat()
const control: fc.Arbitrary<Control> = fc.oneof(
  fc.constant({ type: 'hello' as const, session: undefined, received: 0, first: 1 }),
  fc.record({
    type: fc.constant('hello' as const),
    session,
    received: number,
    first: number.map((n) => n || 1),
  }),
  fc.record({
    type: fc.constant('welcome' as const),
    session,
    received: number,
    resumed: fc.boolean(),
    ttl: number,
    window: number.map((n) => n || 1),
  }),
  fc.record({ type: fc.constant('acknowledge' as const), number: number.map((n) => n || 1) }),
  fc.constant({ type: 'bye' as const }),
)

test('every control message is read as it was written', () => {
  fc.assert(
    fc.property(control, (message) => {
      const wire = encode(message)
      expect(isControl(wire)).toBe(true)
      expect(decode(wire)).toEqual(message)
    }),
  )
})

test('the wire of the page', () => {
  expect(encode({ type: 'hello', session: undefined, received: 0, first: 1 })).toBe('\u0001h{}')
  expect(encode({ type: 'hello', session: { id: 'i', token: 't' }, received: 2, first: 3 })).toBe(
    '\u0001h{"id":"i","token":"t","received":2,"first":3}',
  )
  expect(
    encode({
      type: 'welcome',
      session: { id: 'i', token: 't' },
      received: 2,
      resumed: true,
      ttl: 5,
      window: 6,
    }),
  ).toBe('\u0001w{"id":"i","token":"t","received":2,"resumed":true,"ttl":5,"window":6}')
  expect(encode({ type: 'acknowledge', number: 7 })).toBe('\u0001a7')
  expect(encode({ type: 'bye' })).toBe('\u0001b{}')
  expect(encode({ type: 'ping' })).toBe('\u0001p{}')
})

test('fields that are not known are ignored', () => {
  expect(decode('\u0001h{"more":1}')).toEqual({ type: 'hello', session: undefined, received: 0, first: 1 })
  expect(decode('\u0001b{"more":1}')).toEqual({ type: 'bye' })
})

test.each([
  ['no letter', ''],
  ['no JSON', 'h'],
  ['no JSON', 'h{'],
  ['no object', 'h[]'],
  ['no object', 'hnull'],
  ['no object', 'h1'],
  ['an unknown letter', 'x{}'],
  ['an acknowledgement of nothing', 'a0'],
  ['half a number', 'a1.5'],
  ['a number too large to count with', 'a9007199254740992'],
  ['no number', 'a"1"'],
  ['an id alone', 'h{"id":"i"}'],
  ['a token alone', 'h{"token":"t"}'],
  ['an empty id', 'h{"id":"","token":"t","received":0,"first":1}'],
  ['an id too long', `h{"id":"${'i'.repeat(MAX_NAME + 1)}","token":"t","received":0,"first":1}`],
  ['a token that is none', 'h{"id":"i","token":1,"received":0,"first":1}'],
  ['a negative number', 'h{"id":"i","token":"t","received":-1,"first":1}'],
  ['a first that there is not', 'h{"id":"i","token":"t","received":0,"first":0}'],
  ['an empty welcome', 'w{}'],
  ['no token', 'w{"id":"i","received":0,"resumed":true,"ttl":0,"window":1}'],
  ['no received', 'w{"id":"i","token":"t","resumed":true,"ttl":0,"window":1}'],
  ['no answer', 'w{"id":"i","token":"t","received":0,"resumed":1,"ttl":0,"window":1}'],
  ['no ttl', 'w{"id":"i","token":"t","received":0,"resumed":true,"window":1}'],
  ['no window', 'w{"id":"i","token":"t","received":0,"resumed":true,"ttl":0,"window":0}'],
  ['too long', `h{"more":"${'x'.repeat(MAX_CONTROL)}"}`],
])('control that says nothing is malformed, and its text is not told: %s', (_what, rest) => {
  const answer = decode(`\u0001${rest}`)
  expect(answer.type).toBe('malformed')
  expect((answer as { problem: string }).problem).not.toContain('"')
})
