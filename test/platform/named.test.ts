import { expect, test } from 'vitest'
import { named } from '../../src/platform/named.js'

const of = (owner: object, key: PropertyKey) => Object.getOwnPropertyDescriptor(owner, key)

test('a class has the name and the tag that it is given, and these members are enumerable', () => {
  class A {
    one(): void {}
    two(): void {}
    three(): void {}
  }
  expect(named(A, 'Given', 'one two')).toBe(A)
  const fixed = { enumerable: false, configurable: true, writable: false }
  expect(of(A, 'name')).toEqual({ ...fixed, value: 'Given' })
  expect(of(A.prototype, Symbol.toStringTag)).toEqual({ ...fixed, value: 'Given' })
  expect(Object.keys(A.prototype)).toEqual(['one', 'two'])
})

test('the tag of an event can be written, which some engines do', () => {
  class Happening {
    stopPropagation(): void {}
  }
  named(Happening, 'Happening', 'stopPropagation')
  expect(of(Happening.prototype, Symbol.toStringTag)!.writable).toBe(true)
})
