/** `json`, and what becomes of exceptions in a codec. */
import { expect, test } from 'vitest'
import { CodecError } from '../../src/diagnostics/errors.js'
import { decode, encode, json } from '../../src/options/codec.js'

test('json converts to text, and back', () => {
  expect([json.encode({ a: [1, null] }), json.decode('{"a":[1,null]}')]).toEqual([
    '{"a":[1,null]}',
    { a: [1, null] },
  ])
  expect([json().encode('x'), json().decode('"x"')]).toEqual(['"x"', 'x'])
})

test('what json cannot convert is a CodecError, with the reason as its cause', () => {
  const encodes = (): unknown => encode(json, undefined)
  const decodes = (): unknown => decode(json, new TextEncoder().encode('1').buffer)
  expect(encodes).toThrow(CodecError)
  expect(encodes).toThrow(
    expect.objectContaining({
      message: 'a message cannot be encoded',
      cause: new TypeError('undefined, functions and symbols cannot be converted to JSON'),
    }) as Error,
  )
  expect(decodes).toThrow(CodecError)
  expect(decodes).toThrow(
    expect.objectContaining({
      message: 'a message cannot be decoded',
      cause: new TypeError('JSON must be text, not binary'),
    }) as Error,
  )
})
