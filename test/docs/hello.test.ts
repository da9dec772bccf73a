/** What docs/hello.md promises. */
import { describe, expect, test } from 'vitest'
import { type RawConnection, TEXT } from '../faults/raw-server.js'
import { AT_ONCE, closing, listen, play } from './sample.js'

const PAGE = 'docs/hello.md'

/** The messages that the connection has got, once there are so many. */
async function values(connection: RawConnection, count: number): Promise<unknown[]> {
  await connection.frame(TEXT, count)
  return connection.texts.map((text): unknown => JSON.parse(text))
}

describe('a token and its confirmation', () => {
  test('the rest waits until then, both ways', async () => {
    const server = await listen()
    const sample = play(PAGE, 1, server)
    const connection = await server.connection(0)
    await connection.frame(TEXT)
    await sample.ask("socket.on('message', (data) => console.log(data))")
    expect(await sample.ask('socket.snapshot.phase')).toBe('greeting')
    for (const text of ['{"type":"auth"}', 'first', 'second']) connection.send(text)
    await sample.prints('second')
    expect(sample.lines).toEqual(['authorized', 'first', 'second'])
    await connection.frame(TEXT, 2)
    expect(connection.texts).toEqual(['{"type":"auth","token":"secret"}', 'waits until then'])
  })

  test('a rejected token fails the attempt, which is retried', async () => {
    const server = await listen()
    const sample = play(PAGE, 1, server, { before: AT_ONCE })
    const connection = await server.connection(0)
    await connection.frame(TEXT)
    await sample.ask("socket.on('error', ({ code, cause }) => console.log(code, cause.message))")
    connection.send('{"type":"error"}')
    await (await server.connection(1)).frame(TEXT)
    expect(sample.lines).toEqual(['ERR_HELLO the server rejected the token'])
  })
})

test('one message goes out on each connection, before the outbox', async () => {
  const server = await listen(() => {})
  const sample = play(PAGE, 2, server, { before: AT_ONCE })
  for (const n of [0, 1]) {
    const connection = await server.connection(n)
    await connection.request
    await sample.ask("socket.send('1')")
    await connection.accept()
    expect(await values(connection, 2)).toEqual([{ type: 'subscribe', channels: ['news'] }, 1])
    connection.send('news')
    await sample.prints('news', n + 1)
    connection.rst()
  }
})

test('who subscribes again says what it has seen last, also in a new run', async () => {
  const server = await listen()
  const sample = play(PAGE, 3, server, { before: AT_ONCE })
  const connection = await server.connection(0)
  const subscription = { type: 'subscribe', channel: 'news' }
  expect(await values(connection, 1)).toEqual([subscription])
  for (const text of ['{"number":7}', '{"number":8}', '{}']) connection.send(text)
  await expect.poll(() => sample.ask('last')).toBe(8)
  connection.rst()
  const second = await server.connection(1)
  expect(await values(second, 1)).toEqual([{ ...subscription, after: 8 }])
  await sample.ask('socket.close(), socket.connect()')
  await closing(second)
  expect(await values(await server.connection(2), 1)).toEqual([{ ...subscription, after: 8 }])
})

describe('decide', () => {
  test('stops after a hello that has failed', async () => {
    const server = await listen()
    const sample = play(PAGE, 4, server)
    const connection = await server.connection(0)
    await connection.frame(TEXT)
    connection.send('no')
    expect(await sample.ended).toEqual({ status: 0, errors: '' })
    expect(sample.lines[0]).toBe('ERR_HELLO Error: refused')
    expect(server.connections).toHaveLength(1)
  })

  test('and not where the connection was lost meanwhile', async () => {
    const server = await listen((connection) => {
      void connection.accept()
    })
    const sample = play(PAGE, 4, server, { before: AT_ONCE })
    const connection = await server.connection(0)
    await connection.frame(TEXT)
    connection.rst()
    await (await server.connection(1)).frame(TEXT)
    await sample.ask('socket.close()')
    expect(await sample.ended).toEqual({ status: 0, errors: '' })
  })
})
