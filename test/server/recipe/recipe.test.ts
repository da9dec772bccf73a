/** The recipe of docs/session-server.md: handlers that are exactly once, through a crash too. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import Database from 'better-sqlite3'
import { describe, expect, onTestFinished, test } from 'vitest'
import { findServers, missing } from '../../../scripts/servers.mjs'
import { TestClient } from '../client.js'
import { freePort, startRedis } from '../redis/server.js'

const { redis } = findServers()
const read = (file: string): string => readFileSync(new URL(file, import.meta.url), 'utf8')

test('the page shows the recipe as it is tested', () => {
  const code = read('../../../docs/examples/exactly-once.js')
  expect(read('../../../docs/session-server.md')).toContain(code.slice(code.indexOf('export function')))
})

describe.skipIf(!redis)(
  `a crash between the handler and the store${redis ? '' : ` (${missing.redis})`}`,
  () => {
    test('gives the message again with the same id and number, and it has its effect once', async () => {
      const server = await startRedis()
      onTestFinished(() => server.stop())
      const folder = mkdtempSync(path.join(tmpdir(), 'everopen-recipe-'))
      onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
      const [file, log] = [path.join(folder, 'effects.db'), path.join(folder, 'given')]
      const port = await freePort()
      const start = async (dieAfter: number) => {
        const settings = JSON.stringify({ port, redis: server.url, file, log, dieAfter })
        const script = fileURLToPath(new URL('recipe-child.ts', import.meta.url))
        const child = spawn(process.execPath, ['--import', 'tsx', script, settings], {
          stdio: ['pipe', 'pipe', 'inherit'],
        })
        onTestFinished(() => void child.kill('SIGKILL'))
        await once(child.stdout, 'data')
        return child
      }

      const first = await start(50)
      const client = new TestClient(`ws://127.0.0.1:${port}`)
      onTestFinished(() => client.stop())
      const texts = Array.from({ length: 100 }, (_, i) => `message ${i + 1}`)
      for (const text of texts) client.send(text)
      await once(first, 'exit')
      await start(0)
      await client.until(({ acked }) => acked === 100)

      const { id } = client.session!
      const given = readFileSync(log, 'utf8').trim().split('\n')
      expect(new Set(given)).toEqual(new Set(texts.map((_, i) => `${id} ${i + 1}`)))
      // once before the crash, and once after it
      expect(given.filter((line) => line === `${id} 50`)).toHaveLength(2)
      const db = new Database(file, { readonly: true })
      expect(db.prepare('SELECT text FROM effects ORDER BY rowid').pluck().all()).toEqual(texts)
      db.close()
    }, 60_000)
  },
)

test.skipIf(!redis)(
  `the page's first sample works${redis ? '' : ` (${missing.redis})`}`,
  async () => {
    const server = await startRedis()
    onTestFinished(() => server.stop())
    const port = await freePort()
    const page = read('../../../docs/session-server.md')
    const sample = /```js\n([^]*?)```/.exec(page)![1]!
    const code = sample
      .replace("'everopen/server'", "'../../../src/server/index.js'")
      .replace("'everopen/server/redis'", "'../../../src/server/redis/index.js'")
      .replace('redis://127.0.0.1:6379', server.url)
      .replace('8080', String(port))
    const file = fileURLToPath(new URL(`sample-${process.pid}.ts`, import.meta.url))
    writeFileSync(file, `// @ts-nocheck\n${code}`)
    onTestFinished(() => rmSync(file))
    const child = spawn(process.execPath, ['--import', 'tsx', file], { stdio: ['ignore', 'pipe', 'inherit'] })
    onTestFinished(() => void child.kill('SIGKILL'))
    let logged = ''
    child.stdout.on('data', (data) => (logged += data))
    const client = new TestClient(`ws://127.0.0.1:${port}/?user=ann`)
    onTestFinished(() => client.stop())
    client.send('hello')
    await client.until(({ received, acked }) => received.length === 1 && acked === 1)
    expect(client.received).toEqual(['got 1'])
    expect(logged).toBe('ann 1 hello\n')
    child.kill('SIGTERM')
    await once(child, 'exit')
    expect(client.closes).toContain(1001)
  },
  60_000,
)
