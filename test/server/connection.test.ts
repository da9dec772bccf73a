import { EventEmitter } from 'node:events'
import { expect, test, vi } from 'vitest'
import { Connection } from '../../src/server/connection.js'
import { SimClock } from '../sim/clock.js'

class FakeSocket extends EventEmitter {
  protocol = ''
  readyState = 1
  send = vi.fn()
  close = vi.fn()
  terminate = vi.fn()
  ping = vi.fn()
  pause = vi.fn()
  resume = vi.fn()
}

test('nothing is written to a socket that is closing, nor is it paused or asked for life', () => {
  const socket = new FakeSocket()
  const connection = new Connection(socket as never, new SimClock())
  socket.readyState = 2
  connection.send('x')
  connection.control({ type: 'acknowledge', number: 1 })
  connection.pause()
  connection.probe()
  expect(socket.send).not.toHaveBeenCalled()
  expect(socket.pause).not.toHaveBeenCalled()
  expect(socket.ping).not.toHaveBeenCalled()
})

test('one that is paused is not given up for its silence', () => {
  const socket = new FakeSocket()
  const connection = new Connection(socket as never, new SimClock())
  connection.pause()
  for (let i = 0; i < 3; i++) connection.probe()
  expect(socket.terminate).not.toHaveBeenCalled()
  connection.resume()
  connection.probe()
  socket.emit('pong')
  connection.probe()
  expect(socket.terminate).not.toHaveBeenCalled()
  connection.probe()
  expect(socket.terminate).toHaveBeenCalledOnce()
})

test('who is attached to one that is closed hears of it, and of nothing else', async () => {
  const socket = new FakeSocket()
  const connection = new Connection(socket as never, new SimClock())
  connection.close(1001, 'away')
  connection.close(1002, 'again')
  expect(socket.close).toHaveBeenCalledExactlyOnceWith(1001, 'away')
  const listener = { payload: vi.fn(), control: vi.fn(), closed: vi.fn() }
  connection.attach(listener)
  expect(listener.closed).not.toHaveBeenCalled()
  await Promise.resolve()
  expect(listener.closed).toHaveBeenCalledOnce()
  socket.emit('message', Buffer.from('late'), false)
  expect(listener.payload).not.toHaveBeenCalled()
  expect(await connection.hello).toBeUndefined()
})

test('what is sent together is one write, even where sending throws', () => {
  const socket = Object.assign(new FakeSocket(), { _socket: { cork: vi.fn(), uncork: vi.fn() } })
  const connection = new Connection(socket as never, new SimClock())
  const { cork, uncork } = socket._socket
  connection.together(() => {
    connection.send('one')
    connection.send('two')
    expect([cork.mock.calls.length, uncork.mock.calls.length]).toEqual([1, 0])
  })
  expect(uncork).toHaveBeenCalledOnce()
  expect(() =>
    connection.together(() => {
      throw new Error('no')
    }),
  ).toThrow('no')
  expect([cork.mock.calls.length, uncork.mock.calls.length]).toEqual([2, 2])
})

test('a ping is answered, and told to nobody; before the hello it is out of order', async () => {
  const socket = new FakeSocket()
  const connection = new Connection(socket as never, new SimClock())
  socket.emit('message', Buffer.from('\u0001h{}'), false)
  await connection.hello
  const listener = { payload: vi.fn(), control: vi.fn(), closed: vi.fn() }
  connection.attach(listener)
  socket.emit('message', Buffer.from('\u0001p{}'), false)
  expect(socket.send).toHaveBeenCalledExactlyOnceWith('\u0001p{}', { binary: false }, expect.any(Function))
  expect(listener.control).not.toHaveBeenCalled()
  const early = new FakeSocket()
  new Connection(early as never, new SimClock())
  early.emit('message', Buffer.from('\u0001p{}'), false)
  expect(early.close).toHaveBeenCalledWith(1002, 'a message before the hello')
})

/** A client after its hello, whose socket holds so many bytes. */
async function greeted(bufferedAmount: number) {
  const socket = Object.assign(new FakeSocket(), { bufferedAmount })
  const connection = new Connection(socket as never, new SimClock())
  socket.emit('message', Buffer.from('\u0001h{}'), false)
  await connection.hello
  connection.attach({ payload: vi.fn(), control: vi.fn(), closed: vi.fn() })
  const ping = (times: number): void => {
    for (let i = 0; i < times; i++) socket.emit('message', Buffer.from('\u0001p{}'), false)
  }
  return { socket, connection, ping }
}

test('a client that has much answered and reads nothing is given up', async () => {
  const { socket, connection, ping } = await greeted(1)
  for (let number = 1; number <= 24; number++) connection.control({ type: 'acknowledge', number })
  ping(1_000)
  // the first has left: there is room for one more
  socket.send.mock.calls[0]![2]()
  ping(1)
  expect(socket.terminate).not.toHaveBeenCalled()
  ping(1)
  expect(socket.terminate).toHaveBeenCalledOnce()
  expect(socket.send).toHaveBeenCalledTimes(1_025)
})

test('a client that reads may ping as often as it likes', async () => {
  const { socket, ping } = await greeted(0)
  ping(3_000)
  expect(socket.send).toHaveBeenCalledTimes(3_000)
  expect(socket.terminate).not.toHaveBeenCalled()
})
