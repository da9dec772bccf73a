import { expect, test, vi } from 'vitest'
import { file } from '../../../src/session/file/index.js'

const notFound = new Error("Cannot find module 'better-sqlite3'")
vi.mock('node:module', () => ({
  createRequire: () => () => {
    throw notFound
  },
}))

test('without better-sqlite3, an error that says what to install', () => {
  expect(() => file('session.db')).toThrow(
    expect.objectContaining({
      code: 'ERR_MISSING_PACKAGE',
      message: 'a store in a file needs better-sqlite3: npm install better-sqlite3',
      package: 'better-sqlite3',
      cause: notFound,
    }),
  )
})
