/** What docs/sending.md promises. */
import { describe, expect, test } from 'vitest'
import { BINARY, TEXT } from '../faults/raw-server.js'
import { gone, listen, play } from './sample.js'

const PAGE = 'docs/sending.md'

test('a full outbox drops its oldest message and says so', async () => {
  const server = await listen(() => {})
  const sample = play(PAGE, 1, server)
  await sample.prints('queued', 3)
  expect(sample.lines).toEqual(['queued', 'queued', 'dropped one overflow', 'queued'])
  const connection = await server.connection(0)
  await connection.accept()
  await connection.frame(TEXT)
  expect(connection.frames).toMatchObject([
    { opcode: BINARY, payload: Buffer.of(1, 2, 3) },
    { opcode: TEXT, payload: Buffer.from('three') },
  ])
})

describe('a message with an age, a volatile one, and the outbox', () => {
  test('what the outbox gives out is not sent', async () => {
    const server = await listen()
    const sample = play(PAGE, 2, server)
    const connection = await server.connection(0)
    await connection.frame(TEXT)
    expect(connection.texts).toEqual(['hello'])
    expect(sample.lines).toEqual([
      'dropped the pointer is here volatile',
      "1 15 [ 'the price is 42' ]",
      'removed the price is 42',
    ])
  })

  test('what is too old is dropped, and said to be', async () => {
    const change = {
      '5_000': '50',
      "for (const data of socket.outbox.drain()) console.log('removed', data)\n": '',
    }
    const sample = play(PAGE, 2, await gone(), { change })
    await sample.prints('dropped the price is 42 expired')
    expect(await sample.ask('socket.outbox.list()')).toEqual(['hello'])
  })
})
