/** The command and Python's websockets: another implementation of the protocol. */
import { fileURLToPath } from 'node:url'
import { afterEach, describe, expect, test } from 'vitest'
import { findServers, missing } from '../../scripts/servers.mjs'
import { everopen, quick } from '../cli/command.js'
import { sparePort } from '../faults/raw-server.js'
import { type ServerProcess, startServer } from './process.js'

const { python } = findServers()
const script = fileURLToPath(new URL('echo.py', import.meta.url))

const running: ServerProcess[] = []
afterEach(() => Promise.all(running.splice(0).map((server) => server.stop())))

async function start(port: number, closeAfter = 0): Promise<ServerProcess> {
  const server = await startServer(python!, [script, String(port), String(closeAfter)], port)
  running.push(server)
  return server
}

const name = `Python's websockets${python ? '' : ` (${missing.python})`}`

describe.skipIf(!python)(name, () => {
  test('text, compressed, with a subprotocol', async () => {
    const port = sparePort()
    await start(port)
    const run = everopen([`ws://127.0.0.1:${port}`, '-s', 'chat', '--eof-wait', '-1'])
    run.stdin.end('hello\nwörld\n')
    await run.seen(/wörld/)
    run.kill('SIGINT')
    expect(await run.status).toBe(130)
    expect(run.out).toBe('hello\nwörld\n')
    expect(run.err).toMatch(/\(chat; permessage-deflate/)
    expect(run.err).toMatch(/disconnected: 1000/)
  })

  test('binary, and messages of all lengths that a frame has heads for', async () => {
    const port = sparePort()
    await start(port)
    const messages = [0, 1, 125, 126, 65_535, 65_536, 2 ** 20].map((size) =>
      Buffer.alloc(size, 7).toString('base64'),
    )
    const run = everopen([`ws://127.0.0.1:${port}`, '--base64', '--eof-wait', '-1'])
    run.stdin.end(messages.join('\n') + '\n')
    // the last has no other before its length
    await run.seen(new RegExp(`\n\\S{${messages.at(-1)!.length}}\n`))
    run.kill('SIGINT')
    await run.status
    expect(run.out.trimEnd().split('\n')).toEqual(messages)
  })

  test('all lines have arrived when the command ends with 0', async () => {
    const port = sparePort()
    // one that answers loses what it has not read when it is told that nobody hears its answer
    await start(port, -1)
    const lines = Array.from({ length: 5_000 }, (_, i) => `line ${i}`)
    const url = `ws://127.0.0.1:${port}`
    expect(await everopen([url], { input: lines.join('\n') }).status).toBe(0)
    const run = everopen([url, '-x', 'how many?', '-w', '-1'])
    await run.seen(/5000\n/)
    run.kill('SIGINT')
    await run.status
  })

  test('it is killed and started again: what was typed meanwhile arrives', async () => {
    const port = sparePort()
    const server = await start(port)
    const run = everopen([`ws://127.0.0.1:${port}`, ...quick])
    await run.seen(/connected/)
    await server.stop()
    await run.seen(/ECONNREFUSED/)
    run.stdin.write('meanwhile\n')
    await start(port)
    await run.seen(/meanwhile\n/)
    run.stdin.end()
    expect(await run.status).toBe(0)
  })

  test('its closes, with code and reason', async () => {
    const port = sparePort()
    await start(port, 1)
    const run = everopen([`ws://127.0.0.1:${port}`, '--json', '--no-retry'])
    run.stdin.write('hello\n')
    expect(await run.status).not.toBe(0)
    expect(run.records()).toContainEqual(
      expect.objectContaining({ type: 'close', code: 1012, reason: 'again' }),
    )
  })

  test('pings are answered', async () => {
    const port = sparePort()
    await start(port)
    const run = everopen([`ws://127.0.0.1:${port}`, '-v', '--heartbeat', '100ms'])
    await run.seen(/(heartbeat answered[^]*){3}/)
    run.kill('SIGINT')
    await run.status
  })
})
