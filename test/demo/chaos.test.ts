import { expect, test } from 'vitest'
import { readCommand } from '../../demo/chaos.js'

test.each([
  { type: 'rst' },
  { type: 'close', code: 4000, reason: 'because' },
  { type: 'close', code: undefined, reason: '' },
  { type: 'refuse', answer: 'silence', times: 3 },
  { type: 'restart', ms: 2_000 },
  { type: 'slow', delay: 100, rate: 0 },
  { type: 'loop', on: false },
  { type: 'endpoint', name: 'b', up: false },
])('%j is a command', (command) => {
  expect(readCommand(JSON.stringify(command))).toEqual(command)
})

test.each([
  '',
  'null',
  '1',
  '{"type":"toString"}',
  '{"type":"close","code":65536}',
  '{"type":"close","code":1.5}',
  '{"type":"close","code":"1000"}',
  `{"type":"close","code":1000,"reason":"${'é'.repeat(62)}"}`,
  '{"type":"refuse","answer":"200","times":1}',
  '{"type":"refuse","answer":"503","times":0}',
  '{"type":"restart","ms":-1}',
  '{"type":"slow","delay":0}',
  '{"type":"loop"}',
  '{"type":"endpoint","name":"c","up":true}',
])('%s is no command', (text) => {
  expect(readCommand(text)).toBeUndefined()
})
