import { expect, test } from 'vitest'
import * as errors from '../src/diagnostics/errors.js'
import * as everopen from '../src/index.js'

test('what the package exports, and nothing else', () => {
  expect(Object.keys(everopen).sort()).toEqual(
    [
      ...Object.keys(errors),
      'CloseEvent',
      'ReconnectingSocket',
      'ReconnectingWebSocket',
      'json',
      'trace',
    ].sort(),
  )
})
