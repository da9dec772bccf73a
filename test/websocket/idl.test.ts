/** The conversions of Web IDL, and what is said of arguments that cannot be used. */
import { describe, expect, it } from 'vitest'
import {
  checkProtocols,
  checkUrls,
  toClose,
  toHandler,
  toProtocols,
  toSendable,
  toUrls,
} from '../../src/websocket/idl.js'

describe('close()', () => {
  it.each([
    [[], []],
    [[undefined, ''], []],
    [
      [undefined, 'x'],
      [1000, 'x'],
    ],
    [[3000, ''], [3000]],
    [
      [3000, 'x'],
      [3000, 'x'],
    ],
    [
      [3000, null],
      [3000, 'null'],
    ],
    [
      [1000, 'x'.repeat(123)],
      [1000, 'x'.repeat(123)],
    ],
    [['1000'], [1000]],
    // to the nearest, ties to even
    [[999.5], [1000]],
    [[1000.5], [1000]],
    [[2999.6], [3000]],
    [[3000.4], [3000]],
    [[3000.5], [3000]],
    [[3001.5], [3002]],
    [[4999.4], [4999]],
  ])('takes %j as %j', ([code, reason], expected) => {
    expect(toClose(code, reason)).toEqual(expected)
  })

  it.each([NaN, 'x', null, 0, -1000, 999, 1001, 2999, 2999.4, 4999.5, 5000, 65_536 + 1000, Infinity])(
    'refuses the code %s',
    (code) => {
      expect(() => toClose(code, undefined)).toThrow(
        expect.objectContaining({
          name: 'InvalidAccessError',
          message: 'the close code must be 1000 or from 3000 to 4999',
        }) as Error,
      )
    },
  )

  it('refuses a reason that is too long, and what has no conversion', () => {
    expect(() => toClose(1000, 'x'.repeat(124))).toThrow(
      expect.objectContaining({
        name: 'SyntaxError',
        message: 'the close reason must not be longer than 123 bytes in UTF-8',
      }) as Error,
    )
    expect(() => toClose(1000n, undefined)).toThrow(TypeError)
    expect(() => toClose(1000, Symbol('x'))).toThrow(TypeError)
  })
})

describe('the constructor', () => {
  it('takes one URL, several, or a function', () => {
    const give = (): string => 'ws://a.test'
    expect([toUrls(5), toUrls([5, 'x']), toUrls(give)]).toEqual(['5', ['5', 'x'], give])
    expect(checkUrls(['ws://a.test', 'http://b.test'], false)).toEqual(['ws://a.test/', 'ws://b.test/'])
    expect(checkUrls(give, false)).toBe(give)
    expect(() => checkUrls('ftp://a.test', false)).toThrow(
      expect.objectContaining({
        name: 'SyntaxError',
        message: 'the URL must use ws: or wss:, not ftp:',
      }) as Error,
    )
  })

  it('takes one subprotocol, several, or a function', () => {
    const give = (): string[] => ['a']
    const bare = { toString: () => 'bare', [Symbol.iterator]: null }
    expect([toProtocols('ab'), toProtocols(new Set(['a', 5])), toProtocols(bare), toProtocols(give)]).toEqual(
      [['ab'], ['a', '5'], ['bare'], give],
    )
    expect([checkProtocols(['a']), checkProtocols(give)]).toEqual([['a'], give])
    expect(() => checkProtocols(['a', 'a'])).toThrow(
      expect.objectContaining({
        name: 'SyntaxError',
        message: 'the list of subprotocols names a protocol twice',
      }) as Error,
    )
  })
})

describe('send()', () => {
  it('takes buffers and views as they are, and all that is empty for an empty buffer', () => {
    const view = Uint8Array.of(1)
    expect([toSendable(view), toSendable(view.buffer)]).toEqual([view, view.buffer])
    expect(toSendable(view)).toBe(view)
    for (const empty of [new Uint8Array(0), new ArrayBuffer(0)])
      expect(toSendable(empty)).toEqual(new ArrayBuffer(0))
  })

  it('takes anything else as text, but a Blob', () => {
    const blob = new Blob(['x'])
    expect([toSendable('x'), toSendable(5), toSendable(null), toSendable(blob)]).toEqual([
      'x',
      '5',
      'null',
      blob,
    ])
    expect(() => toSendable(Symbol('x'))).toThrow(TypeError)
  })

  it('says which memory it does not take', () => {
    const Resizable = ArrayBuffer as unknown as new (length: number, options: object) => ArrayBuffer
    const resizable = new Resizable(2, { maxByteLength: 4 })
    for (const data of [resizable, new Uint8Array(resizable)])
      expect(() => toSendable(data)).toThrow(new TypeError('the ArrayBuffer is resizable'))
    expect(() => toSendable(new Uint8Array(new SharedArrayBuffer(2)))).toThrow(
      new TypeError('the view is of a SharedArrayBuffer'),
    )
  })
})

it('an on* attribute keeps objects, callable or not, and nothing else', () => {
  const callable = (): void => {}
  const object = {}
  expect([callable, object, null, undefined, 5, 'x'].map(toHandler)).toEqual([
    callable,
    object,
    null,
    null,
    null,
    null,
  ])
})
