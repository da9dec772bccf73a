/** What comes before what: messages, events, promises. */
import { getEventListeners } from 'node:events'
import { beforeEach, describe, expect, test } from 'vitest'
import { ClosedError, ReconnectingSocket } from '../../src/index.js'
import { type RawConnection, serve, TEXT } from './raw-server.js'
import { nothingLeft, quiet, record, takeBaseline, uncaught } from './record.js'

beforeEach(takeBaseline)

const soon = { backoff: () => 1 }
const accept = (connection: RawConnection): void => void connection.accept()
const numbers = (count: number): string[] => Array.from({ length: count }, (_, i) => `m${i}`)

describe('messages', () => {
  test('1,000 queued messages arrive in order, and one that is sent in the open listener behind them', async () => {
    const server = await serve(accept)
    const socket = new ReconnectingSocket(server.url, { autoConnect: false, outbox: { maxMessages: 1_001 } })
    for (const text of numbers(1_000)) expect(socket.send(text)).toBe('queued')
    socket.on('open', () => expect(socket.send('m1000')).toBe('queued'))
    socket.connect()
    const connection = await server.connection(0)
    await connection.frame(TEXT, 1_001)
    expect(connection.texts).toEqual(numbers(1_001))
    expect(socket.send('m1001')).toBe('sent')
    await connection.frame(TEXT, 1_002)
    expect(connection.texts).toEqual(numbers(1_002))
    socket.close()
    await socket.closed
    await nothingLeft(socket, server)
  })

  test('large and small, text and Blob keep their order', async () => {
    const server = await serve(accept)
    const socket = new ReconnectingSocket(server.url, { outbox: { maxBytes: 2e6 } })
    const parts = Array.from({ length: 60 }, (_, i) =>
      i % 3 === 0 ? `${i}` : i % 3 === 1 ? Buffer.from(`${i}`.padEnd(90_000)) : new Blob([`${i}`]),
    )
    for (const part of parts.slice(0, 9)) socket.send(part)
    await socket.opened
    for (const part of parts.slice(9)) socket.send(part)
    socket.send('end')
    const connection = await server.connection(0)
    while (connection.texts.at(-1) !== 'end') await connection.frame(TEXT, connection.texts.length + 1)
    expect(connection.frames.map(({ payload }) => payload.toString().trim())).toEqual(
      parts.map((_, i) => `${i}`).concat('end'),
    )
    socket.close()
    await socket.closed
    await nothingLeft(socket, server)
  })

  test('what is sent after the peer has begun to close waits for the next connection', async () => {
    const server = await serve((connection, n) => {
      if (n === 0) connection.answers = 'nothing'
      void connection.accept().then(() => n === 0 && connection.sendClose(1001))
    })
    const socket = new ReconnectingSocket(server.url, { closeTimeout: 150, retry: soon })
    const seen = record(socket)
    await seen.until('open')
    // until the Close frame is here the platform still takes messages, and they go the way of that connection
    let sent = 0
    while (socket.send(`m${sent}`) === 'sent') {
      sent++
      await new Promise((resolve) => setImmediate(resolve))
    }
    expect(socket.state).toBe('open')
    expect(socket.send(`m${sent + 1}`)).toBe('queued')
    const connection = await server.connection(1)
    await connection.frame(TEXT, 2)
    expect(connection.texts).toEqual([`m${sent}`, `m${sent + 1}`])
    socket.close()
    await socket.closed
    await nothingLeft(socket, server)
  })

  test('what waits at close() is kept for the next connect()', async () => {
    const server = await serve(accept)
    const socket = new ReconnectingSocket(server.url)
    socket.send('kept')
    socket.close()
    socket.send('too')
    socket.connect()
    const connection = await server.connection(0)
    await connection.frame(TEXT, 2)
    expect(connection.texts).toEqual(['kept', 'too'])
    socket.close()
    await socket.closed
    await nothingLeft(socket, server)
  })

  test('inbound: every message once, in order, before the close that follows it', async () => {
    const server = await serve((connection) => {
      void connection.accept().then(() => {
        for (const text of numbers(500)) connection.send(text)
        connection.close(1000)
      })
    })
    const socket = new ReconnectingSocket(server.url, { retry: false })
    const seen = record(socket)
    await socket.closed
    expect(seen.of('message')).toEqual(numbers(500))
    expect(seen.words.slice(-2)).toEqual(['open → closed', 'close 1000 (peer, clean, final)'])
    await nothingLeft(socket, server)
  })
})

describe('events', () => {
  test('nothing is told from within the constructor, and the dial comes later', async () => {
    const server = await serve(accept)
    let asked = 0
    const socket = new ReconnectingSocket(() => (asked++, server.url))
    const seen = record(socket)
    expect(socket.state).toBe('connecting')
    expect(seen.words).toEqual([])
    await seen.until('open')
    expect(asked).toBe(1)
    socket.close()
    await socket.closed
    await nothingLeft(socket, server)
  })

  test('a listener finds the state that goes with its event', async () => {
    const server = await serve((connection, n) => {
      if (n === 0) connection.rst()
      else void connection.accept().then(() => connection.close(1001))
    })
    const socket = new ReconnectingSocket(server.url, { retry: { ...soon, limit: 2 } })
    const found: string[] = []
    socket.on('state', ({ to }) => expect(socket.state).toBe(to))
    for (const type of ['open', 'close', 'error'] as const)
      socket.on(type, () => found.push(`${type}: ${socket.state} ${socket.snapshot.state}`))
    await socket.closed
    expect(found).toEqual([
      'error: connecting connecting',
      'open: open open',
      'close: connecting connecting',
      'open: open open',
      'close: closed closed',
    ])
    await nothingLeft(socket, server)
  })

  test('what a listener sets off comes after all listeners of its event', async () => {
    const server = await serve(accept)
    const socket = new ReconnectingSocket(server.url)
    const order: string[] = []
    socket.on('open', () => {
      socket.terminate()
      order.push(`first, ${socket.state}`)
    })
    socket.on('open', () => order.push(`second, ${socket.state}`))
    socket.on('close', () => order.push(`close, ${socket.state}`))
    await socket.closed
    expect(order).toEqual(['first, open', 'second, open', 'close, closed'])
    await nothingLeft(socket, server)
  })

  test('on() and subscribe() return their own undo', async () => {
    const server = await serve(accept)
    const socket = new ReconnectingSocket(server.url)
    const calls: string[] = []
    const undo = socket.on('open', () => calls.push('undone'))
    const unsubscribe = socket.subscribe(() => calls.push('unsubscribed'))
    socket.subscribe(() => calls.push(socket.snapshot.state))
    undo()
    unsubscribe()
    await socket.opened
    expect(calls).toEqual(['connecting', 'open'])
    expect(socket.snapshot).toBe(socket.snapshot)
    socket.terminate()
    expect(calls).toEqual(['connecting', 'open', 'closed'])
    await nothingLeft(socket, server)
  })
})

describe('promises', () => {
  test('opened and closed come after the events, once per run', async () => {
    const server = await serve(accept)
    const socket = new ReconnectingSocket(server.url, { autoConnect: false })
    const seen = record(socket)
    for (let run = 1; run <= 2; run++) {
      socket.connect()
      expect(await socket.opened).toEqual({ attempt: 0, reconnected: false })
      expect(seen.of('open')).toHaveLength(run)
      expect(await socket.opened).toBe(seen.of('open').at(-1))
      socket.close(4000, 'over')
      const end = await socket.closed
      expect(end).toMatchObject({ by: 'user', code: 4000, reason: 'over', wasClean: true })
      expect(seen.of('close')).toHaveLength(run)
      expect(await socket.closed).toBe(end)
    }
    await nothingLeft(socket, server)
  })

  test('opened rejects when the socket is closed before; unasked for, nothing is unhandled', async () => {
    const errors = uncaught()
    const server = await serve((connection) => connection.rst())
    const asked = new ReconnectingSocket(server.url, { retry: false })
    const unasked = new ReconnectingSocket(server.url, { retry: false })
    await expect(asked.opened).rejects.toThrow(ClosedError)
    await expect(asked.opened).rejects.toMatchObject({ cause: { code: 'ERR_CONNECTION' } })
    expect((await unasked.closed).cause).toMatchObject({ code: 'ERR_CONNECTION' })
    await quiet(20)
    expect(errors).toEqual([])
    await nothingLeft(asked)
    await nothingLeft(unasked, server)
  })

  test('await using closes, and waits for it', async () => {
    const server = await serve(accept)
    let kept: ReconnectingSocket
    {
      await using socket = new ReconnectingSocket(server.url)
      await socket.opened
      kept = socket
    }
    expect(kept.state).toBe('closed')
    expect(kept.snapshot.lastEnd).toMatchObject({ by: 'user', wasClean: true })
    await nothingLeft(kept, server)
  })

  test('using closes', async () => {
    const server = await serve(accept)
    let kept: ReconnectingSocket
    {
      using socket = new ReconnectingSocket(server.url)
      await socket.opened
      kept = socket
    }
    expect(kept.state).toBe('closing')
    await kept.closed
    await nothingLeft(kept, server)
  })
})

describe('AbortSignal', () => {
  test('aborted while connecting: closed at once, and no dial more', async () => {
    const server = await serve((connection) => void connection.request)
    const controller = new AbortController()
    const socket = new ReconnectingSocket(server.url, { signal: controller.signal })
    const seen = record(socket)
    const connection = await server.connection(0)
    controller.abort()
    expect(seen.words).toEqual(['connecting → closed'])
    await connection.ended
    expect(() => socket.connect()).toThrow(expect.objectContaining({ argument: 'signal' }))
    expect(() => socket.reconnect()).toThrow(expect.objectContaining({ argument: 'signal' }))
    expect(socket.state).toBe('closed')
    await nothingLeft(socket, server)
  })

  test('aborted from the start: closed, and never a dial', async () => {
    const server = await serve(accept)
    const socket = new ReconnectingSocket(server.url, { signal: AbortSignal.abort() })
    expect(socket.state).toBe('closed')
    await expect(socket.opened).rejects.toThrow(ClosedError)
    await quiet(20)
    expect(server.connections).toHaveLength(0)
    await nothingLeft(socket, server)
  })

  test('it is listened to only while the socket runs, by one listener', async () => {
    const server = await serve(accept)
    const { signal } = new AbortController()
    const socket = new ReconnectingSocket(server.url, { signal, autoConnect: false })
    const listeners = (): number => getEventListeners(signal, 'abort').length
    expect(listeners()).toBe(0)
    for (let run = 0; run < 3; run++) {
      socket.connect()
      await socket.opened
      expect(listeners()).toBe(1)
      socket.reconnect()
      await socket.opened
      expect(listeners()).toBe(1)
      socket.close()
      await socket.closed
      expect(listeners()).toBe(0)
    }
    await nothingLeft(socket, server)
  })
})
