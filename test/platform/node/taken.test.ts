import { PassThrough, type Duplex } from 'node:stream'
import { expect, test } from 'vitest'
import { taken } from '../../../src/platform/node/taken.js'

const stream = (given: object): Duplex => Object.assign(new PassThrough(), given)

test('of a connection it is what its handle has written, less what that still queues', () => {
  expect(taken(stream({ _handle: { bytesWritten: 100, writeQueueSize: 30 } }))).toBe(70)
})

test('of one with TLS it is that of the connection below', () => {
  const _parent = { bytesWritten: 100, writeQueueSize: 40 }
  expect(taken(stream({ _handle: { bytesWritten: 7, writeQueueSize: 0, _parent } }))).toBe(60)
})

test.each([
  ['no handle any more', { _handle: null }],
  ['a handle that does not count', { _handle: { bytesWritten: 5 } }],
  ['none ever', {}],
])('of a stream with %s it is its own count, less what it queues', (_, given) => {
  const one = stream({ ...given, bytesWritten: 100 })
  one.cork()
  one.write('12345')
  expect(taken(one)).toBe(95)
})

test('of a stream that counts nothing it is never more than nothing', () => {
  expect(taken(stream({}))).toBe(0)
})
