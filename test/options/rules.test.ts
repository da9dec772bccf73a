import { describe, expect, test } from 'vitest'
import { InvalidArgumentError } from '../../src/diagnostics/errors.js'
import { MAX_DELAY } from '../../src/time/clock.js'
import * as rules from '../../src/options/rules.js'

/** Which argument a rule names, `undefined` where it holds. */
function refusal(rule: rules.Rule, value: unknown, path = 'it'): string | undefined {
  try {
    rule(path, value)
    return undefined
  } catch (error) {
    if (!(error instanceof InvalidArgumentError)) throw error
    expect(error.message.startsWith(`${error.argument} `)).toBe(true)
    return error.argument
  }
}

const never = [
  undefined,
  null,
  '',
  '5',
  true,
  {},
  [],
  [5],
  NaN,
  -1,
  -0.1,
  -Infinity,
  5n,
  Symbol('5'),
  () => 5,
]
const most = MAX_DELAY

describe.each([
  ['duration', rules.duration, [1, 1.5, 1_000, most], [...never, 0, 0.5, most + 1, Infinity]],
  ['delay', rules.delay, [0, 0.5, 1, most], [...never, most + 1, Infinity]],
  ['age', rules.age, [0, 0.5, 1, most + 1, Infinity], never],
  ['count', rules.count, [0, 1, 2 ** 40, Infinity], [...never, 0.5, 1.5]],
  ['number', rules.number(2, 4, 'a number'), [2, 2.5, 4], [...never, 1.9, 4.1]],
  ['boolean', rules.boolean, [true, false], [undefined, null, 0, 1, '', 'true', {}]],
  ['oneOf', rules.oneOf('a', 'b'), ['a', 'b'], [undefined, null, 'c', '', 'A', ['a'], 0]],
  ['callback', rules.callback, [() => {}, class {}, async () => {}], [undefined, null, 'x', {}, 5]],
  ['object', rules.object, [{}, new Date(), Object.create(null)], [undefined, null, [], 'x', 5, () => {}]],
])('%s', (_, rule, right, wrong) => {
  test('holds for what is right', () => {
    for (const value of right) expect(refusal(rule, value)).toBeUndefined()
  })

  test('refuses everything else, by name', () => {
    for (const value of wrong)
      expect([value, refusal(rule, value, 'some.option')]).toEqual([value, 'some.option'])
  })
})

test('a delay that is allowed is one that a timer takes', () => {
  expect(MAX_DELAY).toBe(0x7fffffff)
})

test('messages say what is expected', () => {
  const message = (rule: rules.Rule): string => {
    try {
      rule('x', Symbol('nothing'))
    } catch (error) {
      return (error as Error).message
    }
    return ''
  }
  expect(message(rules.duration)).toBe(`x must be a duration in ms from 1 to ${most}`)
  expect(message(rules.oneOf('a', 'b'))).toBe('x must be one of a, b')
  expect(message(rules.callback)).toBe('x must be a function')
  expect(message(rules.object)).toBe('x must be an object')
  expect(message(rules.count)).toBe('x must be a whole number from 0, or Infinity')
  expect(message(rules.abortSignal)).toBe('x must be an AbortSignal')
  const some = rules.fields<{ a?: number; b?: number }>({ a: rules.count, b: rules.count })
  expect(() => some('options', { c: 1 })).toThrow('c is not an option; the options are a, b')
})

describe('fields', () => {
  const rule = rules.fields<{ a?: number; b?: object }>({
    a: rules.count,
    b: rules.fields<{ c?: boolean }>({ c: rules.boolean }),
  })

  test('undefined counts as missing', () => {
    expect(refusal(rule, {})).toBeUndefined()
    expect(refusal(rule, { a: undefined, b: { c: undefined } })).toBeUndefined()
  })

  test('names the field by its path, without the root of the options', () => {
    expect(refusal(rule, { a: -1 }, 'options')).toBe('a')
    expect(refusal(rule, { b: { c: 1 } }, 'options')).toBe('b.c')
    expect(refusal(rule, { b: { c: 1 } }, 'x')).toBe('x.b.c')
    expect(refusal(rule, { b: [] }, 'options')).toBe('b')
    expect(refusal(rule, 5, 'options')).toBe('options')
  })

  test('a name that is no option is refused, even undefined, and even one that every object has', () => {
    expect(refusal(rule, { aa: 1 }, 'options')).toBe('aa')
    expect(refusal(rule, { aa: undefined }, 'options')).toBe('aa')
    expect(refusal(rule, { constructor: 1 }, 'options')).toBe('constructor')
    expect(refusal(rule, JSON.parse('{"__proto__":1}'), 'options')).toBe('__proto__')
  })
})

test('switchable takes a boolean or what its rule takes', () => {
  const rule = rules.switchable(rules.count)
  for (const value of [true, false, 3]) expect(refusal(rule, value)).toBeUndefined()
  for (const value of [null, 'x', -1]) expect(refusal(rule, value)).toBe('it')
})
