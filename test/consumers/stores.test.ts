/** The stores that need a package of their own, as installed: by `require` and by `import`, without it and with it. */
import { execFile } from 'node:child_process'
import { rmSync, symlinkSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Home, makeHome, root } from './home.js'

let home: Home
beforeAll(() => {
  home = makeHome()
})
afterAll(() => home.remove())

const stores = [
  ['everopen/session/file', 'file', "'./session'", 'better-sqlite3', 'a store in a file'],
  ['everopen/server/redis', 'redisStore', '', 'redis', 'a store in Redis'],
] as const

const app = (name: string, argument: string): string => `
  try {
    console.log(JSON.stringify({ made: typeof ${name}(${argument}).open }))
  } catch (error) {
    const { code, message } = error
    console.log(JSON.stringify({ code, message, typed: error instanceof MissingPackageError, package: error.package }))
  }
`

describe.each(stores)('%s', (entry, name, argument, needed, what) => {
  describe.each([
    ['cjs', `const { MissingPackageError } = require('everopen'); const { ${name} } = require('${entry}');`],
    ['mjs', `import { MissingPackageError } from 'everopen'; import { ${name} } from '${entry}';`],
  ])('%s', (extension, imports) => {
    const run = async (): Promise<unknown> => {
      const file = path.join(home.dir, `${needed}.${extension}`)
      writeFileSync(file, imports + app(name, argument))
      const { stdout } = await promisify(execFile)(process.execPath, [file])
      return JSON.parse(stdout)
    }

    test('without its package, an error that says what to install', async () => {
      expect(await run()).toEqual({
        code: 'ERR_MISSING_PACKAGE',
        message: `${what} needs ${needed}: npm install ${needed}`,
        typed: true,
        package: needed,
      })
    })

    test('with it, the store', async () => {
      const link = path.join(home.dir, 'node_modules', needed)
      symlinkSync(path.join(root, 'node_modules', needed), link)
      try {
        expect(await run()).toEqual({ made: 'function' })
      } finally {
        rmSync(link)
      }
    })
  })
})
