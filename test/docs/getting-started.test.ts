/** What docs/getting-started.md promises. */
import { expect, test } from 'vitest'
import { TEXT } from '../faults/raw-server.js'
import { AT_ONCE, closing, gone, listen, play } from './sample.js'

const PAGE = 'docs/getting-started.md'

test('import: each event tells what has happened', async () => {
  const server = await listen((connection, n) => {
    if (n === 0) void connection.refuse(503, ['Retry-After: 0']).then(() => connection.fin())
    else void connection.accept()
  })
  const sample = play(PAGE, 1, server, { before: AT_ONCE })
  const connection = await server.connection(1)
  await connection.frame(TEXT)
  expect(connection.texts).toEqual(['hello'])
  connection.send('news')
  await sample.prints('message news')
  connection.close(1001, '{"retryAfterMs":0}')
  await sample.prints('open 2 true')
  await sample.ask('socket.close(1000)')
  await sample.ended
  expect(sample.lines).toEqual([
    'error ERR_HANDSHAKE the server answered the handshake with HTTP 503',
    'open 1 false',
    'message news',
    'close 1001 true',
    'open 2 true',
    'close 1000 false',
  ])
})

test('require: the answer closes it, and the process ends', async () => {
  const server = await listen()
  const sample = play(PAGE, 2, server)
  const connection = await server.connection(0)
  await connection.frame(TEXT)
  connection.send('news')
  expect(await closing(connection)).toEqual([1000, 'done'])
  expect(await sample.ended).toEqual({ status: 0, errors: '' })
  expect(sample.lines).toEqual(['news'])
})

test('in place of WebSocket: it is CONNECTING between connections, and CLOSED only at the end', async () => {
  const server = await listen()
  const sample = play(PAGE, 3, server, { before: AT_ONCE })
  for (const n of [0, 1]) {
    const connection = await server.connection(n)
    await connection.frame(TEXT)
    expect(connection.texts).toEqual(['hello'])
    if (n === 0) connection.rst()
  }
  await sample.ask('socket.close(1000)')
  expect(await sample.ended).toEqual({ status: 0, errors: '' })
  expect(sample.lines).toEqual(['1006 0', '1000 3'])
})

test('TypeScript: data is told apart by its type, and errors by their code', async () => {
  const server = await listen((connection, n) => {
    if (n === 0) void connection.refuse(503, ['Retry-After: 0']).then(() => connection.fin())
    else void connection.accept()
  })
  const sample = play(PAGE, 4, server, { before: AT_ONCE })
  const connection = await server.connection(1)
  await connection.frame(TEXT)
  expect(connection.texts).toEqual(['{"hello":"world"}'])
  connection.send(Buffer.from('7'))
  connection.send('8')
  await sample.prints('8')
  await sample.ask('socket.close()')
  expect(await sample.ended).toEqual({ status: 0, errors: '' })
  expect(sample.lines).toEqual(['refused with HTTP 503', '8'])
})

test('trace() tells each step and no secret', async () => {
  const server = await gone()
  const sample = play(PAGE, 5, server)
  await sample.prints(/connecting \(waiting\), next dial in \d+ ms$/)
  const steps = sample.lines.map((line) => line.replace(/^[\d:.]{12} everopen /, ''))
  expect(steps.slice(0, 3)).toEqual([
    'idle → connecting (preparing)',
    'connecting → connecting (dialing)',
    `dial ws://127.0.0.1:${server.port}/feed, attempt 0`,
  ])
  expect(steps[3]).toMatch(/^ended by network: 1006 ERR_CONNECTION: .*ECONNREFUSED.* → retry$/)
  expect(steps.join()).not.toContain('secret')
})
