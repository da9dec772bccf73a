/** ReconnectingWebSocket: close(), an AbortSignal, reconnect(). */
import { once } from 'node:events'
import { describe, expect, it, vi } from 'vitest'
import { InvalidArgumentError } from '../../src/diagnostics/errors.js'
import { ReconnectingWebSocket } from '../../src/websocket/websocket.js'
import { CLOSE, serve } from '../faults/raw-server.js'
import { deadEnd, dial, next, peer, server, tick, transcript, url } from './harness.js'
import { Platform } from './platform.js'

describe('close()', () => {
  it('between connections gives error and close 1006 in a later task, and ends it', async () => {
    const socket = dial({ retry: { backoff: () => 60_000 } }, await deadEnd())
    await next(socket, 'close')
    const lines = transcript(socket)
    socket.close()
    expect([socket.readyState, lines]).toEqual([2, []])
    await next(socket, 'close')
    expect(lines).toEqual(['error 3', 'close 1006 3'])
  })

  it('in a listener of what reconnect() tells at once ends it all the same', async () => {
    const socket = dial({ WebSocket: Platform as never, retry: { decide: () => new Promise(() => {}) } })
    const lines = transcript(socket)
    Platform.last.onclose({ code: 1006, reason: '', wasClean: false })
    expect(lines).toEqual([])
    socket.addEventListener('error', () => socket.close(), { once: true })
    socket.reconnect()
    expect([socket.readyState, lines]).toEqual([2, ['error 0', 'close 1006 2']])
    await next(socket, 'close')
    expect(lines.slice(2)).toEqual(['error 3', 'close 1006 3'])
  })

  it('comes after what was sent in OPEN, also while a ping is unanswered', async () => {
    const heartbeat = { interval: 1, timeout: 60_000, message: 'ping' }
    const socket = dial({ WebSocket: Platform as never, heartbeat })
    const { last } = await Platform.open(socket)
    await expect.poll(() => last.sent).toEqual(['ping'])
    const order: unknown[] = []
    vi.spyOn(last, 'close').mockImplementation((...args) => void order.push(args))
    vi.spyOn(last, 'send').mockImplementation((data) => void order.push(data))
    for (const text of ['a', 'b']) socket.send(text)
    expect([order, socket.bufferedAmount]).toEqual([[], 2])
    socket.close(1000, 'done')
    expect([order, socket.bufferedAmount]).toEqual([['a', 'b', [1000, 'done']], 0])
    last.onclose({ code: 1000, reason: 'done', wasClean: true })
  })

  it('in the close listener of a connection that would be replaced', async () => {
    const socket = dial()
    const lines = transcript(socket)
    socket.addEventListener('close', () => socket.close(), { once: true })
    const [other] = await Promise.all([peer(), next(socket, 'open')])
    other.close(1000)
    await next(socket, 'close', true)
    expect(lines).toEqual(['open 1', 'close 1000 0', 'error 3', 'close 1006 3'])
    expect(server.clients.size).toBe(0)
  })

  it('and reconnect() by turns, while connecting, give error and close for each attempt', async () => {
    const socket = dial({ retry: { backoff: () => 60_000 } })
    const lines = transcript(socket)
    for (let i = 0; i < 2; i++) {
      socket.close()
      socket.reconnect()
    }
    socket.close()
    expect([socket.readyState, lines]).toEqual([2, []])
    await next(socket, 'close', true)
    const each = ['error 2', 'close 1006 2']
    expect(lines).toEqual([...each, ...each, 'error 3', 'close 1006 3'])
  })

  it('and then reconnect() to a URL that cannot be had give error and close for both attempts', async () => {
    const failing = async (retry: false | { backoff(): number }): Promise<string[]> => {
      let asked = 0
      const socket = dial({ retry }, () => {
        if (asked++ > 0) throw new Error('no URL')
        return url
      })
      const lines = transcript(socket)
      socket.close()
      socket.reconnect()
      await next(socket, 'close')
      await tick()
      return lines
    }
    const connecting = ['error 0', 'close 1006 0']
    expect(await failing({ backoff: () => 60_000 })).toEqual([...connecting, ...connecting])
    const closed = ['error 3', 'close 1006 3']
    expect(await failing(false)).toEqual([...closed, ...closed])
  })

  it('while `decide` is out tells, in a later task, of the end that it was asked about', async () => {
    const decide = vi.fn(() => new Promise<never>(() => {}))
    const socket = dial({ retry: { decide } })
    const lines = transcript(socket)
    const [other] = await Promise.all([peer(), next(socket, 'open')])
    other.close(4001)
    await expect.poll(() => decide).toHaveBeenCalledOnce()
    expect([socket.readyState, lines]).toEqual([0, ['open 1']])
    socket.close()
    expect([socket.readyState, lines]).toEqual([2, ['open 1']])
    await next(socket, 'close')
    await tick()
    expect(lines).toEqual(['open 1', 'close 4001 3'])
  })

  it('rounds a code to the nearest, ties to even, and sends a reason without a code as 1000', async () => {
    const seen = async (...args: [code?: number, reason?: string]): Promise<unknown> => {
      const socket = dial({ retry: false })
      const [other] = await Promise.all([peer(), next(socket, 'open')])
      const closed = once(other, 'close')
      socket.close(...args)
      const [code, reason] = (await closed) as [number, Buffer]
      return [code, String(reason)]
    }
    expect(await seen(999.5)).toEqual([1000, ''])
    expect(await seen(2999.5)).toEqual([3000, ''])
    expect(await seen(undefined, 'why')).toEqual([1000, 'why'])
    expect(await seen(undefined, '')).toEqual([1005, ''])
    const socket = dial({ retry: false })
    const invalid = expect.objectContaining({ name: 'InvalidAccessError', code: 15 })
    for (const code of [1000.6, 4999.5, Infinity, -Infinity])
      expect(() => socket.close(code)).toThrow(invalid)
    expect(() => socket.close(undefined, 'x'.repeat(124))).toThrow(
      expect.objectContaining({ name: 'SyntaxError', code: 12 }),
    )
  })
})

describe('an AbortSignal', () => {
  it('aborted before the constructor: error and close in a later task', async () => {
    const socket = dial({ signal: AbortSignal.abort() })
    const lines = transcript(socket)
    expect(socket.readyState).toBe(2)
    await next(socket, 'close')
    expect(lines).toEqual(['error 3', 'close 1006 3'])
    expect(() => socket.reconnect()).toThrow(InvalidArgumentError)
  })

  it('aborted while connecting: error and close in a later task', async () => {
    const abort = new AbortController()
    const socket = dial({ signal: abort.signal })
    const lines = transcript(socket)
    abort.abort()
    expect([socket.readyState, lines]).toEqual([2, []])
    await next(socket, 'close')
    expect(lines).toEqual(['error 3', 'close 1006 3'])
  })

  it('aborted while open: the closing handshake', async () => {
    const abort = new AbortController()
    const socket = dial({ signal: abort.signal })
    const lines = transcript(socket)
    await next(socket, 'open')
    abort.abort()
    expect(socket.readyState).toBe(2)
    await next(socket, 'close')
    expect(lines).toEqual(['open 1', 'close 1005 3'])
  })
})

describe('reconnect()', () => {
  it('replaces the connection, and what is sent meanwhile waits for the new one', async () => {
    const socket = dial()
    const lines = transcript(socket)
    const [first] = await Promise.all([peer(), next(socket, 'open')])
    const closed = once(first, 'close')
    const second = peer()
    socket.reconnect(4000, 'again')
    expect(socket.readyState).toBe(0)
    socket.send('meanwhile')
    expect((await closed).map(String)).toEqual(['4000', 'again'])
    const [data] = (await once(await second, 'message')) as [Buffer]
    expect(String(data)).toBe('meanwhile')
    expect(lines).toEqual(['open 1', 'close 4000 0', 'open 1'])
  })

  it('in a listener: it is CONNECTING from there on, and what is sent waits for the new connection', async () => {
    const socket = dial()
    const states: number[] = []
    const first = peer()
    socket.addEventListener(
      'open',
      () => {
        socket.reconnect()
        queueMicrotask(() => {
          states.push(socket.readyState)
          socket.send('meanwhile')
        })
      },
      { once: true },
    )
    await once(await first, 'close')
    const [data] = (await once(await peer(), 'message')) as [Buffer]
    expect([states, String(data)]).toEqual([[0], 'meanwhile'])
  })

  it('in a listener of what close() owes is told of after that', async () => {
    const socket = dial({ WebSocket: Platform as never, retry: { decide: () => new Promise(() => {}) } })
    const lines = transcript(socket)
    socket.close()
    socket.reconnect()
    Platform.last.onclose({ code: 1006, reason: '', wasClean: false })
    socket.addEventListener('error', () => socket.reconnect(), { once: true })
    await next(socket, 'close')
    await tick()
    expect(lines).toEqual(['error 0', 'close 1006 0', 'error 0', 'close 1006 0'])
  })

  it('away from a peer that answers the Close frame with an invalid frame, and stays', async () => {
    const raw = await serve((connection) => {
      connection.answers = 'nothing'
      void connection.accept()
      void connection.frame(CLOSE).then(() => connection.write(Buffer.from([0xff, 1, 0])))
    })
    try {
      const socket = dial(undefined, raw.url)
      const lines = transcript(socket)
      await next(socket, 'open')
      const error = next(socket, 'error')
      socket.reconnect()
      expect(((await error) as ErrorEvent).message).toContain('the connection failed')
      await next(socket, 'open')
      expect(lines).toEqual(['open 1', 'error 0', 'close 1006 0', 'open 1'])
    } finally {
      await raw.stop()
    }
  })

  it('counts what was sent after close() no more', async () => {
    const socket = dial()
    await next(socket, 'open')
    socket.close()
    socket.send('lost')
    await next(socket, 'close')
    expect(socket.bufferedAmount).toBe(4)
    socket.reconnect()
    await next(socket, 'open')
    expect(socket.bufferedAmount).toBe(0)
  })

  it('starts anew after close(), and right after it', async () => {
    const socket = dial()
    const lines = transcript(socket)
    await next(socket, 'open')
    socket.close()
    await next(socket, 'close')
    socket.reconnect()
    expect(socket.readyState).toBe(0)
    await next(socket, 'open')
    socket.close()
    socket.reconnect()
    await next(socket, 'open')
    expect(lines).toEqual(['open 1', 'close 1005 3', 'open 1', 'close 1005 3', 'open 1'])
  })

  it('after close() while connecting still gives the events that are owed', async () => {
    const socket = dial()
    const lines = transcript(socket)
    socket.close()
    socket.reconnect()
    expect(socket.readyState).toBe(0)
    await next(socket, 'open')
    expect(lines).toEqual(['error 0', 'close 1006 0', 'open 1'])
  })

  describe('quicker than the end that close() while connecting owes', () => {
    async function quick(): Promise<{ socket: ReconnectingWebSocket; lines: string[] }> {
      const socket = dial({ WebSocket: Platform })
      const lines = transcript(socket)
      socket.close()
      vi.useFakeTimers({ toFake: ['setTimeout'] })
      socket.reconnect()
      for (let turn = 0; turn < 50; turn++) await Promise.resolve()
      expect(lines).toEqual([])
      Platform.last.readyState = 1
      return { socket, lines }
    }

    it('tells it before it is open', async () => {
      const { lines } = await quick()
      Platform.last.onopen()
      expect(lines).toEqual(['error 0', 'close 1006 0', 'open 1'])
      vi.useRealTimers()
      await tick()
      expect(lines).toHaveLength(3)
    })

    it('and may be closed meanwhile', async () => {
      const { socket, lines } = await quick()
      socket.onerror = () => socket.close()
      Platform.last.onopen()
      expect([socket.readyState, lines]).toEqual([2, ['error 0', 'close 1006 2', 'open 2']])
      const closed = next(socket, 'close')
      Platform.last.onclose({ code: 1005, reason: '', wasClean: true })
      await closed
      expect(lines.at(-1)).toBe('close 1005 3')
    })
  })

  it('is taken back by close()', async () => {
    const socket = dial()
    const lines = transcript(socket)
    await next(socket, 'open')
    socket.reconnect()
    socket.close()
    expect(socket.readyState).toBe(2)
    await next(socket, 'close')
    expect([socket.readyState, lines]).toEqual([3, ['open 1', 'close 1005 3']])
  })

  it('checks its arguments as close() does', () => {
    const socket = dial()
    expect(() => socket.reconnect(1)).toThrow(expect.objectContaining({ name: 'InvalidAccessError' }))
    expect(() => socket.reconnect(1000, 'x'.repeat(124))).toThrow(
      expect.objectContaining({ name: 'SyntaxError' }),
    )
    expect([
      socket.reconnect.length,
      Object.keys(ReconnectingWebSocket.prototype).includes('reconnect'),
    ]).toEqual([0, false])
  })
})
