/** `everopen/server` and `everopen/server/redis`, as installed: by `require` and by `import`, and both in one process. */
import { execFile } from 'node:child_process'
import { symlinkSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { findServers, missing } from '../../scripts/servers.mjs'
import { type RedisServer, startRedis } from '../server/redis/server.js'
import { type Home, makeHome, root } from './home.js'

const redisHere = findServers().redis !== undefined

let home: Home
let redis: RedisServer | undefined
beforeAll(async () => {
  home = makeHome()
  symlinkSync(path.join(root, 'node_modules/redis'), path.join(home.dir, 'node_modules/redis'))
  if (redisHere) redis = await startRedis()
})
afterAll(async () => {
  await redis?.stop()
  home.remove()
})

/** A server, its client and their store in one process, which ends by itself. */
const app = `
  const [url] = process.argv.slice(2)
  const store = url && redisStore({ url, prefix: 'consumer-' + process.pid })
  const sessions = new SessionServer({ ...(store && { store }), authorize: (request) => request.url })
  const asked = []
  sessions.on('session', (session) => {
    session.on('message', async (data, { number }) => {
      asked.push([session.identity, number, data])
      await session.send('got ' + number)
    })
  })
  const wss = new WebSocketServer({ host: '127.0.0.1', port: 0 })
  wss.on('connection', (socket, request) => sessions.accept(socket, request))
  wss.on('listening', async () => {
    const socket = new SessionSocket('ws://127.0.0.1:' + wss.address().port + '/me')
    const heard = []
    socket.on('message', async (data) => {
      heard.push(data)
      if (heard.length < 2) return
      await socket.delivered(2)
      const gone = await sessions.get('nobody').send('x').catch((error) => error)
      socket.close()
      await socket.closed
      await sessions.close()
      await store?.close()
      wss.close()
      const error = [gone.code, gone instanceof SessionGoneError, gone instanceof EveropenError]
      console.log(JSON.stringify({ asked, heard, error }))
    })
    socket.send('a')
    socket.send('b')
  })
`
const from = {
  ws: '{ WebSocketServer }',
  'everopen/server': '{ SessionServer, SessionGoneError, EveropenError }',
  'everopen/server/redis': '{ redisStore }',
  'everopen/session': '{ SessionSocket }',
}
const required = Object.entries(from).map(([name, names]) => `const ${names} = require('${name}')\n`)
const imported = Object.entries(from).map(([name, names]) => `import ${names} from '${name}'\n`)

const loaders: Readonly<Record<string, string>> = {
  'server.cjs': required.join('') + app,
  'server.mjs': imported.join('') + app,
}

async function run(file: string, code: string, ...args: string[]): Promise<unknown> {
  writeFileSync(path.join(home.dir, file), code)
  const started = promisify(execFile)(process.execPath, [path.join(home.dir, file), ...args])
  const { stdout, stderr } = await started
  expect(stderr).toBe('')
  return JSON.parse(stdout)
}

const outcome = {
  asked: [
    ['/me', 1, 'a'],
    ['/me', 2, 'b'],
  ],
  heard: ['got 1', 'got 2'],
  error: ['ERR_SESSION_GONE', true, true],
}

describe.each(Object.entries(loaders))('%s', (file, code) => {
  test('in memory', async () => expect(await run(file, code)).toEqual(outcome))

  test.skipIf(!redisHere)(`in Redis${redisHere ? '' : ` (${missing.redis})`}`, async () =>
    expect(await run(file, code, redis!.url)).toEqual(outcome),
  )
})

test('what is required and what is imported are one', async () => {
  const code = `
    import { createRequire } from 'node:module'
    import * as server from 'everopen/server'
    import * as redis from 'everopen/server/redis'
    import { EveropenError } from 'everopen'
    const require = createRequire(import.meta.url)
    const [other, store] = [require('everopen/server'), require('everopen/server/redis')]
    const same = Object.keys(server).filter((name) => server[name] === other[name])
    console.log(JSON.stringify([
      same.length === Object.keys(other).length && same.includes('SessionServer'),
      redis.redisStore === store.redisStore,
      server.EveropenError === EveropenError,
    ]))`
  expect(await run('both.mjs', code)).toEqual([true, true, true])
})
