/** What docs/retrying.md promises of its samples. That with a heartbeat: heartbeat.test.ts. */
import { describe, expect, test } from 'vitest'
import { TEXT } from '../faults/raw-server.js'
import { AT_ONCE, listen, play, WAITS } from './sample.js'

const PAGE = 'docs/retrying.md'

describe('backoff, limit and decide', () => {
  test('after 10 retries in a row the end is a RetryLimitError', async () => {
    const server = await listen((connection) => void connection.refuse(503).then(() => connection.fin()))
    const sample = play(PAGE, 1, server, { before: AT_ONCE })
    expect(await sample.ended).toEqual({ status: 0, errors: '' })
    expect(sample.lines).toEqual(['ERR_RETRY_LIMIT'])
    expect(server.connections).toHaveLength(11)
  })

  test('4001 is final', async () => {
    const server = await listen((connection) => void connection.accept().then(() => connection.close(4001)))
    const sample = play(PAGE, 1, server, { before: AT_ONCE })
    expect(await sample.ended).toEqual({ status: 0, errors: '' })
    expect(server.connections).toHaveLength(1)
  })
})

test('the URL function is called before every attempt, and told how the last one ended', async () => {
  const server = await listen((connection, n) => {
    if (n === 0) void connection.refuse(503, ['Retry-After: 0']).then(() => connection.fin())
    else void connection.accept().then(() => connection.close(n === 1 ? 3000 : 1002))
  })
  const change = { '(signal) => `token-${signal.aborted}`': '() => `token-${++fetched}`' }
  const sample = play(PAGE, 2, server, { change, before: `let fetched = 0\n${AT_ONCE}` })
  expect(await sample.ended).toEqual({ status: 0, errors: '' })
  expect(sample.lines).toEqual(['ERR_HANDSHAKE', 'attempt 1 after 1006', 'attempt 2 after 3000'])
  const heads = await Promise.all(server.connections.map(({ request }) => request))
  const tokens = heads.map((head) => /^GET \/feed\?token=(\S+)/.exec(head)?.[1])
  expect(tokens).toEqual(['token-1', 'token-2', 'token-3'])
})

describe('several endpoints', () => {
  test('a failure moves on to the next at once, and the one that works is kept', async () => {
    const server = await listen((connection, n) => {
      if (n === 0) void connection.refuse(503).then(() => connection.fin())
      else void connection.accept()
    })
    const sample = play(PAGE, 3, server, { before: WAITS })
    const connection = await server.connection(1)
    await connection.frame(TEXT)
    await sample.ask('socket.reconnect()')
    await server.connection(2)
    await sample.ask('socket.opened.then(() => {})')
    await sample.ask('socket.terminate()')
    await sample.ended
    const b = `ws://127.0.0.1:${server.port}/b`
    expect(sample.lines).toEqual([b, b, 'waited 0 ms'])
    expect(await (await server.connection(0)).request).toMatch(/^GET \/a /)
    expect(connection.texts).toEqual(['hello'])
  })

  test('the backoff begins when all have failed', async () => {
    const server = await listen((connection) => void connection.refuse(503).then(() => connection.fin()))
    const sample = play(PAGE, 3, server, { before: 'Math.random = () => 0.5\n' })
    await expect.poll(() => sample.ask('socket.snapshot.phase')).toBe('waiting')
    expect(server.connections).toHaveLength(2)
  })
})
