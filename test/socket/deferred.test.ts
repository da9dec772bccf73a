import { expect, test } from 'vitest'
import { defer } from '../../src/socket/deferred.js'

test('resolves from outside', async () => {
  const deferred = defer<number>()
  deferred.resolve(5)
  expect(await deferred.promise).toBe(5)
})

test('rejects from outside', async () => {
  const deferred = defer<number>()
  const error = new Error('no')
  deferred.reject(error)
  await expect(deferred.promise).rejects.toBe(error)
})

test('only the first call counts', async () => {
  const deferred = defer<number>()
  deferred.resolve(1)
  deferred.reject(new Error('too late'))
  deferred.resolve(2)
  expect(await deferred.promise).toBe(1)
})
