import { expect, test, vi } from 'vitest'
import { redisStore } from '../../../src/server/redis/index.js'

const notFound = new Error("Cannot find module 'redis'")
vi.mock('node:module', () => ({
  createRequire: () => () => {
    throw notFound
  },
}))

test('without redis, an error that says what to install', () => {
  expect(() => redisStore()).toThrow(
    expect.objectContaining({
      code: 'ERR_MISSING_PACKAGE',
      message: 'a store in Redis needs redis: npm install redis',
      package: 'redis',
      cause: notFound,
    }),
  )
})
