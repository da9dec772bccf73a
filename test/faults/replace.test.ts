/** `reconnect()` away from a peer that says nothing: home-assistant-js-websocket#224, web_socket_client#9. */
import { beforeEach, expect, test } from 'vitest'
import { ReconnectingSocket } from '../../src/index.js'
import { CLOSE, closeCode, serve } from './raw-server.js'
import { nothingLeft, record, takeBaseline } from './record.js'

beforeEach(takeBaseline)

test('a silent peer holds up no reconnect(), whatever closeTimeout is', async () => {
  const server = await serve((connection, n) => {
    void connection.accept()
    if (n < 2) connection.answers = 'nothing'
  })
  // longer than this test may take
  const socket = new ReconnectingSocket(server.url, { closeTimeout: 60_000 })
  const seen = record(socket)
  await seen.until('open')
  for (let i = 2; i <= 3; i++) {
    socket.reconnect(4_000, 'again')
    await seen.until('open', i)
  }
  // each has been told, and let go
  for (const connection of server.connections.slice(0, 2)) {
    expect(closeCode((await connection.frame(CLOSE)).payload)).toBe(4_000)
    await connection.ended
  }
  expect(seen.of('close').map(({ by, willRetry, cause }) => [by, willRetry, cause])).toEqual([
    ['user', true, undefined],
    ['user', true, undefined],
  ])
  socket.close()
  await socket.closed
  await nothingLeft(socket, server)
})

test('nor one that comes after close()', async () => {
  const server = await serve((connection, n) => {
    void connection.accept()
    if (n === 0) connection.answers = 'nothing'
  })
  const socket = new ReconnectingSocket(server.url, { closeTimeout: 60_000 })
  const seen = record(socket)
  await seen.until('open')
  socket.close(4_000, 'done')
  socket.reconnect()
  await seen.until('open', 2)
  expect(closeCode((await server.connections[0]!.frame(CLOSE)).payload)).toBe(4_000)
  await server.connections[0]!.ended
  expect(seen.of('close').map(({ by, willRetry, cause }) => [by, willRetry, cause])).toEqual([
    ['user', false, undefined],
  ])
  socket.close()
  await socket.closed
  await nothingLeft(socket, server)
})

test('a peer that answers is closed in good order, as before', async () => {
  const server = await serve((connection) => void connection.accept())
  const socket = new ReconnectingSocket(server.url)
  const seen = record(socket)
  await seen.until('open')
  socket.reconnect(4_000, 'again')
  await seen.until('open', 2)
  expect(seen.of('close')).toMatchObject([{ by: 'user', code: 4_000, wasClean: true }])
  socket.close()
  await socket.closed
  await nothingLeft(socket, server)
})
