import { expect, test } from 'vitest'
import { defer } from '../src/deferred.js'

test('a deferred promise is settled from outside', async () => {
  const yes = defer<number>()
  yes.resolve(1)
  await expect(yes.promise).resolves.toBe(1)
  const no = defer<number>()
  no.reject(new Error('x'))
  await expect(no.promise).rejects.toThrow('x')
})
