import { afterEach, expect, test, vi } from 'vitest'
import { FACE, globalClass } from '../../src/platform/global.js'

afterEach(() => void vi.unstubAllGlobals())

class Stub {}
class Face {
  static readonly [FACE] = true
}

test.each([
  ['a class', Stub, Stub],
  ['a class of this package', Face, undefined],
  ['no class', {}, undefined],
  ['nothing', undefined, undefined],
])('the global class, if it is %s', (_, given, expected) => {
  vi.stubGlobal('WebSocket', given)
  expect(globalClass()).toBe(expected)
})
