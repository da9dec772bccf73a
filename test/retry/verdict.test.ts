import { expect, test } from 'vitest'
import { HandshakeError } from '../../src/errors.js'
import { type Meaning, meaning } from '../../src/retry/verdict.js'

const closed = (code: number): Meaning => meaning({ by: 'peer', code, reason: '', wasClean: true })
const refused = (status: number): Meaning =>
  meaning({ by: 'network', code: 1006, reason: '', wasClean: false, cause: new HandshakeError(status) })

test.each([
  [[1000, 1001, 1005, 1006, 1009, 1011, 1014, 3008, 4000, 4999], 'retry'],
  [[1002, 1003, 1007, 1010], 'stop'],
  [[1008, 3000, 3003], 'refresh'],
  [[1012, 1013], 'restart'],
])('close codes %j: %s', (codes, expected) => expect(codes.map(closed)).toEqual(codes.map(() => expected)))

test.each([
  [[200, 302, 408, 425, 429, 500, 502, 503, 504], 'retry'],
  [[400, 404, 405, 410, 426, 501], 'stop'],
  [[401, 403], 'refresh'],
])('HTTP statuses %j: %s', (statuses, expected) =>
  expect(statuses.map(refused)).toEqual(statuses.map(() => expected)),
)
