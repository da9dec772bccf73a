/** What docs/recipes/proxy.md promises. */
import { expect, test } from 'vitest'
import { encode, PING, TEXT } from '../../faults/raw-server.js'
import { httpProxy } from '../../proxy/proxies.js'
import { AT_ONCE, listen, play } from '../sample.js'

test('each attempt goes through the proxy of the environment, with headers of its own', async () => {
  const server = await listen(() => {})
  const proxy = await httpProxy()
  const env = { http_proxy: `http://127.0.0.1:${proxy.port}`, no_proxy: '', NO_PROXY: '' }
  const sample = play('docs/recipes/proxy.md', 1, server, { before: AT_ONCE, env })
  for (const n of [0, 1]) {
    const connection = await server.connection(n)
    const head = await connection.request
    expect(head).toMatch(/^authorization: Bearer token$/im)
    expect(head).toMatch(new RegExp(`^x-attempt: ${n}$`, 'im'))
    await connection.accept()
    await sample.prints(/^101 /, n + 1)
    connection.write(encode(PING, Buffer.from('now')))
    connection.send(`news ${n}`)
    connection.send(Buffer.alloc(3))
    await sample.prints(`text news ${n}`)
    await sample.prints(/^binary ArrayBuffer/, n + 1)
    if (n === 0) await connection.frame(TEXT)
    connection.rst()
  }
  expect(sample.lines.filter((line) => line === 'pinged with 3 bytes')).toHaveLength(2)
  expect((await server.connection(0)).texts).toEqual(['hello'])
  const target = `127.0.0.1:${server.port}`
  expect(proxy.asked).toEqual([target, target])
})
